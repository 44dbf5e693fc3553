"""What the console's list shows, read in few queries that everybody's list can share."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from conversations.access.waits import queue
from conversations.models import (
    Closer,
    Control,
    Conversation,
    Message,
    Sender,
    Transfer,
    TransferState,
)
from staff.models import User

RECENT_HOURS = 24
# A night's alarm in a chat that has ended is still to be seen to after a long weekend.
ALARM_HOURS = 96
# Enough for a list that a person reads; the review has the rest.
MOST_ROWS = 200
LINE_LENGTH = 160
# How long an answer to an offer, or a piece of advice, is news.
NEWS_MINUTES = 15


@dataclass(frozen=True)
class LiveState:
    """What tells one state of the house from another, for whoever keeps what was drawn of it.

    Attributes:
        waiting: every conversation that waits for a person, or is urgent and has or had none, with
            its change number: as long as they are equal, nothing about them changed.
        talks: the same of those that specialists hold.
        bot: the other conversations that are going on with the bot; who is in it, not how far.
    """

    waiting: dict[uuid.UUID, int]
    talks: dict[uuid.UUID, int]
    bot: frozenset[uuid.UUID]


@dataclass(frozen=True)
class WaitingRow:
    """A conversation that waits for a person.

    Attributes:
        position: place in the queue from 1.
        last_words: the beginning of what the visitor wrote last, or "".
    """

    conversation: Conversation
    position: int
    last_words: str


@dataclass(frozen=True)
class AlarmRow:
    """An urgent conversation without a person.

    Attributes:
        last_words: the beginning of what the visitor wrote last, or "".
    """

    conversation: Conversation
    last_words: str


@dataclass(frozen=True)
class TalkRow:
    """A conversation that a specialist holds.

    Attributes:
        unanswered_since: when the oldest visitor message after the last reply came, or when a
            person was asked for if that was later; None when the last word is ours.
        last_visitor_seq: the number of the visitor's last message, 0 if there is none.
        last_words: the beginning of what the visitor wrote last, or "".
    """

    conversation: Conversation
    unanswered_since: datetime | None
    last_visitor_seq: int
    last_words: str


def live_state(now: datetime | None = None) -> LiveState:
    """Read, in one query, what distinguishes this state of the house from another."""
    now = now or timezone.now()
    recent = now - timedelta(hours=RECENT_HOURS)
    live = Conversation.objects.filter(
        Q(control__in=(Control.QUEUE, Control.SPECIALIST))
        | Q(control=Control.BOT, last_activity_at__gte=recent)
        | _unheard(now)
    ).order_by()
    waiting: dict[uuid.UUID, int] = {}
    talks: dict[uuid.UUID, int] = {}
    bot: set[uuid.UUID] = set()
    for pk, control, is_urgent, change_seq in live.values_list(
        "pk", "control", "is_urgent", "change_seq"
    ):
        if control == Control.SPECIALIST:
            talks[pk] = change_seq
        elif control == Control.QUEUE or is_urgent:
            waiting[pk] = change_seq
        else:
            bot.add(pk)
    return LiveState(waiting, talks, frozenset(bot))


def waiting_rows() -> list[WaitingRow]:
    """Who waits for a person, in the order they will be served, in one query."""
    found = queue().select_related("lost_specialist").annotate(last_words=_last("text"))
    return [
        WaitingRow(conversation, position, conversation.last_words or "")
        for position, conversation in enumerate(found, start=1)
    ]


def urgent_with_bot(now: datetime | None = None) -> list[AlarmRow]:
    """Urgent conversations in which nobody asked for a person, the latest first."""
    return _alarm_rows(_with_bot(now).filter(is_urgent=True))


def urgent_unheard(now: datetime | None = None) -> list[AlarmRow]:
    """Conversations that ended before anybody saw to their alarm, the latest alarm first.

    Where a specialist wrote or closed the chat after the alarm, it was seen to.
    """
    found = Conversation.objects.filter(_unheard(now or timezone.now()))
    return _alarm_rows(found.order_by("-urgent_at", "pk"))


def _unheard(now: datetime) -> Q:
    since = now - timedelta(hours=ALARM_HOURS)
    written = Message.objects.filter(
        conversation=OuterRef("pk"),
        sender=Sender.SPECIALIST,
        created_at__gte=OuterRef("urgent_at"),
    )
    seen_to = Q(closed_by=Closer.SPECIALIST, urgent_at__lte=F("closed_at")) | Q(Exists(written))
    return Q(control=Control.CLOSED, is_urgent=True, urgent_at__gte=since) & ~seen_to


def _alarm_rows(found: QuerySet[Conversation]) -> list[AlarmRow]:
    rows = found.annotate(last_words=_last("text"))[:MOST_ROWS]
    return [AlarmRow(each, each.last_words or "") for each in rows]


def with_bot(now: datetime | None = None) -> list[Conversation]:
    """Other conversations going on with the bot, the latest first."""
    return list(_with_bot(now).filter(is_urgent=False)[:MOST_ROWS])


def _with_bot(now: datetime | None) -> QuerySet[Conversation]:
    recent = (now or timezone.now()) - timedelta(hours=RECENT_HOURS)
    return Conversation.objects.filter(control=Control.BOT, last_activity_at__gte=recent).order_by(
        "-last_activity_at", "pk"
    )


def talk_rows(only: Collection[uuid.UUID] | None = None) -> list[TalkRow]:
    """Conversations that specialists hold, all of them or `only` some, in no order."""
    replies = Message.objects.filter(
        conversation=OuterRef("pk"), sender__in=(Sender.SPECIALIST, Sender.BOT)
    ).order_by("-seq")
    unanswered = Message.objects.filter(
        conversation=OuterRef("pk"),
        sender=Sender.VISITOR,
        seq__gt=Coalesce(OuterRef("replied_seq"), 0),
    ).order_by("seq")
    held = Conversation.objects.filter(control=Control.SPECIALIST)
    if only is not None:
        held = held.filter(pk__in=list(only))
    found = (
        held.select_related("specialist")
        .annotate(replied_seq=Subquery(replies.values("seq")[:1]))
        .annotate(
            unanswered_at=Subquery(unanswered.values("created_at")[:1]),
            last_visitor_seq=_last("seq"),
            last_words=_last("text"),
        )
    )
    return [
        TalkRow(each, _unanswered_since(each), each.last_visitor_seq or 0, each.last_words or "")
        for each in found
    ]


def longest_waiting_first(rows: Iterable[TalkRow]) -> list[TalkRow]:
    """Who waits longest for an answer first.

    Those in which the last word is ours come last, the longest silent of them first.
    """
    return sorted(
        rows,
        key=lambda row: (
            row.unanswered_since is None,
            row.unanswered_since or row.conversation.last_activity_at,
        ),
    )


def _unanswered_since(conversation: Conversation) -> datetime | None:
    unanswered_at: datetime | None = vars(conversation)["unanswered_at"]
    if unanswered_at is not None and conversation.queued_at is not None:
        # Whoever asked for a person waits from then on.
        return max(unanswered_at, conversation.queued_at)
    return unanswered_at


def _last(field: str) -> Subquery:
    """A field of the visitor's last message; of a text only the beginning of typed words."""
    written = Message.objects.filter(conversation=OuterRef("pk"), sender=Sender.VISITOR)
    shown = Left("text", LINE_LENGTH) if field == "text" else F(field)
    if field == "text":
        # The title of a tapped choice says nothing of what a family wants; no verdict was made.
        written = written.filter(safety_verdict__isnull=False)
    return Subquery(written.order_by("-seq").annotate(shown=shown).values("shown")[:1])


def finished(now: datetime | None = None) -> list[Conversation]:
    """Conversations closed within the last day, the latest first."""
    since = (now or timezone.now()) - timedelta(hours=RECENT_HOURS)
    return list(
        Conversation.objects.filter(
            control=Control.CLOSED, closed_at__gte=since, last_seq__gt=0
        ).order_by("-closed_at")[:MOST_ROWS]
    )


def offers_of(user: User, now: datetime | None = None) -> list[Transfer]:
    """Transfers that this account offered or was offered and that are open, or news still."""
    since = (now or timezone.now()) - timedelta(minutes=NEWS_MINUTES)
    mine = Transfer.objects.filter(Q(offered_to=user) | Q(offered_by=user))
    news = mine.filter(Q(state=TransferState.OFFERED) | Q(answered_at__gte=since))
    if not news.exists():
        return []
    return list(news.select_related("offered_by", "offered_to", "conversation"))
