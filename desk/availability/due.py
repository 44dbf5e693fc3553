"""When something that was promised is due, counted in the hours in which people are there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from availability import access, content, hours

# Without any opening in sight a promise still falls due.
_WITHOUT_HOURS = timedelta(days=1)


def due_after(now: datetime, service_time: timedelta) -> datetime:
    """The moment by which so much service time has passed since `now`, in UTC.

    Evenings, weekends, holidays and closings known by then do not count: eight hours after
    Friday noon is Monday morning where people are there until five.

    Args:
        now: when it was promised.
        service_time: how long the service may take, in its own hours.
    """
    spans: Iterable[hours.Stretch] = [(now, hours.FOREVER)]
    if settings.SERVICE_HOURS != "always":
        spans = hours.upcoming_spans(content.organisation(), now)
    closures = access.closures_after(now)
    closed = [(closure.starts_at, closure.ends_at or hours.FOREVER) for closure in closures]
    left = service_time
    for opens_at, closes_at in hours.without(spans, closed):
        start = max(opens_at, now)
        if closes_at - start >= left:
            return start + left
        left -= closes_at - start
    return now + max(service_time, _WITHOUT_HOURS)
