"""Places in the queue, and how long a wait may be."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.access.kept import Kept
from conversations.models import Control, Conversation, Handoff

# Enough waits for a quarter and three quarters to mean something, few enough to be recent.
FEWEST_WAITS = 5
MOST_WAITS = 40
RECENT_DAYS = 14
KEPT_SECONDS = 1.0


def queue() -> QuerySet[Conversation]:
    """Waiting conversations in the order they will be served: urgent ones, then the oldest."""
    return Conversation.objects.filter(control=Control.QUEUE).order_by(
        "-is_urgent", "queued_at", "pk"
    )


def queue_position(conversation: Conversation) -> int | None:
    """A conversation's place in the queue from 1; None when it is not waiting."""
    if conversation.control != Control.QUEUE or conversation.queued_at is None:
        return None
    earlier = Q(queued_at__lt=conversation.queued_at) | Q(
        queued_at=conversation.queued_at, pk__lt=conversation.pk
    )
    ahead = Q(is_urgent=True) & earlier
    if not conversation.is_urgent:
        ahead = Q(is_urgent=True) | earlier
    return 1 + Conversation.objects.filter(ahead, control=Control.QUEUE).count()


def wait_minutes(position: int, now: datetime) -> tuple[int, int] | None:
    """The expected wait at a place in the queue as (low, high) in whole minutes.

    The middle half of recent waits, each divided by the place it started from. Whoever gave up or
    still waits has waited at least so long and is counted so: leaving them out would tell of the
    quick ones alone. A wait after a release or a lost console starts there. Urgent ones, who are
    taken first, say nothing about others.

    Returns:
        None when there were too few of them, or too many gave up, to say anything honest.

    Source: Kaplan and Meier, Nonparametric estimation from incomplete observations, Journal of
    the American Statistical Association 53 (1958).
    """
    return _minutes_at(position, _pace(now))


@dataclass(frozen=True)
class Line:
    """The queue at one moment: everybody's place from 1, and minutes for each place, if known."""

    places: dict[uuid.UUID, int]
    pace: tuple[float, float] | None

    def wait_minutes(self, position: int) -> tuple[int, int] | None:
        """The same as the function of that name, at that moment."""
        return _minutes_at(position, self.pace)


_line = Kept[Line](KEPT_SECONDS)


def kept_line(version: int) -> Line:
    """The queue as it was when it got this version, or up to `KEPT_SECONDS` later.

    A hundred families who hear at the same moment that they moved up would read the same each.

    Args:
        version: grows with every move of the queue, before anybody hears of the move.
    """
    return _line.get(version, _read_line)


def kept_place(
    conversation_id: uuid.UUID, version: int
) -> tuple[int, tuple[int, int] | None] | None:
    """A place in that queue, with the wait from there in minutes, if known; None for none."""
    line = kept_line(version)
    place = line.places.get(conversation_id)
    return None if place is None else (place, line.wait_minutes(place))


def _read_line() -> Line:
    places = enumerate(queue().values_list("pk", flat=True), start=1)
    return Line({pk: place for place, pk in places}, _pace(timezone.now()))


def _minutes_at(position: int, pace: tuple[float, float] | None) -> tuple[int, int] | None:
    if pace is None:
        return None
    low, high = pace
    # Whole minutes, and never none: nobody takes up a chat in the second it is asked for.
    return max(1, math.floor(low * position)), max(1, math.ceil(high * position))


def _pace(now: datetime) -> tuple[float, float] | None:
    """Minutes for each place in line: what a quarter and three quarters waited at most."""
    waits = sorted(_recent_waits(now))
    if sum(is_over for _, is_over in waits) < FEWEST_WAITS:
        return None
    low, high = _share_over(waits, 0.25), _share_over(waits, 0.75)
    return None if low is None or high is None else (low, high)


def _recent_waits(now: datetime) -> list[tuple[float, bool]]:
    """Minutes for each place in line, and whether a person came then."""
    was_urgent = Q(conversation__urgent_at__lte=Coalesce("claimed_at", "left_at", Value(now)))
    recent = (
        Handoff.objects.filter(
            created_at__gte=now - timedelta(days=RECENT_DAYS), position__gte=1, outcome="queued"
        )
        .exclude(was_urgent)
        .order_by("-created_at")
    )
    rows = recent.values_list("created_at", "claimed_at", "left_at", "position")[:MOST_WAITS]
    return [
        (((claimed or left or now) - began).total_seconds() / 60 / place, claimed is not None)
        for began, claimed, left, place in rows
        if place is not None
    ]


def _share_over(waits: list[tuple[float, bool]], share: float) -> float | None:
    """When so large a share of the waits is over; None when it is never seen to be.

    Args:
        waits: (minutes, whether a person came then), the shortest first.
        share: from 0 to 1.
    """
    waiting = 1.0
    for number, (minutes, is_over) in enumerate(waits):
        if is_over:
            waiting *= 1 - 1 / (len(waits) - number)
        if waiting <= 1 - share + 1e-9:
            return minutes
    return None
