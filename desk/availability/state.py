"""The one answer to "can a person be reached now?". Everything obeys it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from availability import access, content, hours
from staff.presence import is_staffed


@dataclass(frozen=True)
class ClosureNotice:
    """A sudden closing that holds now.

    Attributes:
        message: the team's own words to families, or "".
        until: when it ends, in UTC; None until somebody lifts it.
    """

    message: str
    until: datetime | None


@dataclass(frozen=True)
class ServiceState:
    """Whether people can be reached at one moment.

    Attributes:
        at: that moment, in UTC.
        is_open: within the hours, and nobody has closed the service.
        is_staffed: a specialist is there and accepts conversations, whatever the hours say.
        time_zone: the organisation's own.
        opens_at: next opening, in UTC; None while open, or when no opening is in sight.
        closes_at: when these hours end, in UTC; None while closed, or when they never end.
        is_closing_soon: open, but not for long.
        closure: the sudden closing that holds now, or None.
        may_tell_times: the times are confirmed. Hours that no source confirms steer the service,
            but are never told to a family as the charity's.
    """

    at: datetime
    is_open: bool
    is_staffed: bool
    time_zone: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    is_closing_soon: bool = False
    closure: ClosureNotice | None = None
    may_tell_times: bool = False

    @property
    def can_reach_person(self) -> bool:
        """Whether a visitor who asks for a person now can be queued."""
        return self.is_open and self.is_staffed

    def slots(self, time_zone: str = "") -> dict[str, str]:
        """What approved texts may say of it: `opens_at`, `closes_at`, where known.

        Args:
            time_zone: the visitor's, named in the words; "" for the organisation's.
        """
        if not self.may_tell_times:
            return {}
        zone = time_zone or self.time_zone
        times = {"opens_at": self.opens_at, "closes_at": self.closes_at}
        return {
            name: hours.spoken_time(zone, at, self.at)
            for name, at in times.items()
            if at is not None
        }


def service_state(now: datetime) -> ServiceState:
    """The state of the service at `now`: the organisation's hours, closures, who is there."""
    organisation = content.organisation()
    closures = access.closures_after(now)
    closure = _notice(closures, now)
    stretches = [(each.starts_at, each.ends_at or hours.FOREVER) for each in closures]
    spans: Iterable[hours.Stretch] = [(now, hours.FOREVER)]
    if settings.SERVICE_HOURS != "always":
        spans = hours.upcoming_spans(organisation, now)
    left = hours.without(spans, stretches)
    span = next((each for each in left if each[1] > now), None)
    opens_at = span[0] if span is not None and span[0] > now else None
    closes_at = span[1] if span is not None and opens_at is None else None
    if closes_at == hours.FOREVER:
        closes_at = None
    is_open = span is not None and opens_at is None
    soon = timedelta(minutes=settings.CLOSING_SOON_MINUTES)
    # An admin who says until when has confirmed that time.
    is_said = opens_at is not None and closure is not None and closure.until == opens_at
    return ServiceState(
        at=now,
        is_open=is_open,
        is_staffed=is_staffed(now),
        time_zone=organisation.time_zone,
        opens_at=opens_at,
        closes_at=closes_at,
        is_closing_soon=closes_at is not None and closes_at - now <= soon,
        closure=closure,
        may_tell_times=organisation.hours_verified or is_said,
    )


def _notice(closures: list[access.Closure], now: datetime) -> ClosureNotice | None:
    """The closings that hold now, taken together; the newest words count."""
    held = [closure for closure in closures if closure.starts_at <= now]
    if not held:
        return None
    ends = [closure.ends_at for closure in held if closure.ends_at is not None]
    messages = [closure.message for closure in held if closure.message]
    return ClosureNotice(
        message=messages[-1] if messages else "",
        until=max(ends) if len(ends) == len(held) else None,
    )
