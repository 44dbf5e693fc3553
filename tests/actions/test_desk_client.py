"""The thin client of the desk, against a real socket on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from actions.clients.desk import DeskUnavailable, ServiceState, read_service_state
from actions.live_facts import open_response, wait_response

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
OPEN = {"is_open": True, "is_staffed": True, "opens_at": None, "wait_minutes": [1, 3]}


@asynccontextmanager
async def desk(body: bytes, status: int = 200, delay: float = 0.0) -> AsyncIterator[str]:
    """Serve one answer to every request, as a desk would or would not."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(delay)
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}"


async def test_reads_the_service_state() -> None:
    body = json.dumps({"service": OPEN, "organisation": {}}).encode()
    async with desk(body) as url:
        state = await read_service_state(url)
    assert state == ServiceState(True, True, None, (1, 3))


async def test_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(json.dumps({"service": OPEN}).encode()) as url:
        monkeypatch.setenv("DESK_URL", url)
        assert (await read_service_state()).is_open


async def test_an_unknown_wait_is_none() -> None:
    body = json.dumps({"service": OPEN | {"wait_minutes": None}}).encode()
    async with desk(body) as url:
        assert (await read_service_state(url)).wait_minutes is None


@pytest.mark.parametrize("is_verified", [True, False])
async def test_only_an_opening_that_families_may_be_told_counts(is_verified: bool) -> None:
    opening = {"opens_at": "2026-11-23T14:00:00Z", "hours_verified": is_verified}
    body = json.dumps({"service": OPEN | {"is_open": False} | opening}).encode()
    async with desk(body) as url:
        assert bool((await read_service_state(url)).opens_at) is is_verified


@pytest.mark.parametrize(
    ("opens_at", "said"),
    [(None, "utter_nobody_now"), ("2026-11-23T16:00:00Z", "utter_closed_now")],
)
async def test_a_sudden_closing_is_obeyed_while_people_are_still_there(
    opens_at: str | None, said: str
) -> None:
    # As the desk tells a closing without and with an end: `desk/tests/gateway/test_service.py`.
    closing = {"is_open": False, "opens_at": opens_at, "hours_verified": True, "wait_minutes": None}
    told = {"closure": {"message": "Our phones are down.", "until": opens_at}}
    body = json.dumps({"service": OPEN | closing | told}).encode()
    async with desk(body) as url:
        state = await read_service_state(url)
    assert (open_response(state), wait_response(state)) == (said, said)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"service": {}}',
        b'{"service": {"is_open": true}}',
        b'{"service": null}',
        b'{"service": []}',
        b'{"service": {"is_open": true, "is_staffed": true, "wait_minutes": [5]}}',
    ],
)
async def test_anything_but_a_service_state_is_unavailable(body: bytes) -> None:
    async with desk(body) as url:
        with pytest.raises(DeskUnavailable):
            await read_service_state(url)


async def test_an_error_status_is_unavailable() -> None:
    async with desk(json.dumps({"service": OPEN}).encode(), status=503) as url:
        with pytest.raises(DeskUnavailable):
            await read_service_state(url)


async def test_nobody_listening_is_unavailable() -> None:
    async with desk(b"") as url:
        pass
    with pytest.raises(DeskUnavailable):
        await read_service_state(url)


async def test_a_slow_desk_is_given_up_in_time() -> None:
    async with desk(json.dumps({"service": OPEN}).encode(), delay=0.6) as url:
        started = asyncio.get_running_loop().time()
        with pytest.raises(DeskUnavailable):
            await read_service_state(url, seconds=0.1)
        assert asyncio.get_running_loop().time() - started < 0.5
