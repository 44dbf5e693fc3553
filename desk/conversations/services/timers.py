"""What time alone brings about: reminders, closing time, lost consoles, idle closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from availability.state import ServiceState, service_state
from conversations.access.waits import queue_position
from conversations.errors import UnknownConversation
from conversations.models import (
    Closer,
    Control,
    Conversation,
    HeldReply,
    HeldReplyState,
    Message,
    QueueTold,
    Sender,
)
from conversations.services import handoff, offers
from conversations.services.closing import close
from conversations.services.notices import last_said, say_notice
from conversations.services.specialists import requeue
from conversations.services.unit import Unit, unit
from staff.models import User
from staff.presence import presence_of

MOST_AT_ONCE = 500
_OPENS_LATER = "notice:queue_closed"
_NOBODY_WORKS = (_OPENS_LATER, "notice:queue_nobody", "notice:specialist_left_nobody")


def remind_waiting(now: datetime | None = None) -> int:
    """Offer visitors who wait long to keep waiting, a callback or the bot; how many.

    Nobody is taken out of the queue by this. Whoever was told that nobody is there is not told
    again before they write or somebody comes.
    """
    now = now or timezone.now()
    limit = now - timedelta(minutes=settings.QUEUE_REMINDER_MINUTES)
    long = Q(queue_reminded_at=None, queued_at__lte=limit) | Q(queue_reminded_at__lte=limit)
    waiting = Conversation.objects.filter(long, control=Control.QUEUE)
    return _each(waiting, lambda work: _remind(work, limit))


def _remind(work: Unit, limit: datetime) -> bool:
    conversation = work.conversation
    last = conversation.queue_reminded_at or conversation.queued_at
    if conversation.control != Control.QUEUE or last is None or last > limit:
        return False
    state = service_state(work.now)
    is_silent = conversation.last_activity_at <= last
    if is_silent and not state.is_staffed and _was_told_nobody_works(work, state):
        return False
    conversation.queue_reminded_at = work.now
    work.audit("queue.reminded", actor="system")
    if state.is_staffed:
        position = str(queue_position(conversation))
        say_notice(work, "still_waiting", offers=handoff.ways_on(), position=position)
    else:
        handoff.say_nobody_works(work, state)
    return True


def _was_told_nobody_works(work: Unit, state: ServiceState) -> bool:
    """Whether the last word of the house says so, and promised no opening that has come since."""
    name = last_said(work, Sender.SYSTEM)
    return name in _NOBODY_WORKS and not (state.is_open and name == _OPENS_LATER)


def tell_closed(now: datetime | None = None) -> int:
    """Tell those who still wait that the service has closed, with every way on; how many.

    They keep their place: as long as somebody still works they may be taken, and else when
    people are back. First they learn that it has closed, and once nobody works any more, that.
    """
    now = now or timezone.now()
    state = service_state(now)
    waiting = Conversation.objects.filter(control=Control.QUEUE)
    told = _told_of(state)
    return _each(waiting.exclude(queue_told=told), lambda work: _tell_closed(work, state, told))


def _told_of(state: ServiceState) -> str:
    """What those who wait should have been told by now; "" while the service is open."""
    if state.is_open:
        return ""
    return QueueTold.CLOSING if state.is_staffed else QueueTold.CLOSED


def _tell_closed(work: Unit, state: ServiceState, told: str) -> bool:
    conversation = work.conversation
    if conversation.control != Control.QUEUE or conversation.queue_told == told:
        return False
    if conversation.queue_told == QueueTold.CLOSED and told == QueueTold.CLOSING:
        return False  # Somebody came back after closing time: nothing to take back.
    conversation.queue_told = told
    if not told:
        return False  # Open again: the reminders take it from here.
    conversation.queue_reminded_at = work.now
    work.audit("queue.closed_told", actor="system", is_staffed=state.is_staffed)
    if told == QueueTold.CLOSED:
        handoff.say_nobody_works(work, state)
    else:
        position = str(queue_position(conversation))
        say_notice(work, "queue_closing", offers=handoff.ways_on(), position=position)
    return True


def requeue_vanished(now: datetime | None = None, *, of: User | None = None) -> int:
    """Put conversations of specialists whose console is gone back into the queue; how many.

    The visitor is told and gets the old place; the first specialist may claim it again. Whoever
    signed out is gone at once; whoever only takes no new chats keeps those they have.

    Args:
        now: the present moment, for tests.
        of: look at the conversations of this account alone.
    """
    now = now or timezone.now()
    limit = now - timedelta(seconds=settings.VANISHED_SECONDS)
    held = Conversation.objects.filter(control=Control.SPECIALIST)
    if of is not None:
        held = held.filter(specialist=of)
    return _each(
        held.exclude(specialist__presence__seen_at__gt=limit), lambda work: _requeue(work, limit)
    )


def _requeue(work: Unit, limit: datetime) -> bool:
    specialist = work.conversation.specialist
    if work.conversation.control != Control.SPECIALIST or specialist is None:
        return False
    seen_at = presence_of(specialist).seen_at
    if seen_at is not None and seen_at > limit:
        return False
    requeue(work, "control.requeued", actor="system", leaving=specialist, is_lost=True)
    return True


def warn_idle(now: datetime | None = None) -> int:
    """Tell visitors who are silent for long that the conversation will be closed; how many."""
    now = now or timezone.now()
    limit = now - timedelta(minutes=settings.IDLE_WARNING_MINUTES)
    idle = _idle().filter(idle_warned_at=None, last_activity_at__lte=limit)
    return _each(idle, lambda work: _warn(work, limit))


def _warn(work: Unit, limit: datetime) -> bool:
    conversation = work.conversation
    if conversation.idle_warned_at is not None or conversation.last_activity_at > limit:
        return False
    if not _visitor_is_due(work):
        return False
    conversation.idle_warned_at = work.now
    work.audit("idle.warned", actor="system")
    say_notice(work, "idle_warning", offers=offers.own(offers.STILL_HERE))
    return True


def close_idle(now: datetime | None = None) -> int:
    """Close conversations whose visitor stayed silent after the warning; how many."""
    now = now or timezone.now()
    limit = now - timedelta(minutes=settings.IDLE_CLOSE_MINUTES)
    return _each(_idle().filter(idle_warned_at__lte=limit), lambda work: _close(work, limit))


def _close(work: Unit, limit: datetime) -> bool:
    warned_at = work.conversation.idle_warned_at
    if warned_at is None or warned_at > limit or not _visitor_is_due(work):
        return False
    close(work, Closer.IDLE, "system")
    return True


def _idle() -> QuerySet[Conversation]:
    """Where a visitor's silence may mean that they have gone.

    Whoever waits is never closed, and an empty conversation expires without a word.
    """
    return Conversation.objects.filter(
        control__in=(Control.BOT, Control.SPECIALIST), messages__sender=Sender.VISITOR
    ).distinct()


def _visitor_is_due(work: Unit) -> bool:
    """Whether the next word is the visitor's: nobody is closed for a specialist's silence."""
    if work.conversation.control == Control.BOT:
        return True
    if work.conversation.control != Control.SPECIALIST:
        return False
    if HeldReply.objects.filter(conversation=work.conversation, state=HeldReplyState.HELD).exists():
        return False  # A colleague has yet to read it: the family waits for us.
    last = (
        Message.objects.filter(
            conversation=work.conversation, sender__in=(Sender.VISITOR, Sender.SPECIALIST)
        )
        .order_by("-seq")
        .first()
    )
    return last is not None and last.sender == Sender.SPECIALIST


def _each(found: QuerySet[Conversation], act: Callable[[Unit], bool]) -> int:
    """Act on each conversation under its own lock, where it looks again; how many it acted on."""
    count = 0
    for conversation_id in list(found.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        try:
            with unit(conversation_id) as work:
                count += act(work)
        except UnknownConversation:
            continue  # Erased in the meantime.
    return count
