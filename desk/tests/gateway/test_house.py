"""The gateway as real processes: a bot that misbehaves, a desk killed in mid-turn, open streams."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import service_or_skip
from tests.gateway.sse import Event, events
from tests.house import House, house

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])]
PATIENCE_SECONDS = 40.0


class Visitor:
    """A visitor's front end over real HTTP."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_SECONDS)
        self.path = ""

    async def open(self) -> None:
        """Open a conversation."""
        opened = (await self.http.post("/api/v1/conversations", json={"consent": True})).json()
        self.path = f"/api/v1/conversations/{opened['id']}"
        self.http.headers["Authorization"] = f"Bearer {opened['token']}"

    async def say(self, text: str, client_id: str = "") -> httpx.Response:
        """Send a message."""
        body = {"client_id": client_id or str(uuid.uuid4()), "text": text}
        return await self.http.post(f"{self.path}/messages", json=body)

    async def told(self) -> list[dict[str, Any]]:
        """Read the conversation."""
        found: list[dict[str, Any]] = (
            await self.http.get(f"{self.path}/messages?limit=200")
        ).json()["messages"]
        return found


type Enter = Callable[[House], Awaitable[Visitor]]


@pytest.fixture
async def enter() -> AsyncIterator[Enter]:
    """Lets visitors in, and sees them out when the test ends."""
    inside: list[Visitor] = []

    async def let_in(built: House) -> Visitor:
        visitor = Visitor(built.url)
        inside.append(visitor)
        await visitor.open()
        return visitor

    yield let_in
    for visitor in inside:
        await visitor.http.aclose()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for all tests that break nothing in it."""
    with house(tmp_path_factory.mktemp("house"), RATE_LIMIT="off") as built:
        yield built


@pytest.mark.parametrize(
    ("mode", "tries"),
    [
        ("slow", 2),
        ("half", 2),
        ("error", 2),
        ("not ready", 2),
        ("garbage", 1),
        ("wrong version", 1),
        ("unknown entry", 1),
        ("text", 1),
    ],
)
async def test_a_bot_that_misbehaves_ends_in_an_honest_notice(
    mode: str, tries: int, tmp_path: Path, shared: House, enter: Enter
) -> None:
    """201 within seconds, a notice with the way to a person, and the repeat asks nothing."""
    visitor = await enter(shared)
    client_id = str(uuid.uuid4())
    asked = len(shared.asked())
    shared.set_mode(mode)
    try:
        started_at = time.monotonic()
        answer = await visitor.say("the study", client_id)
        assert time.monotonic() - started_at < 10
    finally:
        shared.set_mode("answer")
    assert answer.status_code == 201
    (notice,) = answer.json()["replies"]
    assert (notice["kind"], notice["sender"]) == ("notice", "system")
    assert "handoff" in [choice["id"] for choice in notice["choices"]]
    again = await visitor.say("the study", client_id)
    assert (again.status_code, again.content) == (200, answer.content)
    assert len(shared.asked()) == asked + tries
    recovered = await visitor.say("the study")
    assert recovered.json()["replies"][0]["kind"] == "answer"


async def test_a_bot_that_is_killed_and_comes_back(tmp_path: Path, enter: Enter) -> None:
    """Families get a notice while it is away, and answers as soon as it is back."""
    with house(tmp_path, RATE_LIMIT="off") as built:
        visitor = await enter(built)
        assert (await visitor.say("the study")).json()["replies"][0]["kind"] == "answer"
        built.kill("bot")
        for _ in range(7):  # More than it takes to stop trying.
            answer = await visitor.say("the study")
            assert answer.status_code == 201
            assert answer.json()["replies"][0]["kind"] == "notice"
        ready = await visitor.http.get("/readyz")
        assert (ready.status_code, ready.json()["bot"]) == (200, "down")
        started_at = time.monotonic()
        await visitor.say("the study")
        assert time.monotonic() - started_at < 1.5, "nobody waits for a bot known to be down"
        built.start_bot()
        deadline = time.monotonic() + PATIENCE_SECONDS
        kind = ""
        while kind != "answer" and time.monotonic() < deadline:
            kind = (await visitor.say("the study")).json()["replies"][0]["kind"]
            await asyncio.sleep(0.5)
        assert kind == "answer"


async def test_a_desk_killed_in_mid_turn_leaves_nothing_lost_or_doubled(
    tmp_path: Path, enter: Enter
) -> None:
    """The worker ends the turn; the repeat of the lost call gets its body and asks nothing."""
    with house(tmp_path, RATE_LIMIT="off") as built:
        visitor = await enter(built)
        built.set_mode("slow")
        client_id = str(uuid.uuid4())
        lost = asyncio.create_task(visitor.say("the study", client_id))
        await asyncio.to_thread(built.wait_until_asked)
        built.kill("desk")
        with pytest.raises(httpx.HTTPError):
            await lost
        built.set_mode("answer")
        built.start_worker()
        built.start_desk()
        deadline = time.monotonic() + PATIENCE_SECONDS
        told = await visitor.told()
        while len(told) < 3 and time.monotonic() < deadline:
            await asyncio.sleep(0.3)
            told = await visitor.told()
        assert [(m["sender"], m["kind"]) for m in told[1:]] == [
            ("visitor", "text"),
            ("bot", "answer"),
        ]
        asked = len(built.asked())
        again = await visitor.say("the study", client_id)
        assert again.status_code == 200
        assert again.json()["replies"] == told[2:]
        assert len(built.asked()) == asked
        assert await visitor.told() == told


async def _read_stream(
    visitor: Visitor, until: int, last_event_id: int = 0, at_most: int = 10_000
) -> list[Event]:
    seen: list[Event] = []
    headers = {"Last-Event-ID": str(last_event_id)}
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        visitor.http.stream("GET", f"{visitor.path}/stream", headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        async for event in events(response.aiter_bytes()):
            seen.append(event)
            numbers = [int(e.id or 0) for e in seen if e.name == "message"]
            if numbers and (numbers[-1] >= until or len(numbers) >= at_most):
                break
    return seen


async def test_streams_over_real_http_lose_and_double_nothing(shared: House, enter: Enter) -> None:
    """With writers at work, and readers that break off and resume all the time."""
    visitor = await enter(shared)
    count = 12
    last = 1 + 2 * count

    async def follow() -> list[int]:
        numbers: list[int] = []
        while not numbers or numbers[-1] < last:
            seen = await _read_stream(visitor, last, numbers[-1] if numbers else 0, at_most=3)
            numbers += [int(e.id or 0) for e in seen if e.name == "message"]
        return numbers

    _, *followed = await asyncio.gather(
        asyncio.gather(*(visitor.say(f"the study {n}") for n in range(count))), follow(), follow()
    )
    assert followed == [list(range(1, last + 1))] * 2


async def test_streams_that_clients_drop_are_given_up(shared: House, enter: Enter) -> None:
    """Far more of them than may be open at once, one after the other."""
    visitor = await enter(shared)
    for _ in range(30):
        seen = await _read_stream(visitor, 1)
        assert seen[0].name == "state"


async def test_a_stream_hears_of_what_another_process_wrote(shared: House, enter: Enter) -> None:
    """A second desk on the same database: the feed looks for what no push told of."""
    visitor = await enter(shared)
    other = House(shared.folder, {"RATE_LIMIT": "off"}, bot_port=shared.bot_port)
    try:
        other.start_desk()
        reading = asyncio.create_task(_read_stream(visitor, 3))
        await asyncio.sleep(0.5)
        body = {"client_id": str(uuid.uuid4()), "text": "the study"}
        elsewhere = await visitor.http.post(f"{other.url}{visitor.path}/messages", json=body)
        assert elsewhere.status_code == 201
        seen = await reading
        assert [e.id for e in seen if e.name == "message"] == ["1", "2", "3"]
    finally:
        other.stop()


async def test_the_same_client_id_on_two_desks_is_asked_once(shared: House, enter: Enter) -> None:
    """The lease holds between processes too."""
    visitor = await enter(shared)
    other = House(shared.folder, {"RATE_LIMIT": "off"}, bot_port=shared.bot_port)
    try:
        other.start_desk()
        asked = len(shared.asked())
        body = {"client_id": str(uuid.uuid4()), "text": "the study"}
        answers = await asyncio.gather(
            *(
                visitor.http.post(f"{desk.url}{visitor.path}/messages", json=body)
                for desk in (shared, other) * 4
            )
        )
        assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
        assert len({a.content for a in answers}) == 1
        assert len(shared.asked()) == asked + 1
    finally:
        other.stop()


@pytest.mark.redis
async def test_redis_wakes_the_streams_of_other_processes_at_once(
    tmp_path: Path, enter: Enter
) -> None:
    """Well before the feed would have looked."""
    redis_url = service_or_skip("TEST_REDIS_URL", "Redis")
    with house(tmp_path, RATE_LIMIT="off", REDIS_URL=redis_url) as built:
        other = House(built.folder, built.settings, bot_port=built.bot_port)
        try:
            other.start_desk()
            visitor = await enter(built)
            assert (await visitor.http.get("/readyz")).json()["stream"] == "ok"
            body = {"client_id": str(uuid.uuid4()), "text": "the study"}
            delays = []
            for turn in range(5):
                reading = asyncio.create_task(_read_stream(visitor, 3 + 2 * turn, 1 + 2 * turn))
                await asyncio.sleep(1.2)
                body["client_id"] = str(uuid.uuid4())
                await visitor.http.post(f"{other.url}{visitor.path}/messages", json=body)
                written_at = time.monotonic()
                await reading
                delays.append(time.monotonic() - written_at)
            assert sorted(delays)[2] < 0.4, delays
        finally:
            other.stop()
