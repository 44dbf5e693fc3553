"""Runs the bot's turn after a stored message, and sees to it that it ends.

A turn ends in one of three ways: the bot's reply is stored, an honest notice with the way to a
person is stored, or control moved meanwhile and whoever has it now answers. A visitor's call
waits for the end; if its process dies, the worker does the rest.
"""

import asyncio
import contextvars
import logging

from audit.request_id import bind_request_id
from conversations import services
from conversations.errors import AnswerRefused, StaleEpoch
from conversations.results import Draft, TurnRecord
from relay import BotQuestion, BotReply, BotUnavailable, get_relay
from turns.copies import DeskCopies
from turns.leases import Blocked, Claim, Claimed, Overdue, claim
from turns.threads import run_writing

logger = logging.getLogger(__name__)

# Longer than a lease: by then even the turn of a killed process can be taken over.
LONGEST_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.1

_COPIES = DeskCopies()
_running: dict[int, asyncio.Task[None]] = {}


class TurnStillPending(Exception):
    """The turn is in work elsewhere and did not end while we waited."""


async def finish_turn(
    turn_id: int,
    *,
    claimed: Claimed | None = None,
    wait_seconds: float = LONGEST_WAIT_SECONDS,
) -> None:
    """Return once a turn is answered or failed, working on it here unless somebody else does.

    The work goes on when the caller is cancelled: a family that closes the page while the bot is
    asked finds the reply when it comes back.

    Args:
        turn_id: the turn.
        claimed: the claim, where accepting the message took it.
        wait_seconds: how long to wait for the end.

    Raises:
        TurnStillPending: it did not end in time; it will.
    """
    task = _task_for(turn_id, claimed)
    done, _ = await asyncio.wait({task}, timeout=wait_seconds)
    if not done:
        raise TurnStillPending
    task.result()


async def settle_running(wait_seconds: float) -> None:
    """Give the turns in work here some time to end; for a process that is told to stop."""
    if _running:
        await asyncio.wait(set(_running.values()), timeout=wait_seconds)


def _task_for(turn_id: int, claimed: Claimed | None = None) -> asyncio.Task[None]:
    """Return the one task of this process that works on a turn."""
    task = _running.get(turn_id)
    if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
        # A context of its own: the caller's ends with the call, the turn may outlive it.
        task = asyncio.create_task(_work(turn_id, claimed), context=contextvars.Context())
        _running[turn_id] = task
        task.add_done_callback(lambda done: _note_end(turn_id, done))
    return task


def _note_end(turn_id: int, task: asyncio.Task[None]) -> None:
    if _running.get(turn_id) is task:
        del _running[turn_id]
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a turn broke off", exc_info=error, extra={"turn_id": turn_id})


async def _work(turn_id: int, claimed: Claimed | None) -> None:
    while True:
        found: Claim = claimed if claimed else await run_writing(claim, turn_id)
        if isinstance(found, Blocked):
            await _wait_for(found)
            continue
        if isinstance(found, Claimed):
            await _ask_and_store(turn_id, found.question)
        elif isinstance(found, Overdue):
            await _fail(turn_id, found.failure)
        return


async def _wait_for(blocked: Blocked) -> None:
    if blocked.by_turn is None:
        await asyncio.sleep(_POLL_SECONDS)
    else:
        # Whoever works on the earlier turn may have died: then it is ours to finish.
        await asyncio.wait({_task_for(blocked.by_turn)}, timeout=_POLL_SECONDS)


async def _ask_and_store(turn_id: int, question: BotQuestion) -> None:
    bind_request_id(question.request_id)
    try:
        reply = await get_relay().ask(question, _COPIES)
        await run_writing(
            services.record_bot_turn,
            turn_id,
            drafts=_drafts(reply),
            record=_record(reply, question.request_id),
        )
    except StaleEpoch:
        # Control moved while the bot was asked; the move ended the turn.
        logger.info("a reply came too late and was dropped", extra={"turn_id": turn_id})
    except BotUnavailable as error:
        await _fail(turn_id, error.kind)
    except AnswerRefused:
        await _fail(turn_id, "nonsense")


async def _fail(turn_id: int, failure: str) -> None:
    try:
        await run_writing(services.fail_turn, turn_id, failure)
    except StaleEpoch:
        logger.info("the conversation of a turn is gone", extra={"turn_id": turn_id})


def _drafts(reply: BotReply) -> list[Draft]:
    return [
        Draft(
            kind=message.kind,
            entry=message.entry,
            version=message.version,
            response=message.response,
            choices=tuple(choice.label for choice in message.choices),
        )
        for message in reply.messages
    ]


def _record(reply: BotReply, request_id: str) -> TurnRecord:
    return TurnRecord(
        candidates=[
            {"label": candidate.label, "confidence": candidate.confidence}
            for candidate in reply.candidates
        ],
        model_version=reply.model_version,
        knowledge_version=reply.knowledge_version,
        request_id=request_id,
    )
