"""The relay over HTTP: what is sent, what is tried again, and how every failure ends."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import yaml

from relay.client import BotUnavailable, RasaRelay, RelayLimits
from relay.contract import BotQuestion, BotReply
from tests.relay.contract_files import FOLDER, ContractCopies, exchanges, turns_with_status

COPIES = ContractCopies()
ANSWER = turns_with_status(200)["answer"]["response"]["body"]
TEXT = "my daughter Emma has a question"
QUESTION = BotQuestion(sender="abc", text=f"/{TEXT}", request_id="req-1", last_entry="study-who")
LIMITS = RelayLimits(attempt_seconds=0.2, pause_seconds=0, failures_to_open=3, open_seconds=60)

Handler = Callable[[httpx.Request], Any]


class Server:
    """Stands in for the network and counts what arrives."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[httpx.Request] = []
        self._handler = handler

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        outcome = self._handler(request)
        return await outcome if asyncio.iscoroutine(outcome) else outcome

    def relay(self, limits: RelayLimits = LIMITS) -> RasaRelay:
        """Return a relay that speaks to this server."""
        return RasaRelay("http://bot.test/", limits, transport=httpx.MockTransport(self))


def _ask(relay: RasaRelay) -> BotReply:
    return asyncio.run(relay.ask(QUESTION, COPIES))


def _failure(relay: RasaRelay) -> str:
    with pytest.raises(BotUnavailable) as caught:
        _ask(relay)
    return caught.value.kind


def _ok(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ANSWER)


def _unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


async def _never(request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError("waited for an event that nobody sets")


async def _half_an_answer() -> Any:
    yield b'{"messages": ['
    await asyncio.Event().wait()


def _dripping(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=_half_an_answer())


def _broken_off(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("peer closed connection", request=request)


def test_the_bot_stops_waiting_for_a_live_fact_before_the_desk_does() -> None:
    """Its "I cannot look that up" takes up to half a second more to be found and sent."""
    credentials = yaml.safe_load((FOLDER.parents[1] / "credentials.yml").read_text())
    waits = credentials["bot.channel.DeskInput"]["live_facts_seconds"]
    assert waits + 0.5 <= RelayLimits().attempt_seconds


def test_a_question_is_sent_as_agreed_and_neutralised() -> None:
    """Path, body and request id are the contract's, and no slash leads the text."""
    server = Server(_ok)
    reply = _ask(server.relay())
    (request,) = server.requests
    assert (request.method, request.url.path) == ("POST", "/webhooks/desk/turns")
    assert json.loads(request.content) == QUESTION.as_request(TEXT)
    assert request.headers["X-Request-ID"] == "req-1"
    assert reply.messages[0].entry == "study-result-82"


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (_unreachable, "unreachable"),
        (_broken_off, "unreachable"),
        (_never, "timeout"),
        (_dripping, "timeout"),
        (lambda r: httpx.Response(500), "broken"),
        (lambda r: httpx.Response(503), "not_ready"),
        (lambda r: httpx.Response(302, headers={"Location": "http://else.test"}), "broken"),
        (lambda r: httpx.Response(200, content=b"x" * 70_000), "broken"),
    ],
)
def test_a_bot_that_does_not_answer_is_tried_once_more(handler: Handler, kind: str) -> None:
    """Two tries, then an honest failure of the right kind."""
    server = Server(handler)
    assert _failure(server.relay()) == kind
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (lambda r: httpx.Response(400), "refused"),
        (lambda r: httpx.Response(200, content=b"[]"), "nonsense"),
        (lambda r: httpx.Response(200, content=b"garbage"), "nonsense"),
        (lambda r: httpx.Response(200, json=ANSWER | {"text": "hello"}), "nonsense"),
    ],
)
def test_a_bot_that_would_say_the_same_is_not_tried_again(handler: Handler, kind: str) -> None:
    """One try is enough where another would end alike."""
    server = Server(handler)
    assert _failure(server.relay()) == kind
    assert len(server.requests) == 1


def test_the_second_try_may_succeed() -> None:
    """A passing failure is not seen by the family."""
    outcomes = iter([httpx.Response(500), httpx.Response(200, json=ANSWER)])
    server = Server(lambda request: next(outcomes))
    assert _ask(server.relay()).messages[0].kind == "answer"
    assert len(server.requests) == 2


def test_a_bot_known_to_be_down_is_left_alone() -> None:
    """After several failures nobody waits any more."""
    server = Server(_unreachable)
    relay = server.relay()
    kinds = [_failure(relay) for _ in range(5)]
    assert kinds == ["unreachable", "unreachable", "unreachable", "circuit_open", "circuit_open"]
    assert len(server.requests) == 3 * LIMITS.attempts


def test_nonsense_does_not_make_it_count_as_down() -> None:
    """A bot of another version still answers what both know."""
    bodies = iter([b"garbage"] * 5 + [json.dumps(ANSWER).encode()])
    relay = Server(lambda request: httpx.Response(200, content=next(bodies))).relay()
    assert [_failure(relay) for _ in range(5)] == ["nonsense"] * 5
    assert _ask(relay).messages[0].kind == "answer"


@pytest.mark.parametrize("handler", [_ok, _unreachable, lambda r: httpx.Response(200, text=TEXT)])
def test_no_text_stands_in_the_log(handler: Handler, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the request id and the outcome, never a word of the visitor."""
    caplog.set_level(logging.DEBUG)
    relay = Server(handler).relay()
    said = ""
    try:
        _ask(relay)
    except BotUnavailable as error:
        said = str(error)
    ours = [record for record in caplog.records if record.name.startswith("relay")]
    assert any("req-1" in record.getMessage() for record in ours)
    assert "Emma" not in caplog.text + said


def test_readiness_names_the_versions() -> None:
    """A ready bot is known by its versions."""
    ready = exchanges()["ready"]
    server = Server(lambda request: httpx.Response(200, json=ready["response"]["body"]))
    readiness = asyncio.run(server.relay().readiness())
    assert readiness.knowledge_version == ready["response"]["body"]["knowledge_version"]
    assert server.requests[0].url.path == ready["request"]["path"]


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (lambda r: httpx.Response(503), "not_ready"),
        (lambda r: httpx.Response(200, text="Hello from Rasa: 3.6.21"), "nonsense"),
        (_unreachable, "unreachable"),
        (_never, "timeout"),
    ],
)
def test_a_bot_that_is_not_ready_is_told_apart(handler: Handler, kind: str) -> None:
    """Readiness fails with its reason, and is not tried twice."""
    server = Server(handler)
    with pytest.raises(BotUnavailable) as caught:
        asyncio.run(server.relay().readiness())
    assert caught.value.kind == kind
    assert len(server.requests) == 1


def test_forgetting_reaches_the_bot() -> None:
    """The bot session is named in the path, whatever it contains."""
    server = Server(lambda request: httpx.Response(204))
    asyncio.run(server.relay().forget("abc/../x"))
    (request,) = server.requests
    assert request.method == "DELETE"
    assert request.url.raw_path == b"/webhooks/desk/conversations/abc%2F..%2Fx"


def test_forgetting_that_fails_is_reported() -> None:
    """Whoever erases has to know, so that it can be done again."""
    server = Server(lambda request: httpx.Response(500))
    with pytest.raises(BotUnavailable):
        asyncio.run(server.relay().forget("abc"))
