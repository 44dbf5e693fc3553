"""The event stream: the present state first, then everything, once and in order."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import ThreadSensitiveContext
from django.db import OperationalError
from django.http import StreamingHttpResponse
from django.utils import timezone

from conversations import services
from conversations.models import Control, Conversation
from conversations.services import unit
from conversations.stream import listen
from gateway import calls_stream, presence
from relay.fake import FakeRelay
from tests.gateway.api_client import Api, check_schema, going_on_elsewhere, open_api
from tests.gateway.database import claimed, conversation, in_database, reply, specialist
from tests.gateway.sse import Event, events

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]
PATIENCE_SECONDS = 10.0


class Reader:
    """An open stream and what it brought so far."""

    def __init__(self, response: StreamingHttpResponse) -> None:
        self.response = response
        self.seen: list[Event] = []
        self._events = events(response.streaming_content)

    async def next(self) -> Event:
        """Return the next event."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            event = await anext(self._events)
        self.seen.append(event)
        return event

    async def until(self, name: str, **data: object) -> Event:
        """Return the next event of that name whose data has these values."""
        while True:
            event = await self.next()
            if event.name == name and all(event.data.get(k) == v for k, v in data.items()):
                return event

    @property
    def numbers(self) -> list[int]:
        """The numbers of all messages so far."""
        return [int(event.id or 0) for event in self.seen if event.name == "message"]

    async def close(self) -> None:
        """Close it as a browser that goes away."""
        await self._events.aclose()
        await self.response.streaming_content.aclose()
        self.response.close()


@asynccontextmanager
async def reading(
    api: Api, query: str = "", headers: dict[str, str] | None = None
) -> AsyncIterator[Reader]:
    """Have an open stream."""
    async with ThreadSensitiveContext():
        response = await api.client.get(
            f"/api/v1/conversations/{api.id}/stream{query}",
            headers={"Authorization": f"Bearer {api.token}", **(headers or {})},
        )
    assert response.status_code == 200, response.content
    reader = Reader(response)
    try:
        yield reader
    finally:
        await reader.close()


async def test_the_present_state_comes_first_then_all_messages() -> None:
    """A stream from the start holds the whole conversation."""
    api = await open_api()
    await api.say("the study")
    async with reading(api) as stream:
        assert stream.response["Content-Type"] == "text/event-stream"
        assert "no-cache" in stream.response["Cache-Control"]
        assert stream.response["X-Accel-Buffering"] == "no"
        first = await stream.next()
        assert (first.name, first.id) == ("state", None)
        assert first.data == (await api.get("…")).body
        told = await api.told()
        for message in told:
            event = await stream.next()
            assert (event.name, event.id, event.data) == ("message", str(message["seq"]), message)
            check_schema(event.data, {"$ref": "#/components/schemas/MessageOut"})


async def test_what_is_said_later_comes_as_it_is_said() -> None:
    """A push is a hint; the event carries what the database has."""
    api = await open_api()
    async with reading(api, "?after=1") as stream:
        await stream.until("state")
        answer = await api.say("the study")
        message = await stream.until("message")
        assert message.data == answer["message"]
        assert (await stream.until("message")).data == answer["replies"][0]
        assert stream.numbers == [2, 3]


@pytest.mark.parametrize("how", ["header", "query", "both"])
async def test_a_stream_resumes_by_number(how: str) -> None:
    """`Last-Event-ID` or `after`; the header is the fresher of the two."""
    api = await open_api()
    for _ in range(3):
        await api.say("hello")
    query = {"header": "", "query": "?after=5", "both": "?after=1"}[how]
    headers = {} if how == "query" else {"Last-Event-ID": "5"}
    async with reading(api, query, headers) as stream:
        await stream.until("message", seq=7)
        assert stream.numbers == [6, 7]


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "99999999999999999999"])
async def test_a_wrong_resume_number_is_refused(value: str) -> None:
    """422, in the header as in the address."""
    api = await open_api()
    assert (await api.get(f"…/stream?after={value}")).status == 422
    assert (await api.get("…/stream", headers={"Last-Event-ID": value})).status == 422


async def test_changes_of_control_are_told() -> None:
    """`state` without an id at each change, and not for every message."""
    someone = await specialist("ana")
    api = await open_api()
    async with reading(api) as stream:
        await stream.until("state", state="bot")
        await api.say("hello")
        await api.say("a person please")
        queued = await stream.until("state", state="queued")
        assert (queued.id, queued.data["queue_position"]) == (None, 1)
        await claimed(api.id, someone)
        joined = await stream.until("state", state="with_specialist")
        assert joined.data["specialist"] == {"name": "Ana"}
        await reply(api.id, someone, "hello", str(uuid.uuid4()))
        await stream.until("message", sender="specialist")
        await api.post("…/close")
        await stream.until("state", state="closed")
    states = [event.data["state"] for event in stream.seen if event.name == "state"]
    assert states == ["bot", "queued", "with_specialist", "closed"]


async def test_who_waits_is_told_of_each_move_without_another_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The place comes from the line, which all who wait share; the conversation is as before."""
    someone = await specialist("ana")
    families = [await open_api() for _ in range(3)]
    for each in families:
        await each.say("a person please")
    first, second, third = families
    looks: list[object] = []
    look = calls_stream._look

    def counted(*args: object) -> object:
        looks.append(args)
        return look(*args)

    async with reading(third) as stream:
        await stream.until("state", queue_position=3)
        await claimed(first.id, someone)
        await stream.until("state", queue_position=2)
        monkeypatch.setattr(calls_stream, "_look", counted)
        await claimed(second.id, someone)
        moved = await stream.until("state", queue_position=1)
        assert looks == []
        assert moved.data == (await third.get("…")).body
        await claimed(third.id, someone)
        await stream.until("state", state="with_specialist")


async def test_typing_of_the_other_side_is_told() -> None:
    """The specialist's, with the name; never the visitor's own."""
    someone = await specialist("ana")
    api = await open_api()
    await api.say("a person please")
    await claimed(api.id, someone)
    async with reading(api) as stream:
        await stream.until("state")
        await api.post("…/typing")
        await in_database(services.note_typing, api.id, by=someone)
        typing = await stream.until("typing")
        assert typing.id is None
        assert typing.data == {
            "sender": "specialist",
            "author": {"name": "Ana"},
            "is_typing": True,
        }


async def test_a_quiet_stream_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment every so often keeps it open."""
    assert calls_stream.QUIET_SECONDS == 15
    monkeypatch.setattr(calls_stream, "QUIET_SECONDS", 0.2)
    api = await open_api()
    async with reading(api, "?after=1") as stream:
        await stream.until("state")
        await stream.next()
        await stream.next()
        assert [event.name for event in stream.seen] == ["state", "comment", "comment"]


async def test_a_quiet_stream_looks_for_itself_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sign of life costs no look at the database; what nobody told of is found all the same."""
    monkeypatch.setattr(calls_stream, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(listen, "_look", lambda: ({}, ()))  # A feed that tells of nothing.
    api = await open_api()
    async with reading(api, "?after=1") as stream:
        await stream.until("state")
        found = Conversation.objects.filter(pk=api.id)
        await found.aupdate(control=Control.QUEUE, queued_at=timezone.now())
        for _ in range(3):
            assert (await stream.next()).name == "comment"
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 90)
        monkeypatch.setattr(calls_stream, "time", later)
        await stream.until("state", state="queued")


async def test_a_stream_ends_when_its_token_is_revoked_or_all_is_erased() -> None:
    """Whoever holds an old token sees nothing more."""
    api = await open_api()
    async with reading(api) as first_stream:
        await first_stream.until("message")
        second = await going_on_elsewhere(api)
        with pytest.raises(StopAsyncIteration):
            await first_stream.until("message")
    async with reading(second) as second_stream:
        await second_stream.until("message")
        assert (await second.call("DELETE", "…")).status == 204
        with pytest.raises(StopAsyncIteration):
            await second_stream.until("message")


async def test_every_tab_gets_everything() -> None:
    """Two streams of one conversation bring the same."""
    api = await open_api()
    async with reading(api) as one, reading(api) as other:
        await one.until("state")
        await other.until("state")
        await api.say("hello")
        await one.until("message", seq=3)
        await other.until("message", seq=3)
        assert one.numbers == other.numbers == [1, 2, 3]


async def test_too_many_streams_of_one_conversation_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """429, until another one closes."""
    monkeypatch.setattr(calls_stream, "MOST_STREAMS_A_CONVERSATION", 1)
    api = await open_api()
    async with reading(api) as stream:
        await stream.next()
        refused = await api.get("…/stream")
        assert (refused.status, refused.problem) == (429, "rate-limited")
    async with reading(api) as stream:
        await stream.next()


async def test_nothing_is_lost_or_doubled_under_many_writers(relay: FakeRelay) -> None:
    """Visitor, bot and safety write at once; streams break off and resume; all is there once."""
    api = await open_api()
    messages = 24

    async def write() -> None:
        await asyncio.gather(*(api.say(f"hello {number}") for number in range(messages)))

    async def follow() -> list[int]:
        numbers: list[int] = []
        last = 1 + 2 * messages
        while not numbers or numbers[-1] < last:
            headers = {"Last-Event-ID": str(numbers[-1])} if numbers else {}
            async with reading(api, headers=headers) as stream:
                # Breaks off after a few, in the middle of everything.
                while len(stream.numbers) < 5 and (not stream.numbers or stream.numbers[-1] < last):
                    await stream.until("message")
            numbers += stream.numbers
        return numbers

    async with asyncio.timeout(60):
        _, *followed = await asyncio.gather(write(), follow(), follow())
    expected = list(range(1, 2 + 2 * messages))
    assert followed == [expected, expected]
    assert [message["seq"] for message in await api.told()] == expected


@pytest.fixture
def leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page counts as left as soon as it is gone."""
    monkeypatch.setattr(presence, "AWAY_SECONDS", 0.0)


async def _queued() -> Api:
    await specialist()
    api = await open_api()
    assert (await api.post("…/handoff", {"client_id": str(uuid.uuid4())}))["state"] == "queued"
    return api


async def _is_left(api: Api, *, in_the_end: bool) -> bool:
    """Whether a family's page counts as left, once that is so or patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (is_left := (await conversation(api.id)).page_left_at is not None) != in_the_end:
        if time.monotonic() > end:
            break
        await asyncio.sleep(0.02)
    return is_left


@pytest.mark.usefixtures("leaves_at_once")
async def test_staff_learn_that_the_page_of_a_waiting_family_is_gone_and_back() -> None:
    """One change at going and one at coming back; a page that stays open changes nothing."""
    api = await _queued()
    before = (await conversation(api.id)).change_seq
    async with reading(api) as stream:
        await stream.until("state", state="queued")
    assert await _is_left(api, in_the_end=True)
    assert (await conversation(api.id)).change_seq == before + 1
    async with reading(api) as stream:
        await stream.until("state", state="queued")
        assert not await _is_left(api, in_the_end=False)
        assert (await conversation(api.id)).change_seq == before + 2


@pytest.mark.usefixtures("leaves_at_once")
async def test_a_page_that_asks_without_a_stream_is_open() -> None:
    """Where proxies hold streams back, pages ask where they stand."""
    api = await _queued()
    async with reading(api) as stream:
        await stream.until("state")
    assert await _is_left(api, in_the_end=True)
    assert (await api.get("…")).status == 200
    assert not await _is_left(api, in_the_end=False)


async def test_a_page_that_was_back_counts_as_left_from_its_last_going() -> None:
    """A reload shortly before does not make it gone sooner, nor for longer than it is."""
    api = await _queued()
    key, going = uuid.UUID(api.id), timezone.now()
    later = going + timedelta(seconds=12)
    calls_stream._watch_for_return(key, going)
    calls_stream._watch_for_return(key, later)
    await calls_stream._note_left(key, going)
    assert (await conversation(api.id)).page_left_at is None
    await calls_stream._note_left(key, later)
    assert (await conversation(api.id)).page_left_at == later


async def test_a_page_that_goes_on_asking_has_not_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two streams that bring nothing it asks; once it asks no more, it has left."""
    watched = []
    monkeypatch.setattr(calls_stream, "_watch_for_return", lambda key, _: watched.append(key))
    api = await _queued()
    key = uuid.UUID(api.id)
    await api.get("…")
    await calls_stream._note_left(key, timezone.now())
    assert (await conversation(api.id)).page_left_at is None
    assert watched == [key]
    later = time.monotonic() + presence.AWAY_SECONDS
    monkeypatch.setattr(presence, "time", SimpleNamespace(monotonic=lambda: later))
    await calls_stream._note_left(key, timezone.now())
    assert (await conversation(api.id)).page_left_at is not None
    assert watched == [key]


def test_only_who_asked_lately_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house that runs for months does not keep every chat in mind."""
    monkeypatch.setattr(presence, "_asked_at", {})
    now = 1000.0
    monkeypatch.setattr(presence, "time", SimpleNamespace(monotonic=lambda: now))
    first, second = uuid.uuid4(), uuid.uuid4()
    presence.note_asked(first)
    now += presence.AWAY_SECONDS - 1
    presence.note_asked(second)
    assert presence.asked_lately(first)
    now += 2
    presence.note_asked(second)
    assert list(presence._asked_at) == [second]


@pytest.mark.usefixtures("leaves_at_once")
async def test_a_busy_database_ends_no_stream_and_no_reading(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only the note is missing, and the log says so."""

    def busy(*_: object) -> None:
        raise OperationalError("database is locked")

    async def logged() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                await asyncio.sleep(0.02)
                if "a page could not be noted" in caplog.messages:
                    return caplog.clear()

    api = await _queued()
    await in_database(services.note_page_left, uuid.UUID(api.id), timezone.now())
    monkeypatch.setattr(services, "note_page_open", busy)
    monkeypatch.setattr(services, "note_page_left", busy)
    assert (await api.get("…")).status == 200
    await logged()
    async with reading(api) as stream:
        await stream.until("state", state="queued")
        await stream.until("message")
        await logged()
    await logged()


async def test_a_page_that_is_open_elsewhere_takes_a_wrong_note_back() -> None:
    """Another process sees its own streams alone."""
    api = await _queued()
    async with reading(api) as stream:
        await stream.until("state")
        await in_database(services.note_page_left, uuid.UUID(api.id), timezone.now())
        on = asyncio.ensure_future(stream.until("state", state="closed"))
        assert not await _is_left(api, in_the_end=False)
        await api.post("…/close")
        await on


async def test_a_page_is_not_left_while_another_one_is_open() -> None:
    """Reloads and several tabs."""
    api = await _queued()
    async with reading(api):
        await calls_stream._note_left(uuid.UUID(api.id), timezone.now())
        assert (await conversation(api.id)).page_left_at is None


@pytest.mark.usefixtures("leaves_at_once")
async def test_a_page_that_left_the_bot_is_told_to_whoever_takes_over() -> None:
    """The many who never ask for a person wake nobody, at going and at coming back."""
    someone = await specialist()
    api = await open_api()
    before = (await conversation(api.id)).change_seq
    async with reading(api) as stream:
        await stream.until("state")
    assert await _is_left(api, in_the_end=True)
    async with reading(api) as stream:
        await stream.until("state")
        assert not await _is_left(api, in_the_end=False)
    assert await _is_left(api, in_the_end=True)
    assert (await conversation(api.id)).change_seq == before
    await in_database(services.take_over_conversation, api.id, specialist=someone)
    assert await _is_left(api, in_the_end=True)


async def test_a_page_that_left_a_talk_is_news_to_its_holder_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lists of all others show no difference, at going and at coming back."""
    woken: list[object] = []
    someone = await specialist()
    api = await _queued()
    await claimed(api.id, someone)
    monkeypatch.setattr(unit.stream, "wake_queue", lambda: woken.append("all"))
    monkeypatch.setattr(unit.stream, "wake_talks", woken.append)
    before = (await conversation(api.id)).change_seq
    await in_database(services.note_page_left, uuid.UUID(api.id), timezone.now())
    await in_database(services.note_page_open, uuid.UUID(api.id))
    assert woken == [someone.pk, someone.pk]
    assert (await conversation(api.id)).change_seq == before + 2


async def test_a_chat_that_is_closed_has_left_no_page() -> None:
    """Nobody is told how long ago a family left what is over, nor when it leaves after that."""
    someone = await specialist()
    api = await _queued()
    await claimed(api.id, someone)
    await in_database(services.note_page_left, uuid.UUID(api.id), timezone.now())
    assert await _is_left(api, in_the_end=True)
    await in_database(services.close_conversation, api.id, by="visitor")
    await in_database(services.note_page_left, uuid.UUID(api.id), timezone.now())
    assert (await conversation(api.id)).page_left_at is None
