"""Who is there: when a specialist's console was last seen, and whether they accept."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

import audit
from staff.access import CHAT_ROLES, may_chat
from staff.models import Role, StaffPresence, User

# A console asks every few seconds; one write in this span is enough to prove it is open.
NOTE_EVERY_SECONDS = 15
# What a console on another device has left for its next sign of life when its account signs out.
ANOTHER_SIGN_SECONDS = 20
MOST_CAPACITY = 50


def note_seen(user: User | AnonymousUser, *, now: datetime | None = None) -> None:
    """Note that a specialist's console showed a sign of life; cheap to call on every request.

    Accounts that may not hold a conversation leave no trace.
    """
    if not may_chat(user) or not isinstance(user, User):
        return
    now = now or timezone.now()
    presence, is_new = StaffPresence.objects.get_or_create(
        user=user, defaults={"seen_at": now, "is_accepting": _accepts_at_first(user)}
    )
    if not is_new and _is_due(presence, now):
        StaffPresence.objects.filter(pk=presence.pk).update(seen_at=now)


def note_request(user: User | AnonymousUser) -> None:
    """Note that a specialist's console asked for something, by the presence read with the account.

    Nearly every request follows on another one of the same span, and then there is nothing to ask.
    """
    presence = getattr(user, "presence", None)
    if presence is None or _is_due(presence, timezone.now()):
        note_seen(user)


def _is_due(presence: StaffPresence, now: datetime) -> bool:
    return presence.seen_at is None or presence.seen_at < now - timedelta(
        seconds=NOTE_EVERY_SECONDS
    )


def note_gone(user: User) -> None:
    """Note that a specialist is gone, at once."""
    StaffPresence.objects.filter(user=user).update(seen_at=None)


def note_signed_out(user: User, session_key: str | None, *, now: datetime | None = None) -> None:
    """Note that a specialist signed out on one device: gone at once, unless signed in on another.

    Whether anybody sits before the other one tells its next sign of life; without one they are
    gone after `ANOTHER_SIGN_SECONDS`.
    """
    now = now or timezone.now()
    if not _is_signed_in_elsewhere(user, session_key, now):
        note_gone(user)
        return
    longest = min(settings.PRESENCE_SECONDS, settings.VANISHED_SECONDS)
    seen_at = now - timedelta(seconds=max(0, longest - ANOTHER_SIGN_SECONDS))
    StaffPresence.objects.filter(user=user, seen_at__gt=seen_at).update(seen_at=seen_at)


def _is_signed_in_elsewhere(user: User, session_key: str | None, now: datetime) -> bool:
    # Staff alone have sessions: there are few, and only a sign-out looks through them.
    others = Session.objects.filter(expire_date__gt=now).exclude(session_key=session_key or "")
    return any(each.get_decoded().get(SESSION_KEY) == str(user.pk) for each in others)


def _accepts_at_first(user: User) -> bool:
    """Specialists take conversations until they say otherwise; supervisors once they say so."""
    return user.has_role(Role.SPECIALIST)


@transaction.atomic
def set_accepting(user: User, *, is_accepting: bool) -> None:
    """Switch whether a specialist takes new conversations; those they hold stay theirs."""
    presence = _locked(user)
    if presence.is_accepting != is_accepting:
        presence.is_accepting = is_accepting
        presence.save(update_fields=["is_accepting"])
        audit.record(
            "staff.accepting_set", actor=audit.staff_actor(user), is_accepting=is_accepting
        )


@transaction.atomic
def set_capacity(user: User, *, capacity: int) -> None:
    """Set how many conversations a specialist takes at once; those they hold stay theirs.

    Raises:
        ValueError: the number is not between 1 and `MOST_CAPACITY`; in words for the specialist.
    """
    if not 1 <= capacity <= MOST_CAPACITY:
        raise ValueError(f"choose a number from 1 to {MOST_CAPACITY}")
    presence = _locked(user)
    if presence.capacity != capacity:
        presence.capacity = capacity
        presence.save(update_fields=["capacity"])
        audit.record("staff.capacity_set", actor=audit.staff_actor(user), capacity=capacity)


def lock_capacity(user: User) -> int:
    """How many conversations the account takes at once, locked until the transaction ends.

    Whoever counts what the account holds and then adds to it takes this lock first, so that two
    claims of one specialist at the same moment cannot both be the last that fits.
    """
    return _locked(user).capacity


def _locked(user: User) -> StaffPresence:
    StaffPresence.objects.get_or_create(
        user=user, defaults={"is_accepting": _accepts_at_first(user)}
    )
    return StaffPresence.objects.select_for_update().get(user=user)


def presence_of(user: User) -> StaffPresence:
    """A specialist's presence, read now; unsaved and never seen where there is none yet."""
    return StaffPresence.objects.filter(user=user).first() or _first_presence(user)


def own_presence(user: User) -> StaffPresence:
    """The presence that was read with the account of a request; unsaved where there is none yet."""
    found: StaffPresence | None = getattr(user, "presence", None)
    return found or _first_presence(user)


def _first_presence(user: User) -> StaffPresence:
    return StaffPresence(user=user, is_accepting=_accepts_at_first(user))


def is_connected(presence: StaffPresence, now: datetime) -> bool:
    """Whether a console showed a sign of life within `PRESENCE_SECONDS`."""
    since = now - timedelta(seconds=settings.PRESENCE_SECONDS)
    return presence.seen_at is not None and presence.seen_at >= since


def chat_accounts() -> list[User]:
    """Active accounts that may hold a conversation, each with its presence where it has one."""
    found = User.objects.filter(is_active=True, groups__name__in=CHAT_ROLES)
    return list(found.select_related("presence").order_by("pk").distinct())


def accepting_specialists(now: datetime) -> list[User]:
    """Whoever is there and accepts conversations, by the name visitors see."""
    since = now - timedelta(seconds=settings.PRESENCE_SECONDS)
    there = User.objects.filter(
        is_active=True,
        groups__name__in=CHAT_ROLES,
        presence__is_accepting=True,
        presence__seen_at__gte=since,
    ).distinct()
    return sorted(there, key=lambda user: user.shown_name)


def is_staffed(now: datetime) -> bool:
    """Whether at least one specialist is there and accepts conversations."""
    return bool(accepting_specialists(now))
