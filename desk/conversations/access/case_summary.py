"""A conversation in a few lines for whoever takes it: recorded facts in order, nothing made up."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from conversations import contact_codes
from conversations.access.staff_views import Transcript
from conversations.models import ContactRecord, Conversation, Kind, Message, Sender

MOST_ASKED = 12
_OUTCOMES = {
    Kind.CLARIFY: "asked back",
    Kind.REFUSAL: "a judgement, refused",
    Kind.FALLBACK: "no answer found",
    Kind.HANDOFF: "asked for a person",
    Kind.SMALLTALK: "small talk",
}


@dataclass(frozen=True)
class Asked:
    """One thing the family wrote or tapped while the bot answered, and what came of it.

    Attributes:
        seq: number of the message.
        text: what they wrote.
        outcome: an answer's title, or what happened instead, in two or three words.
        is_answer: whether an approved entry was shown.
        is_helpful: their judgement of it; None where they gave none.
        safety: "emergency", "crisis" or "".
    """

    seq: int
    text: str
    outcome: str
    is_answer: bool
    is_helpful: bool | None
    safety: str


@dataclass(frozen=True)
class EarlierContact:
    """One stretch of talk of before, in the words of its contact record."""

    ended_at: datetime
    specialist: str
    purpose: str
    topics: tuple[str, ...]
    next_step: str
    note: str


@dataclass(frozen=True)
class CaseSummary:
    """What is on record about a conversation.

    Attributes:
        asked: the last `MOST_ASKED` things, in order.
        asked_count: how many there were in all.
        unanswered: what they wrote since somebody last answered, in order.
        safety_flags: numbers and kinds of messages that raised an alarm.
        waits: how long they waited each time before a person joined, in seconds; the last one
            may still run.
        earlier: contact records of before; only where the visitor came by a resume link.
    """

    asked: list[Asked]
    asked_count: int
    unanswered: list[str]
    safety_flags: list[tuple[int, str]]
    waits: list[int]
    earlier: list[EarlierContact]


def case_summary(found: Transcript, *, now: datetime) -> CaseSummary:
    """The recorded facts about a conversation in short; `found` has all its messages."""
    conversation, messages = found.conversation, found.messages
    asked = _asked(messages)
    return CaseSummary(
        asked=asked[-MOST_ASKED:],
        asked_count=len(asked),
        unanswered=_unanswered(messages),
        safety_flags=[
            (message.seq, message.safety)
            for message in messages
            if message.safety and message.sender == Sender.VISITOR
        ],
        waits=_waits(conversation, now),
        earlier=[_contact(record) for record in _earlier(conversation)],
    )


def _asked(messages: list[Message]) -> list[Asked]:
    replies: dict[uuid.UUID, list[Message]] = defaultdict(list)
    for message in messages:
        if message.in_reply_to_id is not None:
            replies[message.in_reply_to_id].append(message)
    return [
        _one_asked(message, replies[message.pk])
        for message in messages
        if message.sender == Sender.VISITOR
        and replies[message.pk]
        and not _is_tap_on_a_way(message, replies[message.pk])
    ]


def _is_tap_on_a_way(message: Message, replies: list[Message]) -> bool:
    """Whether the family tapped a button such as "Keep waiting", which asks nothing.

    No verdict is made of a tap; one on an entry is answered with it.
    """
    return message.safety_verdict is None and not any(reply.answer for reply in replies)


def _one_asked(message: Message, replies: list[Message]) -> Asked:
    answers = [reply for reply in replies if reply.answer]
    judged = [reply.feedback.is_helpful for reply in replies if hasattr(reply, "feedback")]
    return Asked(
        seq=message.seq,
        text=message.text,
        outcome="; ".join(_titles(answers)) or _without_answer(replies),
        is_answer=bool(answers),
        is_helpful=judged[-1] if judged else None,
        safety=message.safety,
    )


def _titles(answers: Iterable[Message]) -> list[str]:
    return [str(answer.answer["title"]) for answer in answers if answer.answer]


def _without_answer(replies: list[Message]) -> str:
    for reply in replies:
        if reply.kind == Kind.SAFETY:
            return f"told what to do: {reply.safety}"
        if reply.kind in _OUTCOMES:
            return _OUTCOMES[Kind(reply.kind)]
    return "a notice"


def _unanswered(messages: list[Message]) -> list[str]:
    """What the family wrote after the last word of bot or specialist."""
    last = max(
        (m.seq for m in messages if m.sender in (Sender.BOT, Sender.SPECIALIST)),
        default=0,
    )
    return [
        m.text
        for m in messages
        if m.seq > last and m.sender == Sender.VISITOR and m.safety_verdict is not None
    ]


def _waits(conversation: Conversation, now: datetime) -> list[int]:
    queued = [
        handoff
        for handoff in conversation.handoffs.all()
        if handoff.outcome == "queued" and handoff.left_at is None
    ]
    return [
        int(((handoff.claimed_at or now) - handoff.created_at).total_seconds())
        for handoff in sorted(queued, key=lambda handoff: handoff.created_at)
    ]


def _contact(record: ContactRecord) -> EarlierContact:
    topics = contact_codes.topics()
    return EarlierContact(
        ended_at=record.created_at,
        specialist=record.specialist.shown_name,
        purpose=contact_codes.PURPOSES.get(record.purpose, record.purpose),
        topics=tuple(topics.get(topic, topic) for topic in record.topics),
        next_step=contact_codes.NEXT_STEPS.get(record.next_step, record.next_step),
        note=record.note,
    )


def _earlier(conversation: Conversation) -> list[ContactRecord]:
    """What was recorded of earlier stretches; somebody unknown has none.

    A chat says nothing about who sits before it. Only a resume link, which the family itself
    carried over, ties it to an earlier one.
    """
    if conversation.resumed_at is None and conversation.continues_id is None:
        return []
    mine = Q(conversation=conversation, conversation__resumed_at__isnull=False)
    before = Q(conversation_id=conversation.continues_id) if conversation.continues_id else Q()
    records = ContactRecord.objects.filter(mine | before if before else mine)
    return list(records.select_related("specialist").order_by("created_at"))
