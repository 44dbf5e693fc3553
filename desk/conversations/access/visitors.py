"""What a visitor may read, once their token fits."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils import timezone

from conversations.access.waits import kept_place, queue_position, wait_minutes
from conversations.digests import token_digest
from conversations.errors import UnknownConversation
from conversations.models import Control, Conversation


@dataclass(frozen=True)
class Summary:
    """Where a conversation stands, as far as its visitor may know.

    Attributes:
        control: who is in control; the gateway alone turns it into the public state.
        queue_position: place in the queue from 1, or None.
        wait_minutes: expected wait as (low, high), or None.
        specialist_name: who is talking, or None.
        last_seq: the highest message number.
        asks_while_waiting: the bot answers although a person was asked for.
    """

    control: str
    queue_position: int | None
    wait_minutes: tuple[int, int] | None
    specialist_name: str | None
    last_seq: int
    asks_while_waiting: bool


def conversation_for_token(conversation_id: uuid.UUID | str, token: str) -> Conversation:
    """The conversation that this token opens.

    Raises:
        UnknownConversation: no such conversation, no such token, a revoked one, or one of
            another conversation; nothing tells these apart.
    """
    try:
        pk = uuid.UUID(str(conversation_id))
    except ValueError:
        raise UnknownConversation from None
    found = (
        Conversation.objects.select_related("specialist")
        .filter(pk=pk, tokens__digest=token_digest(token), tokens__revoked_at=None)
        .first()
    )
    if found is None:
        raise UnknownConversation
    return found


def summary(conversation: Conversation, *, queue_version: int | None = None) -> Summary:
    """Where a conversation that was just read stands.

    Args:
        conversation: it.
        queue_version: where there is one, the place comes from the queue that is kept for it.
    """
    position, wait = _place(conversation, queue_version)
    specialist = conversation.specialist
    return Summary(
        control=conversation.control,
        queue_position=position,
        wait_minutes=wait,
        specialist_name=specialist.shown_name if specialist else None,
        last_seq=conversation.last_seq,
        asks_while_waiting=conversation.asks_while_waiting,
    )


def _place(
    conversation: Conversation, queue_version: int | None
) -> tuple[int | None, tuple[int, int] | None]:
    if conversation.control != Control.QUEUE:
        return None, None
    if queue_version is not None and (kept := kept_place(conversation.pk, queue_version)):
        return kept
    position = queue_position(conversation)
    return position, wait_minutes(position, timezone.now()) if position else None


def summary_of(conversation_id: uuid.UUID | str) -> Summary:
    """Where a conversation stands now, read anew; for streams whose token was checked before.

    Raises:
        UnknownConversation: there is none with that id (any more).
    """
    found = Conversation.objects.select_related("specialist").filter(pk=conversation_id).first()
    if found is None:
        raise UnknownConversation
    return summary(found)


def expected_wait() -> tuple[int, int] | None:
    """The wait of somebody who would ask for a person now, as (low, high) in minutes."""
    waiting = Conversation.objects.filter(control="queue").count()
    return wait_minutes(waiting + 1, timezone.now())
