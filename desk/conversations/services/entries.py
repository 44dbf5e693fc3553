"""Withdrawing an entry at once, without a new model, and restoring it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

import audit
from conversations import texts
from conversations.errors import NotAllowed, UnknownEntry
from conversations.models import WithdrawnEntry
from staff.access import may_administer
from staff.models import User


@transaction.atomic
def withdraw_entry(entry_id: str, *, by: User) -> bool:
    """Show an entry no more, in any version; whether it was shown until now.

    Raises:
        NotAllowed: the account is no admin's.
        UnknownEntry: the desk has no such entry.
    """
    _require(entry_id, by)
    _, is_new = WithdrawnEntry.objects.get_or_create(
        entry_id=entry_id, defaults={"withdrawn_by": by, "withdrawn_at": timezone.now()}
    )
    if is_new:
        audit.record("entry.withdrawn", actor=audit.staff_actor(by), entry_id=entry_id)
    return is_new


@transaction.atomic
def restore_entry(entry_id: str, *, by: User) -> bool:
    """Show a withdrawn entry again; whether it was withdrawn until now.

    Raises:
        NotAllowed: the account is no admin's.
    """
    if not may_administer(by):
        raise NotAllowed
    count, _ = WithdrawnEntry.objects.filter(entry_id=entry_id).delete()
    if count:
        audit.record("entry.restored", actor=audit.staff_actor(by), entry_id=entry_id)
    return bool(count)


def _require(entry_id: str, by: User) -> None:
    if not may_administer(by):
        raise NotAllowed
    try:
        texts.entry_title(entry_id)
    except texts.NotApproved:
        raise UnknownEntry from None
