"""What is read of closures and of who is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from availability import content, hours
from availability.models import Closure
from staff.access import CHAT_ROLES
from staff.models import User

__all__ = ["Closure", "Day", "Present", "closures_after", "coming_days", "present"]

DAYS_SHOWN = 7


def closures_after(now: datetime) -> list[Closure]:
    """Closures that are not lifted and not over at `now`, by their beginning."""
    running = Q(ends_at=None) | Q(ends_at__gt=now)
    return list(
        Closure.objects.filter(running, lifted_at=None)
        .select_related("closed_by")
        .order_by("starts_at", "pk")
    )


@dataclass(frozen=True)
class Day:
    """The hours of one local day.

    Attributes:
        on: the day.
        is_exception: a date with hours of its own, or closed, whatever its weekday says.
        spans: (opens_at, closes_at) in the organisation's zone; empty on a closed day.
    """

    on: date
    is_exception: bool
    spans: list[hours.Stretch]


def coming_days(now: datetime) -> list[Day]:
    """The hours of today and the next days, in the organisation's zone."""
    organisation = content.organisation()
    zone = ZoneInfo(organisation.time_zone)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    return [
        Day(
            on=day,
            is_exception=day in organisation.holidays,
            spans=[
                (opens_at.astimezone(zone), closes_at.astimezone(zone))
                for opens_at, closes_at in hours.spans_on(organisation, day)
            ],
        )
        for day in days
    ]


@dataclass(frozen=True)
class Present:
    """Somebody who may hold a conversation and whose console was seen a moment ago."""

    name: str
    is_accepting: bool


def present(now: datetime) -> list[Present]:
    """Specialists and supervisors who are connected, with their own switch, by name."""
    since = now - timedelta(seconds=settings.PRESENCE_SECONDS)
    there = (
        User.objects.select_related("presence")
        .filter(is_active=True, groups__name__in=CHAT_ROLES, presence__seen_at__gte=since)
        .distinct()
    )
    found = [Present(user.shown_name, user.presence.is_accepting) for user in there]
    return sorted(found, key=lambda each: each.name)
