"""Opening hours as spans of real time: weekly hours, dates that override them, closures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge import Organisation

type Stretch = tuple[datetime, datetime]

# Longer than any run of closed days a service has; without hours at all the search must end.
SEARCH_DAYS = 60
# The end of what has no end in sight.
FOREVER = datetime.max.replace(tzinfo=UTC)


def spans_on(organisation: Organisation, day: date) -> list[Stretch]:
    """When the service is open from a local day on: (opens_at, closes_at) in UTC, in order.

    A date among the holidays overrides its weekday. A span belongs to the day on which it begins:
    one that ends at or before its beginning by the clock goes on to the next day. Times that a
    clock change skips or doubles are read the way `zoneinfo` reads them, before the change; a
    span that the change swallows whole is none.
    """
    zone = ZoneInfo(organisation.time_zone)
    found = []
    for opens, closes in organisation.holidays.get(day, organisation.hours.get(day.weekday(), ())):
        last_day = day if closes > opens else day + timedelta(days=1)
        opens_at, closes_at = _instant(day, opens, zone), _instant(last_day, closes, zone)
        if opens_at < closes_at:
            found.append((opens_at, closes_at))
    return found


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def upcoming_spans(organisation: Organisation, now: datetime) -> Iterator[Stretch]:
    """Spans that end after `now`, in order and apart, for `SEARCH_DAYS` days.

    Spans that touch or overlap, such as those before and after midnight, are one; one that goes on
    to the end of the search ends at `FOREVER`.
    """
    # Yesterday's last span may reach into today.
    first = now.astimezone(ZoneInfo(organisation.time_zone)).date() - timedelta(days=1)
    joined: Stretch | None = None
    for offset in range(SEARCH_DAYS):
        for opens_at, closes_at in spans_on(organisation, first + timedelta(days=offset)):
            if joined is not None and opens_at <= joined[1]:
                joined = joined[0], max(joined[1], closes_at)
                continue
            if joined is not None and joined[1] > now:
                yield joined
            joined = opens_at, closes_at
    if joined is not None and joined[1] > now:
        goes_on = joined[1] - joined[0] > timedelta(days=SEARCH_DAYS // 2)
        yield (joined[0], FOREVER) if goes_on else joined


def without(spans: Iterable[Stretch], closures: list[Stretch]) -> Iterator[Stretch]:
    """What closures leave of spans, in order."""
    for span in spans:
        left = [span]
        for closure in closures:
            left = [piece for whole in left for piece in _cut(whole, closure)]
        yield from left


def _cut(span: Stretch, closure: Stretch) -> list[Stretch]:
    opens_at, closes_at = span
    starts_at, ends_at = closure
    if ends_at <= opens_at or closes_at <= starts_at:
        return [span]
    pieces = [(opens_at, min(closes_at, starts_at)), (max(opens_at, ends_at), closes_at)]
    return [piece for piece in pieces if piece[0] < piece[1]]


def spoken_time(time_zone: str, at: datetime, now: datetime) -> str:
    """A moment in words for a visitor, such as "on Monday, November 23 at 9:00 AM EST".

    Today and tomorrow, in the zone named, are called so. A zone without letters of its own is
    named after its city: "today at 6:00 PM, Dubai time".
    """
    zone = ZoneInfo(time_zone)
    local, here = at.astimezone(zone), now.astimezone(zone)
    days = (local.date() - here.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {local:%A, %B} {local.day}")
    clock = f"{local.hour % 12 or 12}:{local:%M} {local:%p}"
    return f"{day} at {clock}{_zone_words(time_zone, local)}"


def plain_time(time_zone: str, at: datetime) -> str:
    """A moment for a record, such as "2026-11-23 10:00 EST"."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local:%Y-%m-%d %H:%M}{_zone_words(time_zone, local)}"


def _zone_words(time_zone: str, local: datetime) -> str:
    name = local.tzname() or ""
    if name.isalpha():
        return f" {name}"
    city = time_zone.rpartition("/")[2].replace("_", " ")
    return f", {city} time"
