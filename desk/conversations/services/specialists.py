"""Claiming, giving back, seeing to alarms, notes: what specialists do to a conversation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

import audit
from availability.state import service_state
from conversations.access.colleagues import held_by
from conversations.access.waits import queue_position
from conversations.errors import (
    AlreadyClaimed,
    AtCapacity,
    ConversationClosed,
    NewerAlarm,
    NotAllowed,
    NotQueued,
)
from conversations.models import (
    Control,
    Conversation,
    Handoff,
    HandoffOutcomeKind,
    Message,
    Note,
    QueueTold,
)
from conversations.services import offers
from conversations.services.guards import require_control, require_words
from conversations.services.handoff import ways_on
from conversations.services.notices import say_notice
from conversations.services.unit import Unit, as_id, unit
from conversations.wording import cleaned
from staff.access import may_chat, may_watch
from staff.models import User
from staff.presence import accepting_specialists, lock_capacity


def claim_conversation(
    conversation_id: uuid.UUID | str, *, specialist: User, beyond_capacity: bool = False
) -> list[Message]:
    """Take a waiting conversation; of several who try, one succeeds.

    Args:
        conversation_id: the conversation.
        specialist: who takes it.
        beyond_capacity: they know that they hold as many as they take, and take it all the same.

    Returns:
        What the visitor was told; nothing when the specialist had it already.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account is no specialist's.
        AtCapacity: they hold as many as they take at once; it still waits.
        AlreadyClaimed: a colleague was quicker.
        NotQueued, ConversationClosed: it is not waiting.
    """
    return _take(conversation_id, specialist, Control.QUEUE, is_bounded=not beyond_capacity)


def take_over_conversation(conversation_id: uuid.UUID | str, *, specialist: User) -> list[Message]:
    """Step in for the bot, for example where a message was urgent; capacity does not matter.

    Raises:
        UnknownConversation, NotAllowed, AlreadyClaimed, ConversationClosed: as for a claim.
    """
    return _take(conversation_id, specialist, Control.QUEUE, Control.BOT)


def _take(
    conversation_id: uuid.UUID | str,
    specialist: User,
    *from_controls: Control,
    is_bounded: bool = False,
) -> list[Message]:
    if not may_chat(specialist):
        raise NotAllowed
    with transaction.atomic():
        room = _Room.of(specialist) if is_bounded else None
        for before in () if room and room.is_full else from_controls:
            # One conditional update decides who is first; everything else follows from its count.
            won = Conversation.objects.filter(
                pk=as_id(conversation_id), control=before, specialist=None
            ).update(control=Control.SPECIALIST, specialist=specialist, epoch=F("epoch") + 1)
            if won:
                with unit(conversation_id) as work:
                    return _taken(work, before, specialist)
        with unit(conversation_id) as work:
            conversation = work.conversation
            if conversation.control == Control.CLOSED:
                raise ConversationClosed
            if room and room.is_full and conversation.control == Control.QUEUE:
                raise AtCapacity(held=room.held, capacity=room.capacity)
            if conversation.control in from_controls:
                # Given back between the update and this lock: it waits, so it can be taken.
                before = Control(conversation.control)
                conversation.control, conversation.specialist = Control.SPECIALIST, specialist
                conversation.epoch += 1
                return _taken(work, before, specialist)
            if conversation.control != Control.SPECIALIST or conversation.specialist is None:
                raise NotQueued
            if conversation.specialist_id == specialist.pk:
                return []
            raise AlreadyClaimed(specialist=conversation.specialist.shown_name)


@dataclass(frozen=True)
class _Room:
    """How many conversations somebody holds and takes; true until the transaction ends."""

    held: int
    capacity: int

    @classmethod
    def of(cls, specialist: User) -> _Room:
        # The lock before the count: see `lock_capacity`.
        capacity = lock_capacity(specialist)
        return cls(held_by(specialist), capacity)

    @property
    def is_full(self) -> bool:
        return self.held >= self.capacity


def _taken(work: Unit, before: Control, specialist: User) -> list[Message]:
    actor = audit.staff_actor(specialist)
    queued_at = work.conversation.queued_at
    work.active()
    if before == Control.QUEUE and queued_at is not None:
        waited = int((work.now - queued_at).total_seconds())
        work.moved(before, "control.claimed", actor=actor, waited_seconds=waited)
    else:
        work.moved(before, "control.taken_over", actor=actor)
    return [say_notice(work, "specialist_joined", specialist_name=specialist.shown_name)]


def settle_urgent(conversation_id: uuid.UUID | str, *, specialist: User, flagged_at: str) -> None:
    """Take the urgent flag off once a specialist has seen to it; what was found stays on record.

    Args:
        conversation_id: the conversation.
        specialist: who saw to it.
        flagged_at: `urgent_at` as the specialist was shown it, in ISO 8601. A newer alarm that
            they have not seen yet keeps the flag.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account is no specialist's.
        NewerAlarm: there was another since.
    """
    if not may_chat(specialist):
        raise NotAllowed
    with unit(conversation_id) as work:
        conversation = work.conversation
        if not conversation.is_urgent or conversation.urgent_at is None:
            return
        if conversation.urgent_at.isoformat() != flagged_at:
            raise NewerAlarm
        conversation.is_urgent = False
        work.is_changed = True
        work.note_queue_moved()
        work.audit("conversation.unflagged", actor=audit.staff_actor(specialist))


def release_conversation(
    conversation_id: uuid.UUID | str, *, specialist: User, to: str
) -> list[Message]:
    """Give a conversation back to the queue, at its old place, or to the bot.

    Args:
        conversation_id: the conversation.
        specialist: who gives it back.
        to: "queue" or "bot".

    Raises:
        UnknownConversation: there is none with that id.
        NotInControl: somebody else has it.
        ValueError: `to` is neither.
    """
    if to not in (Control.QUEUE, Control.BOT):
        raise ValueError('a conversation is released to "queue" or to "bot"')
    with unit(conversation_id) as work:
        require_control(work, specialist)
        work.active()
        name = specialist.shown_name
        actor = audit.staff_actor(specialist)
        if to == Control.BOT:
            work.conversation.queued_at = None
            work.move(Control.BOT, "control.released_to_bot", actor=actor)
            work.new_bot_session()
            person = offers.own(offers.HANDOFF)
            return [say_notice(work, "specialist_left_bot", offers=person, specialist_name=name)]
        return requeue(work, "control.released_to_queue", actor=actor, leaving=specialist)


def requeue(
    work: Unit, audit_kind: str, *, actor: str, leaving: User, is_lost: bool = False
) -> list[Message]:
    """Put a specialist's conversation back into the queue, inside a running unit of work.

    Args:
        work: the unit of work on the conversation.
        audit_kind: the change of control.
        actor: who or what brings it about.
        leaving: the specialist who had it.
        is_lost: their console is gone; the lists show whose family it was.
    """
    conversation = work.conversation
    # The visitor waited before: the old time of asking keeps the old place.
    conversation.queued_at = conversation.queued_at or work.now
    conversation.lost_specialist = leaving if is_lost else None
    work.move(Control.QUEUE, audit_kind, actor=actor)
    notice = _tell_requeued(work, leaving)
    Handoff.objects.create(
        conversation=conversation,
        asked_by="specialist",
        outcome=HandoffOutcomeKind.QUEUED,
        created_at=work.now,
        position=queue_position(conversation) or 1,
        first_seq=notice.seq,
        last_seq=notice.seq,
    )
    return [notice]


def _tell_requeued(work: Unit, leaving: User) -> Message:
    """Say what is true: another person will come, or nobody is there and these are the ways on."""
    conversation = work.conversation
    others = [user for user in accepting_specialists(work.now) if user.pk != leaving.pk]
    conversation.queue_reminded_at = work.now
    state = service_state(work.now)
    if not state.is_open and not others:
        # What is told here says as much as `tell_closed`, which need not say it once more.
        conversation.queue_told = QueueTold.CLOSING if state.is_staffed else QueueTold.CLOSED
    return say_notice(
        work,
        "specialist_left_queue" if others else "specialist_left_nobody",
        offers=ways_on(),
        position=str(queue_position(conversation) or 1),
        specialist_name=leaving.shown_name,
    )


def add_note(conversation_id: uuid.UUID | str, *, author: User, text: str) -> Note:
    """Keep a remark that the visitor never sees.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account may not see conversations.
        TextEmpty, TextTooLong: the text has not 1 to 4,000 characters.
    """
    if not may_watch(author):
        raise NotAllowed
    words = cleaned(text)
    require_words(words)
    with unit(conversation_id) as work:
        note = Note.objects.create(
            conversation=work.conversation, author=author, text=words, created_at=timezone.now()
        )
        work.audit("note.added", actor=audit.staff_actor(author))
        work.is_changed = True
        return note
