"""Reads the facts about the organisation behind the service."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from knowledge.documents import Problems, Value, read_document
from knowledge.models import ContactValue, Organisation, Span

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Without each of these a safety text cannot be filled.
_SAFETY_LINES = ("emergency_number", "crisis_line", "maternal_line", "poison_line")
_CONTACTS = ("phone", "email", "website", *_SAFETY_LINES)
_NO_CONTACT = ContactValue(None, verified=False)
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def load_organisation(
    path: Path, problems: Problems, name: str = "organisation.yml"
) -> Organisation:
    """Return the organisation of a file; what is wrong is noted in `problems`."""
    root = read_document(path, name, problems)
    wanted = {"name", "former_name", "is_demonstration", "time_zone", "hours", "holidays"}
    wanted |= set(_CONTACTS)
    fields = root.owned_by("organisation").fields(wanted) if root is not None else {}
    if fields.keys() != wanted:
        return _nothing()
    contacts = {name: _read_contact(fields[name]) for name in _CONTACTS}
    for must in _SAFETY_LINES:
        if not (contacts[must].verified and contacts[must].value):
            fields[must].refuse(f"give a verified value for '{must}'; safety texts need it")
    weekly, hours_verified = _read_hours(fields["hours"])
    return Organisation(
        name=fields["name"].text(),
        former_name=fields["former_name"].optional_text(),
        is_demonstration=fields["is_demonstration"].flag(),
        time_zone=_read_time_zone(fields["time_zone"]),
        hours=weekly,
        hours_verified=hours_verified,
        holidays=_read_holidays(fields["holidays"]),
        **contacts,
    )


def _nothing() -> Organisation:
    contacts = dict.fromkeys(_CONTACTS, _NO_CONTACT)
    return Organisation(
        name="",
        former_name=None,
        is_demonstration=True,
        time_zone="UTC",
        hours={},
        hours_verified=False,
        holidays={},
        **contacts,
    )


def _read_contact(value: Value) -> ContactValue:
    fields = value.fields({"value", "verified"}, frozenset({"note"}))
    if not {"value", "verified"} <= fields.keys():
        return _NO_CONTACT
    contact = ContactValue(
        value=fields["value"].optional_text(),
        verified=fields["verified"].flag(),
        note=fields["note"].optional_text() if "note" in fields else None,
    )
    if contact.verified and contact.value is None:
        value.refuse(f"give '{value.name}' a value, or set verified: false")
    return contact


def _read_time_zone(value: Value) -> str:
    name = value.text()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        value.refuse("give a time zone such as America/New_York")
    return name


def _read_hours(value: Value) -> tuple[dict[int, tuple[Span, ...]], bool]:
    fields = value.fields({"verified", "weekly"})
    if fields.keys() != {"verified", "weekly"}:
        return {}, False
    weekly: dict[int, tuple[Span, ...]] = {}
    for day, spans in fields["weekly"].pairs():
        if day in WEEKDAYS:
            weekly[WEEKDAYS.index(day)] = _read_spans(spans)
        else:
            spans.refuse(f"write '{day}' as one of {', '.join(WEEKDAYS)}")
    return weekly, fields["verified"].flag()


def _read_holidays(value: Value) -> dict[date, tuple[Span, ...]]:
    holidays: dict[date, tuple[Span, ...]] = {}
    for day, spans in value.pairs():
        try:
            holidays[date.fromisoformat(day)] = (
                () if str(spans.node.value) == "closed" else _read_spans(spans)
            )
        except ValueError:
            spans.refuse(f"write '{day}' as a date such as '2026-12-25'")
    return holidays


def _read_spans(value: Value) -> tuple[Span, ...]:
    """Return the opening spans of a day, each written "09:00-21:00", in order and apart.

    The last one may end on the next day: "18:00-02:00", "08:00-00:00".
    """
    spans: list[Span] = []
    items = list(value.items())
    for item in items:
        match = _SPAN.fullmatch(item.text())
        if match is None:
            item.refuse("write opening hours as '09:00-21:00'")
            continue
        hours = [int(part) for part in match.groups()]
        opens, closes = time(hours[0], hours[1]), time(hours[2], hours[3])
        ends_tomorrow = item is items[-1] and (closes < opens or closes == time(0))
        is_apart = not spans or spans[-1][1] <= opens
        if not is_apart or not (opens < closes or ends_tomorrow):
            item.refuse(
                "let hours end after they start, one span after the other; "
                "only a day's last may end on the next"
            )
        spans.append((opens, closes))
    return tuple(spans)
