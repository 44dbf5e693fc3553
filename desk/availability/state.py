"""The one answer to "can a person be reached now?". Everything obeys it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from availability import content, hours
from knowledge import Organisation
from staff.presence import is_staffed


@dataclass(frozen=True)
class ServiceState:
    """Whether people can be reached at one moment.

    Attributes:
        is_open: within the hours.
        is_staffed: a specialist is there and accepts conversations, whatever the hours say.
        opens_at: next opening, in UTC; None while open, or when no opening is in sight.
        closes_at: when these hours end, in UTC; None while closed, or when they never end.
        is_closing_soon: open, but not for long.
        opens_at_words: `opens_at` for a visitor to read, or "". Hours that no source confirms
            steer the service, but are never told to a family as the charity's.
        closes_at_words: `closes_at` for a visitor to read, or ""; likewise.
    """

    is_open: bool
    is_staffed: bool
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    is_closing_soon: bool = False
    opens_at_words: str = ""
    closes_at_words: str = ""

    @property
    def can_reach_person(self) -> bool:
        """Whether a visitor who asks for a person now can be queued."""
        return self.is_open and self.is_staffed

    def slots(self) -> dict[str, str]:
        """What approved texts may say of it: `opens_at`, `closes_at`, where known."""
        words = {"opens_at": self.opens_at_words, "closes_at": self.closes_at_words}
        return {name: value for name, value in words.items() if value}


def service_state(now: datetime) -> ServiceState:
    """The state of the service at `now`, from the organisation's hours and who is there."""
    staffed = is_staffed(now)
    if settings.SERVICE_HOURS == "always":
        return ServiceState(is_open=True, is_staffed=staffed)
    organisation = content.organisation()
    span = next(hours.upcoming_spans(organisation, now), None)
    if span is None:
        return ServiceState(is_open=False, is_staffed=staffed)
    opens_at, closes_at = span
    if now < opens_at:
        words = _words(organisation, opens_at, now)
        return ServiceState(False, staffed, opens_at=opens_at, opens_at_words=words)
    return ServiceState(
        is_open=True,
        is_staffed=staffed,
        closes_at=closes_at,
        is_closing_soon=closes_at - now <= timedelta(minutes=settings.CLOSING_SOON_MINUTES),
        closes_at_words=_words(organisation, closes_at, now),
    )


def _words(organisation: Organisation, at: datetime, now: datetime) -> str:
    return hours.spoken_time(organisation, at, now) if organisation.hours_verified else ""
