"""Writing audit entries."""

from __future__ import annotations

import uuid

from django.db.models import Model
from django.utils import timezone

from audit.kinds import kind_named
from audit.request_id import current_request_id

type AuditValue = str | int | float | bool | list[str] | None

LONGEST_VALUE = 200


def record(
    kind: str, *, actor: str, conversation_id: uuid.UUID | None = None, **data: AuditValue
) -> None:
    """Append one entry, in the caller's transaction.

    Args:
        kind: a registered name.
        actor: "visitor", "bot", "system", "retention" or `staff_actor(user)`.
        conversation_id: which conversation it is about, if any.
        data: facts under the fields that the kind declared; ids and words from closed lists,
            never anything that somebody typed.

    Raises:
        ValueError: an unknown kind or field, or a value as long as a text.
    """
    # Not at the top: Django imports this package before models may be.
    from audit.models import AuditEntry

    surplus = set(data) - kind_named(kind).fields
    if surplus:
        raise ValueError(f"audit kind {kind} has no field {', '.join(sorted(surplus))}")
    for name, value in data.items():
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise ValueError(f"audit field {name} is as long as a text")
    AuditEntry.objects.create(
        at=timezone.now(),
        kind=kind,
        actor=actor,
        conversation_id=conversation_id,
        request_id=current_request_id(),
        data=data,
    )


def staff_actor(user: Model) -> str:
    """How an audit entry names a staff account."""
    return f"staff:{user.pk}"
