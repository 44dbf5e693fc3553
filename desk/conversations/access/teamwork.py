"""What specialists hand to each other: offers, replies to read; and what a supervisor sees."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from conversations.errors import NotAllowed
from conversations.models import (
    Control,
    Conversation,
    HeldReply,
    HeldReplyState,
    Message,
    Sender,
    Transfer,
    TransferState,
)
from staff.access import may_chat, may_supervise
from staff.models import User


@dataclass(frozen=True)
class LiveChat:
    """A conversation that a specialist is in control of, as a supervisor sees it.

    Attributes:
        unanswered_seconds: how long the family's first word since the last reply has waited;
            None where nothing they wrote is unanswered.
    """

    conversation: Conversation
    unanswered_seconds: int | None


def offers_to(user: User) -> list[Transfer]:
    """Conversations that colleagues offer to an account and that it has not answered yet."""
    offered = Transfer.objects.filter(offered_to=user, state=TransferState.OFFERED)
    return list(offered.select_related("conversation", "offered_by").order_by("created_at"))


def last_transfer(conversation_id: uuid.UUID | str) -> Transfer | None:
    """The latest offer under the present control: waiting, or how it ended.

    This is how whoever made it learns that it was declined or has lapsed.
    """
    made = Transfer.objects.filter(conversation_id=conversation_id)
    if not made.exists():
        return None
    present = made.filter(epoch=F("conversation__epoch"))
    return present.select_related("offered_by", "offered_to").order_by("-created_at", "-pk").first()


def held_replies(user: User) -> tuple[list[HeldReply], list[HeldReply]]:
    """Replies that wait for an account to read them, and its own that wait, came back or dropped.

    Each has `is_overtaken`: something newer was written than its author had seen, so that it
    can be released only once they confirm it. One's own that came back stay until the next is
    handed in, or until they are withdrawn; those that were dropped as control moved on stay, in
    whatever became of the conversation, until they are put away.

    Returns:
        (to_read, own), oldest first.
    """
    live = HeldReply.objects.filter(state__in=(HeldReplyState.HELD, HeldReplyState.RETURNED))
    # The whole question is dear, and nearly always there is nothing to ask it about.
    if not may_chat(user) or not live.exists():
        return [], []
    later = HeldReply.objects.filter(
        conversation=OuterRef("conversation"), author=user, pk__gt=OuterRef("pk")
    )
    returned = Q(~Exists(later), state=HeldReplyState.RETURNED, author=user)
    dropped = Q(state=HeldReplyState.DROPPED, author=user)
    current = Q(state=HeldReplyState.HELD) | returned
    found = list(_held(Q(current, epoch=F("conversation__epoch")) | dropped))
    to_read = [each for each in found if each.author_id != user.pk]
    return to_read, [each for each in found if each.author_id == user.pk]


def _held(which: Q) -> QuerySet[HeldReply]:
    newer = Message.objects.filter(
        conversation=OuterRef("conversation"),
        seq__gt=OuterRef("seen_seq"),
        sender__in=(Sender.VISITOR, Sender.SPECIALIST),
    ).exclude(author=OuterRef("author"))
    return (
        HeldReply.objects.filter(which)
        .annotate(is_overtaken=Exists(newer))
        .select_related("conversation", "author", "reader")
        .order_by("created_at", "pk")
    )


def live_chats(user: User, now: datetime | None = None) -> list[LiveChat]:
    """Every conversation that a specialist is in control of, the longest unanswered first.

    Raises:
        NotAllowed: the account is no supervisor's.
    """
    if not may_supervise(user):
        raise NotAllowed
    now = now or timezone.now()
    held = Conversation.objects.filter(control=Control.SPECIALIST).select_related("specialist")
    waits = _unanswered_since()
    chats = [
        LiveChat(found, int((now - waits[found.pk]).total_seconds()) if found.pk in waits else None)
        for found in held.order_by("last_activity_at")
    ]
    return sorted(chats, key=lambda chat: -(chat.unanswered_seconds or -1))


def _unanswered_since() -> dict[uuid.UUID, datetime]:
    """When the first visitor message came that neither person nor bot answered since."""
    reply = Message.objects.filter(
        conversation=OuterRef("conversation"),
        sender__in=(Sender.SPECIALIST, Sender.BOT),
        seq__gt=OuterRef("seq"),
    )
    waiting = Message.objects.filter(
        ~Exists(reply), conversation__control=Control.SPECIALIST, sender=Sender.VISITOR
    ).order_by("-seq")
    return dict(waiting.values_list("conversation_id", "created_at"))
