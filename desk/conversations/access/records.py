"""Reading what was recorded of turns: numbers and names for measuring, never a visitor's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from conversations.models import Message, Sender


@dataclass(frozen=True)
class TurnFacts:
    """What the house made of one visitor message.

    Attributes:
        message: the message's id, as the public API gives it.
        candidates: up to five labels with confidence, best first; none where the bot was not asked.
        model_version: of the bot that was asked, else "".
        safety: categories of emergency or crisis that were found, gravest first.
        certainty: "certain", "doubt" or "".
        texts: ids of the replies' texts, in order: `entry:…`, `response:…`, `safety:…`.
    """

    message: str
    candidates: list[dict[str, Any]]
    model_version: str
    safety: list[str]
    certainty: str
    texts: list[str]


def turn_facts() -> Iterator[TurnFacts]:
    """Yield the facts of every visitor message, oldest first."""
    replies = Message.objects.select_related("record").order_by("seq")
    asked = (
        Message.objects.filter(sender=Sender.VISITOR)
        .prefetch_related(Prefetch("replies", replies))
        .order_by("created_at", "seq")
    )
    for message in asked.iterator(chunk_size=500):
        told = list(message.replies.all())
        record = next((reply.record for reply in told if hasattr(reply, "record")), None)
        verdict = message.safety_verdict or {}
        yield TurnFacts(
            message=str(message.pk),
            candidates=record.candidates if record else [],
            model_version=record.model_version if record else "",
            safety=verdict.get("categories") or [],
            certainty=verdict.get("certainty") or "",
            texts=[reply.text_id for reply in told],
        )
