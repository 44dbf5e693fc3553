"""What specialists hand to each other: offers, replies to read."""

from __future__ import annotations

import uuid

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from conversations.models import (
    HeldReply,
    HeldReplyState,
    Message,
    Sender,
    Transfer,
)
from staff.access import may_chat
from staff.models import User


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
    live = HeldReply.objects.exclude(state__in=(HeldReplyState.RELEASED, HeldReplyState.WITHDRAWN))
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
