"""One unit of work on one conversation: lock, check, write, audit, publish on commit.

Only this module gives out sequence numbers, moves control and counts changes. A service opens a
unit, does its own checks, and calls the unit's verbs; leaving the unit stores the conversation.

The lock is the conversation's row on PostgreSQL. On SQLite `BEGIN IMMEDIATE` holds the one write
lock of the whole database, which is more than enough.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

import audit
import retention.services
from conversations import stream
from conversations.errors import UnknownConversation
from conversations.models import (
    Choice,
    Control,
    Conversation,
    Handoff,
    HeldReply,
    HeldReplyState,
    Kind,
    Message,
    Sender,
    Transfer,
    TransferState,
    Turn,
    TurnState,
)
from conversations.services.offers import Offer
from conversations.texts import Rendered
from staff.models import User

SUPERSEDED = "superseded"


def new_bot_session() -> str:
    """A name for a stretch of talk with the bot that tells nothing about the conversation."""
    return secrets.token_urlsafe(24)


def as_id(conversation_id: uuid.UUID | str) -> uuid.UUID:
    """An id as the database knows it.

    Raises:
        UnknownConversation: this can be no conversation's id.
    """
    try:
        return uuid.UUID(str(conversation_id))
    except ValueError:
        raise UnknownConversation from None


@contextmanager
def unit(conversation_id: uuid.UUID | str) -> Iterator[Unit]:
    """Lock a conversation and hand out the unit of work on it.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with transaction.atomic():
        locked = Conversation.objects.select_for_update()
        conversation = locked.filter(pk=as_id(conversation_id)).first()
        if conversation is None:
            raise UnknownConversation
        work = Unit(conversation)
        yield work
        work.finish()


class Unit:
    """What may be done to a locked conversation."""

    def __init__(self, conversation: Conversation, *, now: datetime | None = None) -> None:
        self.conversation = conversation
        self.now = now or timezone.now()
        self._stored = _columns(conversation)
        self.is_changed = False
        self.has_news = False
        self._moved_queue = False

    # Messages

    def say(
        self,
        rendered: Rendered,
        kind: Kind,
        *,
        sender: Sender = Sender.SYSTEM,
        in_reply_to: Message | None = None,
        offers: Iterable[Offer] = (),
        **fields: Any,
    ) -> Message:
        """Store something bot or system says, with the choices it offers.

        Only fallbacks with nothing said between them count as in a row: "yes" after anything else
        answers that.
        """
        in_a_row = self.conversation.fallbacks_in_a_row
        self.conversation.fallbacks_in_a_row = in_a_row + 1 if kind == Kind.FALLBACK else 0
        message = self.store(
            sender=sender,
            kind=kind,
            text=rendered.text,
            text_id=rendered.text_id,
            text_slots=dict(rendered.slots),
            in_reply_to=in_reply_to,
            **fields,
        )
        for position, offer in enumerate(offers):
            Choice.objects.create(
                conversation=self.conversation,
                message=message,
                public_id=offer.public_id,
                position=position,
                title=offer.title,
                target=offer.target,
            )
        return message

    def store(self, **fields: Any) -> Message:
        """Store a message under the next number and the present epoch."""
        self.conversation.last_seq += 1
        self.has_news = True
        return Message.objects.create(
            conversation=self.conversation,
            seq=self.conversation.last_seq,
            epoch=self.conversation.epoch,
            language=fields.pop("language", self.conversation.language),
            created_at=self.now,
            **fields,
        )

    # Control

    def move(
        self,
        control: Control,
        audit_kind: str,
        *,
        actor: str,
        specialist: User | None = None,
        **data: audit.AuditValue,
    ) -> None:
        """Give control to another party: a new epoch, one audit entry, no turn left pending."""
        before = self.conversation.control
        self.conversation.control = control
        self.conversation.specialist = specialist
        self.conversation.epoch += 1
        self.moved(before, audit_kind, actor=actor, **data)

    def moved(self, before: str, audit_kind: str, *, actor: str, **data: audit.AuditValue) -> None:
        """Do what follows a change of control that is in the row already."""
        self.is_changed = True
        self._moved_queue |= Control.QUEUE in (before, self.conversation.control)
        if self.conversation.control == Control.CLOSED:
            self.conversation.page_left_at = None
        if self.conversation.control != Control.QUEUE:
            self.conversation.asks_while_waiting = False
            self.conversation.queue_reminded_at = None
            self.conversation.queue_told = ""
            if before == Control.QUEUE:
                self._leave_queue()
            self.conversation.lost_specialist = None
        self._supersede_turns()
        self._lapse_transfer()
        self._drop_held_replies()
        self.audit(
            audit_kind, actor=actor, epoch=self.conversation.epoch, **{"from": before, **data}
        )

    def new_bot_session(self) -> None:
        """Let the bot begin afresh, and forget what it knew of the stretch before."""
        retention.services.forget_later(self.conversation.bot_session)
        self.conversation.bot_session = new_bot_session()
        self.conversation.last_entry_id = ""
        self.conversation.fallbacks_in_a_row = 0

    def _leave_queue(self) -> None:
        waiting = Handoff.objects.filter(
            conversation=self.conversation, outcome="queued", claimed_at=None, left_at=None
        )
        if self.conversation.control == Control.SPECIALIST:
            waiting.update(claimed_at=self.now, claimed_by=self.conversation.specialist)
        else:
            waiting.update(left_at=self.now)

    def _supersede_turns(self) -> None:
        """The bot's duties end where its control ends; whoever comes next reads the messages."""
        pending = Turn.objects.filter(
            message__conversation=self.conversation, state=TurnState.PENDING
        )
        messages = list(pending.values_list("message_id", flat=True))
        pending.update(
            state=TurnState.FAILED,
            failure=SUPERSEDED,
            finished_at=self.now,
            leased_until=None,
        )
        self._settle(messages)

    def _lapse_transfer(self) -> None:
        """An offer ends with the control it was made under."""
        offered = Transfer.objects.filter(
            conversation=self.conversation, state=TransferState.OFFERED
        )
        if offered.update(state=TransferState.LAPSED, answered_at=self.now):
            self.audit("transfer.lapsed", actor="system", reason="moved")

    def _drop_held_replies(self) -> None:
        """What a specialist wrote and nobody released is not said by whoever comes next."""
        held = HeldReply.objects.filter(conversation=self.conversation, state=HeldReplyState.HELD)
        count = held.update(state=HeldReplyState.DROPPED, decided_at=self.now)
        for _ in range(count):
            self.audit("reply.withdrawn", actor="system", reason="moved")

    # Bookkeeping

    def settle(self, message: Message) -> None:
        """Note that the replies to a visitor's message are complete."""
        self._settle([message.pk])
        message.settled_control = self.conversation.control

    def _settle(self, messages: list[uuid.UUID]) -> None:
        Message.objects.filter(pk__in=messages, settled_control="").update(
            settled_control=self.conversation.control
        )

    def active(self) -> None:
        """Note a sign of life of visitor or specialist: the idle clock starts again."""
        self.conversation.last_activity_at = self.now
        self.conversation.idle_warned_at = None

    def note_queue_moved(self) -> None:
        """Note that places in the queue may have changed."""
        self._moved_queue |= self.conversation.control == Control.QUEUE

    def audit(self, kind: str, *, actor: str, **data: audit.AuditValue) -> None:
        """Append an audit entry about this conversation."""
        audit.record(kind, actor=actor, conversation_id=self.conversation.pk, **data)

    def finish(self) -> None:
        """Store the conversation and wake its watchers once this is committed."""
        if self.is_changed or self.has_news:
            self.conversation.change_seq += 1
            self.conversation.changed_at = self.now
            self._publish()
        columns = _columns(self.conversation)
        changed = [name for name, value in columns.items() if value != self._stored[name]]
        if changed:
            self.conversation.save(update_fields=changed)

    def _publish(self) -> None:
        conversation = self.conversation
        # Words in a talk, and whether its family is there, are news to the one who holds it.
        # Everything else may concern anybody.
        is_talk = conversation.control == Control.SPECIALIST and not self.is_changed
        publish(
            conversation.pk,
            change_seq=conversation.change_seq,
            queue_moved=self._moved_queue,
            holder=conversation.specialist_id if is_talk else None,
        )


def _columns(conversation: Conversation) -> dict[str, Any]:
    """The conversation's values by column, to store only what changed."""
    return {
        field.attname: getattr(conversation, field.attname)
        for field in Conversation._meta.concrete_fields
    }


def publish(
    conversation_id: uuid.UUID,
    *,
    change_seq: int | None = None,
    queue_moved: bool = False,
    holder: int | None = None,
) -> None:
    """Wake watchers once the running transaction is committed.

    Args:
        conversation_id: what changed.
        change_seq: its change number now.
        queue_moved: places in the queue may have changed.
        holder: the account whose list alone shows the difference; None for all lists.
    """

    def wake() -> None:
        stream.wake(conversation_id, change_seq)
        if holder is None:
            stream.wake_queue()
        else:
            stream.wake_talks(holder)
        if queue_moved:
            waiting = Conversation.objects.filter(control=Control.QUEUE)
            stream.wake_line(waiting.values_list("pk", flat=True))

    transaction.on_commit(wake)
