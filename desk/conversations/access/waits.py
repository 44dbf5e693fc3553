"""Places in the queue, and how long a wait may be."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from statistics import quantiles

from django.db.models import Q, QuerySet

from conversations.models import Control, Conversation, Handoff

# Enough waits for a quarter and three quarters to mean something, few enough to be recent.
FEWEST_WAITS = 5
MOST_WAITS = 40
RECENT_DAYS = 14


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

    The middle half of recent waits, each divided by the place it started from; None when there
    were too few of them to say anything honest.
    """
    recent = Handoff.objects.filter(
        claimed_at__gte=now - timedelta(days=RECENT_DAYS), position__gte=1, outcome="queued"
    ).order_by("-claimed_at")
    per_place = [
        (claimed_at - created_at).total_seconds() / 60 / place
        for claimed_at, created_at, place in recent.values_list(
            "claimed_at", "created_at", "position"
        )[:MOST_WAITS]
        if claimed_at is not None and place is not None
    ]
    if len(per_place) < FEWEST_WAITS:
        return None
    low, _, high = quantiles(per_place, n=4, method="inclusive")
    return math.floor(low * position), max(1, math.ceil(high * position))
