"""The one way in: the desk's turns, readiness and forgetting, with honest status codes."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from bot.names import ASK, LIVE_FACTS, LIVE_FACTS_UNAVAILABLE
from bot.privacy import private_turn, protect_logs
from bot.tracker_store import RecentTurnsStore
from bot.turn import BadTurn, MessageData, TurnRequest, is_sender, read_turn

logger = logging.getLogger(__name__)

OnMessage = Callable[[UserMessage], Awaitable[Any]]
_TITLES = {
    400: "Bad Request",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class NotReady(Exception):
    """No model that this channel can work with is loaded."""


class NoReply(Exception):
    """Rasa chose an action and nothing came of it."""


class DeskOutput(OutputChannel):
    """Collects what the text generator named in one turn."""

    def __init__(self) -> None:
        self.messages: list[MessageData] = []
        self.candidates: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "desk"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        chosen = message.get("desk")
        if chosen:
            self.messages.extend(chosen["messages"])
            self.candidates = chosen["candidates"]


class DeskInput(InputChannel):
    """Rasa's side of `contracts/bot-turn/`.

    Rasa's own REST channel answers 200 with an empty list to every failure and then logs what
    the family wrote; this one answers 400, 500 or 503 and logs the error's type.
    """

    def __init__(self, live_facts_seconds: float = 1.5) -> None:
        """Set up the channel.

        Args:
            live_facts_seconds: longest a turn may take. Nothing but the action server can keep
                a turn waiting, and Rasa itself would wait five minutes for it.
        """
        protect_logs()
        self._live_facts_seconds = live_facts_seconds
        self._has_settled = False

    @classmethod
    def name(cls) -> str:
        return "desk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> DeskInput:
        return cls(**(credentials or {}))

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """Return the routes `/`, `/turns` and `/conversations/<sender>`."""
        routes = Blueprint("desk", __name__)

        @routes.route("/", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            try:
                versions = _versions(_agent_of(request))
            except NotReady:
                return _problem(503)
            self._settle()
            return json_response({"status": "ready", **versions})

        @routes.route("/turns", methods=["POST"])
        async def take_turn(request: Request) -> HTTPResponse:
            try:
                turn = read_turn(request.body)
            except BadTurn as error:
                logger.warning("turn refused: %s", error)
                return _problem(400)
            with private_turn(turn.request_id):
                return await self._answer(request, turn, on_new_message)

        @routes.route("/conversations/<sender>", methods=["DELETE"])
        async def forget(request: Request, sender: str) -> HTTPResponse:
            if not is_sender(sender):
                return _problem(400)
            try:
                _store_of(_agent_of(request)).forget(sender)
            except NotReady:
                return _problem(503)
            return empty(204)

        return routes

    def _settle(self) -> None:
        """Have Python's garbage collector leave alone what stays for good.

        It looks through all objects now and then, a million and more with Rasa and the model,
        and whoever writes just then waits for it. Before the first message, nobody does.
        """
        if not self._has_settled:
            self._has_settled = True
            gc.collect()
            gc.freeze()
            _give_back_memory()

    async def _answer(
        self, request: Request, turn: TurnRequest, on_new_message: OnMessage
    ) -> HTTPResponse:
        started = time.perf_counter()
        try:
            agent = _agent_of(request)
            versions = _versions(agent)
            output = await self._run(agent, turn, on_new_message)
        except NotReady:
            return _problem(503)
        except Exception as error:  # noqa: BLE001 - whatever it is, the desk gets a status.
            logger.error("turn %s failed: %s", turn.request_id, type(error).__name__)
            return _problem(500)
        logger.info(
            "turn %s: %s in %.1f ms",
            turn.request_id,
            ", ".join(message["kind"] for message in output.messages),
            (time.perf_counter() - started) * 1000,
        )
        return json_response(
            {"messages": output.messages, "candidates": output.candidates, **versions}
        )

    async def _run(self, agent: Agent, turn: TurnRequest, on_new_message: OnMessage) -> DeskOutput:
        output = DeskOutput()
        message = UserMessage(
            turn.text,
            output,
            turn.sender,
            input_channel=self.name(),
            metadata=turn.metadata.as_data(),
        )
        try:
            await asyncio.wait_for(on_new_message(message), self._live_facts_seconds)
        except asyncio.TimeoutError:
            logger.warning("turn %s: the action server is too slow", turn.request_id)
        if not output.messages:
            await _say_unavailable(agent, message, output)
        return output


def _give_back_memory() -> None:
    """Give the system what loading took and no longer needs; only glibc keeps it otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


async def _say_unavailable(agent: Agent, message: UserMessage, output: DeskOutput) -> None:
    """Answer honestly when a live fact could not be had; what else was asked gets its answer.

    Raises:
        NoReply: the message asked for something else, so this is a fault.
    """
    parsed = await agent.processor.parse_message(message)
    if parsed["intent"]["name"] not in LIVE_FACTS:
        raise NoReply
    heard = UserUttered(message.text, parse_data=parsed)
    tracker = DialogueStateTracker.from_events(message.sender_id, [heard])
    said = await agent.processor.nlg.generate(LIVE_FACTS_UNAVAILABLE, tracker, output.name())
    if said is None:
        raise NoReply
    await output.send_response(message.sender_id, said)


def _agent_of(request: Request) -> Agent:
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise NotReady
    return agent


def _store_of(agent: Agent) -> RecentTurnsStore:
    # Rasa wraps the store; and when the class in endpoints.yml cannot be found it silently takes
    # its own, which keeps everything for good.
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    if not isinstance(store, RecentTurnsStore):
        raise NotReady
    return store


def _versions(agent: Agent) -> dict[str, str]:
    _store_of(agent)
    for name, variations in agent.domain.responses.items():
        if name.startswith(f"utter_{ASK}/"):
            metadata = variations[0]["metadata"]
            archive = str(agent.processor.model_filename)
            return {
                "model_version": archive.removesuffix(".tar.gz"),
                "knowledge_version": metadata["knowledge_version"],
            }
    raise NotReady


def _problem(status: int) -> HTTPResponse:
    body = {"type": "about:blank", "title": _TITLES[status], "status": status}
    return json_response(body, status=status, content_type="application/problem+json")
