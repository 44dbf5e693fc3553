"""Callbacks and left questions, as the people see them who work on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from availability import content, hours
from conversations.contact_points import ShownPhone, shown_phone
from conversations.errors import NotAllowed, UnknownCallback
from conversations.models import (
    CallbackAttempt,
    CallbackRequest,
    CallbackState,
    Mail,
    MailKind,
    MailState,
)
from staff.access import may_watch
from staff.models import Role, User

type Which = Literal["open", "mine", "done"]

# Done ones are looked up, not worked through.
MOST_DONE = 100


@dataclass(frozen=True)
class FollowUp:
    """One callback or left question.

    Attributes:
        due_words: when it is due, on the organisation's clocks, such as "tomorrow at 9:00 AM EST".
        is_overdue: it is open, and its due time is past.
        is_mine: the reader owns it.
        phone: how to call, None where only an address was left.
        attempts: what was tried so far, the oldest first.
        mails: what was written to the visitor about it, the oldest first.
    """

    callback: CallbackRequest
    due_words: str
    is_overdue: bool
    is_mine: bool
    phone: ShownPhone | None
    attempts: list[CallbackAttempt]
    mails: list[Mail]

    @property
    def is_answer_lost(self) -> bool:
        """Whether it is open, and the last answer could not be sent."""
        is_open = self.callback.state == CallbackState.OPEN
        return is_open and bool(self.mails) and self.mails[-1].is_lost

    @property
    def is_answer_stuck(self) -> bool:
        """Whether an answer waits to be sent by a desk that sends no mail any more."""
        is_waiting = any(mail.state == MailState.WAITING for mail in self.mails)
        return is_waiting and not settings.SENDS_MAIL


@dataclass(frozen=True)
class FollowUpCounts:
    """How much there is to do.

    Attributes:
        due: open ones that the reader owns or nobody does, or whose answer by mail waits for
            somebody but its author to read it.
        overdue: open ones past their due time, whoever owns them.
    """

    due: int
    overdue: int


def follow_ups(user: User, which: Which, now: datetime | None = None) -> list[FollowUp]:
    """What waits for a person, overdue ones first, then by due time.

    Args:
        user: who looks.
        which: "open" for all, "mine" for those that the reader owns, "done" for the last ones
            that were worked to their end, the latest first.
        now: the moment that due times are compared with.

    Raises:
        NotAllowed: the account may not see the console.
    """
    _require_watcher(user)
    found = _whole()
    if which == "done":
        found = found.filter(state=CallbackState.DONE).order_by("-done_at")[:MOST_DONE]
    else:
        found = found.filter(state=CallbackState.OPEN).order_by("due_at", "created_at")
        if which == "mine":
            found = found.filter(owner=user)
    now = now or timezone.now()
    return [_shown(callback, user, now) for callback in found]


def follow_up(user: User, callback_id: int, now: datetime | None = None) -> FollowUp:
    """One of them, open or done.

    Raises:
        NotAllowed: the account may not see the console.
        UnknownCallback: there is none with that id.
    """
    _require_watcher(user)
    found = _whole().filter(pk=callback_id).first()
    if found is None:
        raise UnknownCallback
    return _shown(found, user, now or timezone.now())


def follow_up_counts(user: User, now: datetime | None = None) -> FollowUpCounts:
    """How much there is to do, for the badge in the bar."""
    held = Mail.objects.filter(callback=OuterRef("pk"), state=MailState.HELD)
    rows = (
        CallbackRequest.objects.filter(state=CallbackState.OPEN)
        .annotate(is_to_read=Exists(held.exclude(author=user)))
        .values_list("owner", "due_at", "is_to_read")
    )
    now = now or timezone.now()
    found = list(rows)
    return FollowUpCounts(
        due=sum(owner in (None, user.pk) or is_to_read for owner, _, is_to_read in found),
        overdue=sum(due_at is not None and due_at < now for _, due_at, _ in found),
    )


def stuck_mails() -> int:
    """How many mails wait although this desk sends none any more."""
    return 0 if settings.SENDS_MAIL else Mail.objects.filter(state=MailState.WAITING).count()


def possible_owners() -> list[User]:
    """Everybody who may own a callback, by name."""
    roles = Q(groups__name=Role.SPECIALIST) | Q(groups__name=Role.SUPERVISOR)
    found = User.objects.filter(roles, is_active=True).distinct()
    return sorted(found, key=lambda user: user.shown_name.casefold())


def _require_watcher(user: User) -> None:
    if not may_watch(user):
        raise NotAllowed


def _whole() -> QuerySet[CallbackRequest]:
    return CallbackRequest.objects.select_related("conversation", "owner").prefetch_related(
        "attempts__by", "mails__author"
    )


def _shown(callback: CallbackRequest, user: User, now: datetime) -> FollowUp:
    is_open = callback.state == CallbackState.OPEN
    zone = content.organisation().time_zone
    return FollowUp(
        callback=callback,
        due_words=hours.spoken_time(zone, callback.due_at, now) if callback.due_at else "",
        is_overdue=is_open and callback.due_at is not None and callback.due_at < now,
        is_mine=callback.owner_id == user.pk,
        phone=shown_phone(callback.phone) if callback.phone else None,
        attempts=list(callback.attempts.all()),
        mails=[mail for mail in callback.mails.all() if mail.kind == MailKind.ANSWER],
    )
