"""Finding transcripts to review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Left

from availability import content
from conversations.access.board import LINE_LENGTH
from conversations.models import Conversation, Kind, Message, Sender

PER_PAGE = 50
LONGEST_SEARCH = 200
# Flags a reviewer may ask for, each with what it means.
FLAGS = {
    "urgent": "a message described an emergency or a crisis",
    "fallback": "the bot did not know an answer",
    "handoff": "a person was asked for",
    "unhelpful": "an answer was judged unhelpful",
    "failed": "a bot turn failed",
    "callback": "the visitor asked to be contacted",
}


@dataclass(frozen=True)
class ReviewFilters:
    """Which conversations to list; what is left out does not narrow the list.

    Attributes:
        control: bot, queue, specialist or closed.
        from_on, to_on: days in the organisation's time zone, both included.
        flags: names out of `FLAGS`; a conversation has to have all of them.
        search: words that one of its messages has to contain, in this order.
    """

    control: str = ""
    from_on: date | None = None
    to_on: date | None = None
    flags: tuple[str, ...] = ()
    search: str = ""


@dataclass(frozen=True)
class ReviewRow:
    """One conversation in the list."""

    conversation: Conversation
    flags: tuple[str, ...]
    first_words: str


@dataclass(frozen=True)
class ReviewPage:
    """One page of the list, latest conversations first."""

    rows: list[ReviewRow]
    page: int
    pages: int
    total: int


def review_page(filters: ReviewFilters, page: int = 1) -> ReviewPage:
    """A page of the conversations that fit, latest first; pages count from 1."""
    found = _filtered(_flagged(Conversation.objects.exclude(messages=None)), filters)
    total = found.count()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    ordered = found.annotate(first_words=_first_words()).order_by("-created_at", "pk")
    rows = [
        ReviewRow(conversation, _flags_of(conversation), conversation.first_words)
        for conversation in ordered[(page - 1) * PER_PAGE : page * PER_PAGE]
    ]
    return ReviewPage(rows, page, pages, total)


def _flagged(found: QuerySet[Conversation]) -> QuerySet[Conversation]:
    said = Message.objects.filter(conversation=OuterRef("pk"))
    return found.distinct().annotate(
        # Also once a specialist has seen to it and the flag is off.
        has_urgent=Q(urgent_at__isnull=False),
        has_fallback=Exists(said.filter(kind=Kind.FALLBACK)),
        has_handoff=Exists(Conversation.objects.filter(pk=OuterRef("pk"), handoffs__isnull=False)),
        has_unhelpful=Exists(said.filter(feedback__is_helpful=False)),
        has_failed=Exists(said.filter(turn__state="failed").exclude(turn__failure="superseded")),
        has_callback=Exists(
            Conversation.objects.filter(pk=OuterRef("pk"), callbacks__isnull=False)
        ),
    )


def _filtered(found: QuerySet[Conversation], filters: ReviewFilters) -> QuerySet[Conversation]:
    if filters.control:
        found = found.filter(control=filters.control)
    if filters.from_on:
        found = found.filter(created_at__gte=_midnight(filters.from_on))
    if filters.to_on:
        found = found.filter(created_at__lt=_midnight(filters.to_on + timedelta(days=1)))
    for flag in filters.flags:
        if flag in FLAGS:
            found = found.filter(Q(**{_field(flag): True}))
    words = filters.search.replace("\x00", "").strip()[:LONGEST_SEARCH]
    if words:
        said = Message.objects.filter(conversation=OuterRef("pk"), text__icontains=words)
        found = found.filter(Exists(said))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(content.organisation().time_zone))


def _field(flag: str) -> str:
    return f"has_{flag}"


def _flags_of(conversation: Conversation) -> tuple[str, ...]:
    return tuple(flag for flag in FLAGS if getattr(conversation, _field(flag)))


def _first_words() -> Combinable:
    """What the family first wrote; where it only tapped, what it tapped first."""
    said = Message.objects.filter(conversation=OuterRef("pk"), sender=Sender.VISITOR)
    first = said.order_by("seq").annotate(shown=Left("text", LINE_LENGTH)).values("shown")
    # The title of a tapped choice says nothing of what a family wants; no verdict was made.
    written = first.filter(safety_verdict__isnull=False)
    return Coalesce(Subquery(written[:1]), Subquery(first[:1]), Value(""))
