"""Which kinds of audit entry there are. Each app registers its own; docs/audit.md lists all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AuditKind:
    """A kind of audit entry.

    Attributes:
        name: such as "control.claimed".
        label: what happened, in words for staff.
        fields: the only keys its data may have, so that no personal text slips in.
    """

    name: str
    label: str
    fields: frozenset[str]


_kinds: dict[str, AuditKind] = {}


def register(name: str, label: str, *fields: str) -> AuditKind:
    """Make a kind known and hand it back.

    Raises:
        ValueError: another kind has that name.
    """
    kind = AuditKind(name, label, frozenset(fields))
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"audit kind {name} is registered already")
    return kind


def registered() -> dict[str, AuditKind]:
    """Every kind by name."""
    return dict(sorted(_kinds.items()))


def kind_named(name: str) -> AuditKind:
    """The kind of that name.

    Raises:
        ValueError: nobody registered it.
    """
    if name not in _kinds:
        raise ValueError(f"audit kind {name} is not registered")
    return _kinds[name]
