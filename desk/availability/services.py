"""Closing the service at once, and opening it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

import audit
from availability.errors import ClosureRefused
from availability.models import Closure
from staff.access import require_role
from staff.models import Role, User

LONGEST_MESSAGE = 500


@transaction.atomic
def close_service(*, by: User, until: datetime | None = None, message: str = "") -> Closure:
    """Close the service from now on, in place of any closing that holds already.

    Nobody is cut: whoever waits or talks goes on; only new requests for a person meet the
    closing.

    Args:
        by: the admin who closes it.
        until: when it ends by itself; None until it is lifted.
        message: the team's own words to families, shown as such; "" for none.

    Raises:
        PermissionDenied: the account is no admin's.
        ClosureRefused: it would be over already, or the words are too long.
    """
    require_role(by, Role.ADMIN)
    now = timezone.now()
    words = message.replace("\x00", "").replace("\r\n", "\n").strip()
    if until is not None and until <= now:
        raise ClosureRefused("Choose a time that is still to come.")
    if len(words) > LONGEST_MESSAGE:
        raise ClosureRefused(f"The words for families may have {LONGEST_MESSAGE} characters.")
    for earlier in Closure.objects.select_for_update().filter(lifted_at=None):
        if earlier.ends_at is None or earlier.ends_at > now:
            _lift(earlier, by, now)
    closure = Closure.objects.create(
        starts_at=now, ends_at=until, message=words, closed_by=by, created_at=now
    )
    audit.record(
        "service.closed",
        actor=audit.staff_actor(by),
        closure=closure.pk,
        until=until.isoformat() if until else None,
    )
    return closure


@transaction.atomic
def lift_closure(closure_id: int, *, by: User) -> None:
    """Open the service again, within its hours; again changes nothing.

    Raises:
        PermissionDenied: the account is no admin's.
        ClosureRefused: there is no such closing.
    """
    require_role(by, Role.ADMIN)
    closure = Closure.objects.select_for_update().filter(pk=closure_id).first()
    if closure is None:
        raise ClosureRefused("There is no such closing.")
    if closure.lifted_at is None:
        _lift(closure, by, timezone.now())


def _lift(closure: Closure, by: User, now: datetime) -> None:
    closure.lifted_at = now
    closure.save(update_fields=["lifted_at"])
    audit.record("service.reopened", actor=audit.staff_actor(by), closure=closure.pk)
