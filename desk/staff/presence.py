"""Who is there: when a specialist's console was last seen, and whether they accept."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from staff.access import may_chat
from staff.models import Role, StaffPresence, User

# A console asks every few seconds; one write in this span is enough to prove it is open.
NOTE_EVERY_SECONDS = 15


def note_seen(user: User | AnonymousUser, *, now: datetime | None = None) -> None:
    """Note that a specialist's console showed a sign of life; cheap to call on every request.

    Accounts that may not hold a conversation leave no trace.
    """
    if not may_chat(user) or not isinstance(user, User):
        return
    now = now or timezone.now()
    stale = now - timedelta(seconds=NOTE_EVERY_SECONDS)
    presence, is_new = StaffPresence.objects.get_or_create(user=user, defaults={"seen_at": now})
    if not is_new and (presence.seen_at is None or presence.seen_at < stale):
        StaffPresence.objects.filter(pk=presence.pk).update(seen_at=now)


def note_gone(user: User) -> None:
    """Note that a specialist signed out."""
    StaffPresence.objects.filter(user=user).update(seen_at=None)


def set_accepting(user: User, *, is_accepting: bool) -> None:
    """Switch whether a specialist takes new conversations."""
    StaffPresence.objects.update_or_create(user=user, defaults={"is_accepting": is_accepting})


def presence_of(user: User) -> StaffPresence:
    """A specialist's presence; unsaved and never seen where there is none yet."""
    found = StaffPresence.objects.filter(user=user).first()
    return found or StaffPresence(user=user)


def accepting_specialists(now: datetime) -> list[User]:
    """Specialists who are there and accept conversations, by the name visitors see."""
    since = now - timedelta(seconds=settings.PRESENCE_SECONDS)
    there = User.objects.filter(
        is_active=True,
        groups__name=Role.SPECIALIST,
        presence__is_accepting=True,
        presence__seen_at__gte=since,
    )
    return sorted(there, key=lambda user: user.shown_name)


def is_staffed(now: datetime) -> bool:
    """Whether at least one specialist is there and accepts conversations."""
    return bool(accepting_specialists(now))
