import asyncio

import pytest

from ops.bench.chats import Family, Moved, Result, Screens
from ops.bench.wire import Wire
from ops.plain import Stop

PIECE = "<article>How long? bench-1 and bench-2</article>"


def test_words_count_at_their_first_sight_and_only_once():
    result = Result()
    screens = Screens(result)
    assert [screens.new_words() for _ in range(3)] == ["bench-1", "bench-2", "bench-3"]
    screens.shown(PIECE, "open chat")
    screens.shown(PIECE, "list")
    assert len(result.milliseconds["open chat"]) == 2
    assert "list" not in result.milliseconds
    assert screens.missing(0) == 1
    assert screens.missing(5) == 0, "it may still be on its way"


def test_each_stream_tells_once_of_a_queue_that_moved():
    family = Family("http://127.0.0.1:9")  # Nothing is asked of it.
    result = Result()
    moved = Moved(result)
    moved.told(family)
    assert not result.milliseconds["place in the queue"]
    for _ in range(2):
        moved.now()
        moved.told(family)
        moved.told(family)
    assert len(result.milliseconds["place in the queue"]) == 2


@pytest.mark.parametrize("url", ["http://example.org:80", "http://127.0.0.1"])
def test_nothing_but_this_machine_is_put_under_load(url):
    with pytest.raises(Stop, match="not on this machine"):
        Wire(url)


class Connection:
    """A server's side of a connection, as far as the client sees it."""

    def __init__(self, *pieces: bytes) -> None:
        self.reader = asyncio.StreamReader()
        for piece in pieces:
            self.reader.feed_data(piece)
        self.reader.feed_eof()
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def connect(monkeypatch):
    """Have the next connections answer with these bytes."""

    def prepare(*connections: Connection):
        left = iter(connections)

        async def open_connection(host, port):
            found = next(left)
            return found.reader, found

        monkeypatch.setattr(asyncio, "open_connection", open_connection)

    return prepare


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: csrftoken=abc; Path=/\r\n"


async def test_cookies_come_back_with_the_next_call(connect):
    first = Connection(HEAD + b"connection: close\r\n\r\nok")
    second = Connection(HEAD + b"\r\nok")
    connect(first, second)
    wire = Wire("http://127.0.0.1:8000")
    assert (await wire.get("/console/")).text == "ok"
    await wire.submit("/staff/sign-in", {"username": "ana"})
    assert b"Cookie: csrftoken=abc" in second.sent
    assert second.sent.endswith(b"csrfmiddlewaretoken=abc&username=ana")


async def test_a_connection_that_the_server_closed_meanwhile_is_no_failure(connect):
    connect(Connection(HEAD + b"\r\nok"), Connection(HEAD + b"\r\nok"))
    wire = Wire("http://127.0.0.1:8000")
    assert [(await wire.get("/")).status for _ in range(2)] == [200, 200]


async def test_events_are_read_whole_wherever_the_pieces_are_cut(connect):
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    text = b"retry: 2000\n\nevent: list\ndata: changed\n\n: quiet\n\nevent: beat\ndata: here?\n\n"
    chunks = [text[:20], text[20:33], text[33:]]
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    connect(Connection(head, body))
    heard = [event async for event in Wire("http://127.0.0.1:8000").events("/console/stream")]
    assert heard == [("list", "changed"), ("beat", "here?")]
