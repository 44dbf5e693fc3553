"""Speaks to the bot over HTTP, with short time limits and without trusting the answer."""

import asyncio
import logging
import time
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote

import httpx

from relay.breaker import CircuitBreaker
from relay.contract import (
    ApprovedCopies,
    BotQuestion,
    BotReadiness,
    BotReply,
    NonsenseReply,
    parse_readiness,
    parse_reply,
)
from relay.neutralise import neutralise

logger = logging.getLogger(__name__)

FailureKind = Literal[
    "unreachable", "timeout", "refused", "broken", "not_ready", "nonsense", "circuit_open"
]


@dataclass(frozen=True)
class RelayLimits:
    """How long and how often the bot is asked.

    A turn takes the bot some ten milliseconds; two seconds are a hundred turns in front of it.
    They are more than the bot itself waits for a live fact (`credentials.yml`).
    A family that has waited four seconds is better served by an honest notice than by more waiting.
    """

    connect_seconds: float = 1.0
    attempt_seconds: float = 2.0
    pause_seconds: float = 0.1
    attempts: int = 2
    failures_to_open: int = 5
    open_seconds: float = 5.0
    largest_answer_bytes: int = 64 * 1024


class BotUnavailable(Exception):
    """The bot gave no usable reply.

    Attributes:
        kind: what went wrong, one of `FailureKind`; stored as the failure of the turn.
    """

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind: FailureKind = kind


class Relay(Protocol):
    """What the rest of the desk may ask of a bot."""

    async def ask(self, question: BotQuestion, copies: ApprovedCopies) -> BotReply:
        """Return what the bot chose; raises BotUnavailable."""
        ...

    async def readiness(self) -> BotReadiness:
        """Return what the bot says of itself; raises BotUnavailable."""
        ...

    async def forget(self, sender: str) -> None:
        """Make the bot forget a bot session; raises BotUnavailable."""
        ...


class RasaRelay:
    """The relay of a running house.

    Args:
        base_url: where Rasa listens, without a path.
        limits: time limits and tries.
        transport: in place of the network; for tests.
    """

    def __init__(
        self,
        base_url: str,
        limits: RelayLimits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._limits = limits or RelayLimits()
        self._transport = transport
        self._breaker = CircuitBreaker(self._limits.failures_to_open, self._limits.open_seconds)
        # A connection belongs to the loop it was opened in; server, worker and tests have one each.
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            weakref.WeakKeyDictionary()
        )

    async def ask(self, question: BotQuestion, copies: ApprovedCopies) -> BotReply:
        """Ask about one message of a visitor.

        One more try follows a failure to answer: a turn is a function of text and metadata, so
        asking again changes nothing in the bot. A reply that breaks the contract is not asked for
        again, since it would be the same.

        Returns:
            What the bot chose, checked against the desk's approved texts.

        Raises:
            BotUnavailable: no usable reply within the time limits.
        """
        started_at = time.monotonic()
        try:
            body = await self._with_tries(lambda: self._post_turn(question))
            reply = parse_reply(body, copies)
        except NonsenseReply as error:
            self._note(question, started_at, f"nonsense, {error}")
            raise BotUnavailable("nonsense", str(error)) from None
        except BotUnavailable as error:
            self._note(question, started_at, str(error))
            raise
        self._note(question, started_at, "answered")
        return reply

    async def readiness(self) -> BotReadiness:
        """Return the versions of a bot that is ready.

        Raises:
            BotUnavailable: it is not, or does not say so in the agreed form.
        """
        body = await self._send(self._client(), "GET", "/webhooks/desk/", expected=200)
        try:
            return parse_readiness(body)
        except NonsenseReply as error:
            raise BotUnavailable("nonsense", str(error)) from None

    async def forget(self, sender: str) -> None:
        """Make the bot forget everything it holds for a bot session.

        Args:
            sender: the bot-session id.

        Raises:
            BotUnavailable: it could not be told; the caller tries again later.
        """
        path = f"/webhooks/desk/conversations/{quote(sender, safe='')}"
        # Called from loops that live for this one call, which could not close a kept connection.
        async with self._new_client() as client:
            await self._send(client, "DELETE", path, expected=204)

    async def _post_turn(self, question: BotQuestion) -> bytes:
        content = question.as_request(neutralise(question.text))
        headers = {"X-Request-ID": question.request_id}
        return await self._send(
            self._client(),
            "POST",
            "/webhooks/desk/turns",
            expected=200,
            json=content,
            headers=headers,
        )

    async def _with_tries(self, attempt: Callable[[], Awaitable[bytes]]) -> bytes:
        if not self._breaker.allows_try():
            raise BotUnavailable("circuit_open")
        for is_last in [False] * (self._limits.attempts - 1) + [True]:
            try:
                body = await attempt()
            except BotUnavailable as error:
                if error.kind == "refused":
                    # It works and does not like the question: asking again would not help.
                    self._breaker.record_success()
                    raise
                if is_last:
                    self._breaker.record_failure()
                    raise
                await asyncio.sleep(self._limits.pause_seconds)
            else:
                break
        self._breaker.record_success()
        return body

    async def _send(
        self, client: httpx.AsyncClient, method: str, path: str, *, expected: int, **parts: Any
    ) -> bytes:
        try:
            # The client's own limits are per piece; a bot that drips must not hold a family up.
            async with asyncio.timeout(self._limits.attempt_seconds):
                async with client.stream(method, self._base_url + path, **parts) as answer:
                    body = await self._read(answer)
        except TimeoutError:
            raise BotUnavailable("timeout") from None
        except httpx.TimeoutException as error:
            kind: FailureKind = (
                "unreachable" if isinstance(error, httpx.ConnectTimeout) else "timeout"
            )
            raise BotUnavailable(kind, type(error).__name__) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BotUnavailable("unreachable", type(error).__name__) from None
        if answer.status_code != expected:
            raise BotUnavailable(_kind_of_status(answer.status_code), str(answer.status_code))
        return body

    async def _read(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > self._limits.largest_answer_bytes:
                raise BotUnavailable("broken", "the answer is too long")
        return bytes(body)

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._new_client()
        return client

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(
                self._limits.attempt_seconds, connect=self._limits.connect_seconds
            ),
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=10),
            transport=self._transport,
            # What families write goes to the bot alone, never through a proxy that happens to be
            # set in the environment.
            trust_env=False,
            follow_redirects=False,
        )

    def _note(self, question: BotQuestion, started_at: float, outcome: str) -> None:
        milliseconds = (time.monotonic() - started_at) * 1000
        level = logging.INFO if outcome == "answered" else logging.WARNING
        logger.log(level, "turn %s: bot %s in %.0f ms", question.request_id, outcome, milliseconds)


def _kind_of_status(status: int) -> FailureKind:
    if status == 503:
        return "not_ready"
    if 400 <= status < 500:
        return "refused"
    return "broken"
