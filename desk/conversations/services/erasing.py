"""Erasing conversations for good: at a visitor's wish, by age, or when nobody ever wrote."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import audit
import retention.services
from conversations import stream
from conversations.errors import UnknownConversation
from conversations.models import Conversation, Message, Sender
from conversations.services.unit import as_id
from retention import ErasureSubject
from staff.models import User

# Erased one by one, so that no visitor waits behind a long transaction.
MOST_AT_ONCE = 500


def erase_conversation(conversation_id: uuid.UUID | str, *, by: User | str) -> None:
    """Erase a conversation everywhere: here, in the ledger's terms, and in the bot.

    Args:
        conversation_id: the conversation.
        by: "visitor", "retention", "replay", or the account of the staff member.

    Raises:
        UnknownConversation: there is none with that id.
    """
    actor = audit.staff_actor(by) if isinstance(by, User) else by
    with transaction.atomic():
        conversation = (
            Conversation.objects.select_for_update().filter(pk=as_id(conversation_id)).first()
        )
        if conversation is None:
            raise UnknownConversation
        erased = conversation.pk
        session = conversation.bot_session
        messages = conversation.last_seq
        audit.record("conversation.erased", actor=actor, conversation_id=erased, messages=messages)
        retention.services.erase(ErasureSubject(erased, (session,)), by=actor)
        transaction.on_commit(lambda: _after(erased, session))


def _after(conversation_id: uuid.UUID, bot_session: str) -> None:
    stream.wake(conversation_id)
    stream.wake_queue()
    retention.services.forget_now(bot_session)


def erase_expired(now: datetime | None = None) -> int:
    """Erase conversations without activity for `RETENTION_DAYS`; how many."""
    now = now or timezone.now()
    old = Conversation.objects.filter(
        last_activity_at__lt=now - timedelta(days=settings.RETENTION_DAYS)
    )
    return _erase_all(list(old.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def expire_empty(now: datetime | None = None) -> int:
    """Erase conversations in which the visitor never wrote for `EMPTY_EXPIRY_HOURS`; how many.

    One with a callback in it is no empty one, nor one in which an urgent text was refused.
    """
    now = now or timezone.now()
    wrote = Message.objects.filter(sender=Sender.VISITOR).values("conversation_id")
    empty = Conversation.objects.filter(
        control="bot",
        urgent_at=None,
        callbacks=None,
        last_activity_at__lt=now - timedelta(hours=settings.EMPTY_EXPIRY_HOURS),
    ).exclude(pk__in=wrote)
    return _erase_all(list(empty.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def _erase_all(conversation_ids: list[uuid.UUID]) -> int:
    count = 0
    for conversation_id in conversation_ids:
        try:
            erase_conversation(conversation_id, by="retention")
        except UnknownConversation:
            continue  # Its visitor was quicker.
        count += 1
    return count


def replay_erasures(conversation_ids: list[uuid.UUID]) -> int:
    """Erase again what a restored backup brought back; how many were there."""
    count = 0
    for conversation_id in conversation_ids:
        try:
            erase_conversation(conversation_id, by="replay")
        except UnknownConversation:
            continue
        count += 1
    return count
