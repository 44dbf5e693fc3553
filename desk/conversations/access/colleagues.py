"""What staff see of each other: who looks on, who is there, how much they hold, what is unread."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.models import Control, Conversation, Message, Note, Sender, StaffView
from staff.models import User
from staff.presence import chat_accounts, is_connected, presence_of

# How long after the last sign a colleague counts as looking on, and as writing.
VIEWED_SECONDS = 30.0
TYPED_SECONDS = 6.0


@dataclass(frozen=True)
class Viewer:
    """A colleague who has the conversation before them now.

    Attributes:
        is_typing: they write in it, be it a reply or a note.
    """

    name: str
    is_typing: bool


@dataclass(frozen=True)
class Colleague:
    """Somebody who may hold a conversation. Three separate facts, and what they hold now.

    Attributes:
        is_connected: their console is open.
        is_accepting: their own switch says that they take new conversations.
        held: how many conversations they are in control of.
        capacity: how many they take at once.
    """

    user: User
    is_connected: bool
    is_accepting: bool
    held: int
    capacity: int

    @property
    def has_room(self) -> bool:
        """Whether one more fits."""
        return self.held < self.capacity


def is_recent(at: datetime | None, now: datetime, seconds: float) -> bool:
    """Whether a moment lies no longer back than that."""
    return at is not None and at > now - timedelta(seconds=seconds)


def viewers(
    conversation_id: uuid.UUID | str, *, other_than: User, now: datetime | None = None
) -> list[Viewer]:
    """Colleagues who look at a conversation or type in it now, by name."""
    now = now or timezone.now()
    since = now - timedelta(seconds=VIEWED_SECONDS)
    views = StaffView.objects.filter(conversation_id=conversation_id, viewed_at__gt=since)
    others = views.exclude(user=other_than).select_related("user")
    shown = [
        Viewer(view.user.shown_name, is_recent(view.typed_at, now, TYPED_SECONDS))
        for view in others
    ]
    return sorted(shown, key=lambda viewer: viewer.name)


def unread_counts(user: User, conversation_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How much of what visitors and colleagues wrote the account has not had before it.

    Conversations without anything unread are left out.
    """
    read = StaffView.objects.filter(conversation=OuterRef("conversation"), user=user)
    rows = (
        Message.objects.filter(
            conversation_id__in=list(conversation_ids),
            sender__in=(Sender.VISITOR, Sender.SPECIALIST),
        )
        .exclude(author=user)
        .filter(seq__gt=Coalesce(Subquery(read.values("last_read_seq")[:1]), 0))
        .order_by()
        .values_list("conversation_id")
        .annotate(Count("pk"))
    )
    return dict(rows)


def colleagues(
    user: User, now: datetime | None = None, *, held: Mapping[int, int] | None = None
) -> list[Colleague]:
    """Everybody else who may hold a conversation: those who are there first, then by name.

    Args:
        user: whose colleagues.
        now: the present moment, for tests.
        held: how many conversations each account holds, where the caller knows it already.
    """
    now = now or timezone.now()
    held = held_counts() if held is None else held
    found = [
        _colleague(account, held.get(account.pk, 0), now)
        for account in chat_accounts()
        if account.pk != user.pk
    ]
    return sorted(found, key=lambda one: (not one.is_connected, one.user.shown_name))


def _colleague(account: User, held: int, now: datetime) -> Colleague:
    presence = account.presence if hasattr(account, "presence") else presence_of(account)
    return Colleague(
        user=account,
        is_connected=is_connected(presence, now),
        is_accepting=presence.is_accepting,
        held=held,
        capacity=presence.capacity,
    )


def held_counts() -> dict[int, int]:
    """How many conversations each account is in control of, by its id."""
    held = Conversation.objects.filter(control=Control.SPECIALIST).order_by()
    return dict(held.values_list("specialist").annotate(Count("pk")))


def held_by(user: User) -> int:
    """How many conversations an account is in control of."""
    return Conversation.objects.filter(control=Control.SPECIALIST, specialist=user).count()


def second_reading_applies(user: User) -> bool:
    """Whether the account's replies wait for a colleague's release."""
    return bool(settings.SECOND_READER)


def is_alone(user: User, now: datetime | None = None) -> bool:
    """Whether no colleague who could read a reply is at work: connected, and accepting.

    A page that somebody left open, with their switch off, keeps nobody's reply.
    """
    return not any(each.is_connected and each.is_accepting for each in colleagues(user, now))


def unseen_advice(user: User) -> list[Note]:
    """Advice for an account that it has not had before it yet, oldest first."""
    given = Note.objects.filter(advice_to=user)
    if not given.exists():
        return []
    seen = StaffView.objects.filter(conversation=OuterRef("conversation"), user=user)
    given = given.annotate(seen_at=Subquery(seen.values("viewed_at")[:1]))
    unseen = given.filter(Q(seen_at=None) | Q(seen_at__lt=F("created_at")))
    return list(unseen.select_related("author", "conversation").order_by("created_at"))
