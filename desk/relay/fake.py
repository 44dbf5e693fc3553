"""A relay without a bot behind it, for tests and measurements."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from relay.client import BotUnavailable
from relay.contract import (
    ApprovedCopies,
    BotCandidate,
    BotChoice,
    BotMessage,
    BotQuestion,
    BotReadiness,
    BotReply,
)

MODEL_VERSION = "fake-model"
KNOWLEDGE_VERSION = "000000000000"

Outcome = BotReply | BotUnavailable


def fake_reply(*messages: BotMessage, candidates: Sequence[tuple[str, float]] = ()) -> BotReply:
    """Return a reply of these messages under the fake's versions."""
    return BotReply(
        messages=messages,
        candidates=tuple(BotCandidate(label=label, confidence=c) for label, c in candidates),
        model_version=MODEL_VERSION,
        knowledge_version=KNOWLEDGE_VERSION,
    )


def fake_answer(entry_id: str, version: str) -> BotReply:
    """Return the reply of a bot that is sure of an entry."""
    message = BotMessage(kind="answer", entry=entry_id, version=version, response=None, choices=())
    return fake_reply(message, candidates=[(f"ask/{entry_id}", 0.9), ("out_of_scope", 0.1)])


def fake_message(kind: str, response: str | None = None, *labels: str) -> BotMessage:
    """Return a bot message that is no answer: `kind`, its response and its choices' labels."""
    choices = tuple(BotChoice(label=label) for label in labels)
    return BotMessage.model_validate(
        {"kind": kind, "entry": None, "version": None, "response": response, "choices": choices}
    )


@dataclass
class FakeRelay:
    """Answers from a script and remembers what it was asked.

    Attributes:
        answer: gives the outcome of each question.
        questions: every question asked so far, in order.
        forgotten: bot sessions it was told to forget, in order.
        hold: while there is one that is not set, `ask` waits for it.
        was_asked: set at every question.
        is_ready: what readiness says.
    """

    answer: Callable[[BotQuestion], Outcome]
    questions: list[BotQuestion] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_ready: bool = True

    async def ask(self, question: BotQuestion, copies: ApprovedCopies) -> BotReply:
        """Return the scripted reply, or raise the scripted failure."""
        self.questions.append(question)
        self.was_asked.set()
        if self.hold is not None:
            await self.hold.wait()
        outcome = self.answer(question)
        if isinstance(outcome, BotUnavailable):
            raise outcome
        return outcome

    async def readiness(self) -> BotReadiness:
        """Return the fake's versions; raises BotUnavailable unless `is_ready`."""
        if not self.is_ready:
            raise BotUnavailable("not_ready")
        return BotReadiness(
            status="ready", model_version=MODEL_VERSION, knowledge_version=KNOWLEDGE_VERSION
        )

    async def forget(self, sender: str) -> None:
        """Remember that this bot session was to be forgotten."""
        if not self.is_ready:
            raise BotUnavailable("unreachable")
        self.forgotten.append(sender)
