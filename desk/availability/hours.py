"""Opening hours as spans of real time: weekly hours, dates that override them, next opening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge import Organisation

# Longer than any run of closed days a service has; without hours at all the search must end.
SEARCH_DAYS = 60


def spans_on(organisation: Organisation, day: date) -> list[tuple[datetime, datetime]]:
    """When the service is open on a local day: (opens_at, closes_at) in UTC, in order.

    A date among the holidays overrides its weekday. Times that a clock change skips or doubles
    are read the way `zoneinfo` reads them: before the change.
    """
    zone = ZoneInfo(organisation.time_zone)
    spans = organisation.holidays.get(day, organisation.hours.get(day.weekday(), ()))
    return [(_instant(day, opens, zone), _instant(day, closes, zone)) for opens, closes in spans]


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def upcoming_spans(
    organisation: Organisation, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Spans that end after `now`, in order, for `SEARCH_DAYS` days."""
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    for offset in range(SEARCH_DAYS):
        for opens_at, closes_at in spans_on(organisation, today + timedelta(days=offset)):
            if closes_at > now:
                yield opens_at, closes_at


def spoken_time(organisation: Organisation, at: datetime, now: datetime) -> str:
    """A moment in words for a visitor, such as "on Monday, November 23 at 9:00 AM EST".

    Today and tomorrow, in the organisation's zone, are called so.
    """
    zone = ZoneInfo(organisation.time_zone)
    local, here = at.astimezone(zone), now.astimezone(zone)
    days = (local.date() - here.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {local:%A, %B} {local.day}")
    clock = f"{local.hour % 12 or 12}:{local:%M} {local:%p}"
    return f"{day} at {clock} {local.tzname()}"
