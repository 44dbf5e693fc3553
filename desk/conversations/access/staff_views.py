"""What specialists see: the queue, their own conversations, one conversation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from availability import content
from conversations.access.waits import queue
from conversations.errors import NotAllowed, UnknownConversation
from conversations.models import (
    Control,
    Conversation,
    Message,
    Note,
    Sender,
    WithdrawnEntry,
)
from knowledge import Entry
from staff.access import may_review, may_supervise, may_watch
from staff.models import User

WATCHED_HOURS = 24
MOST_WATCHED = 100


@dataclass(frozen=True)
class QueueRow:
    """One waiting conversation.

    Attributes:
        position: place in the queue from 1.
        waited_seconds: since it was first asked for.
        last_visitor_text: what the visitor wrote last, or "".
    """

    conversation: Conversation
    position: int
    waited_seconds: int
    last_visitor_text: str


@dataclass(frozen=True)
class EntryRow:
    """One entry and whether it is withdrawn."""

    entry: Entry
    withdrawn: WithdrawnEntry | None


@dataclass(frozen=True)
class Transcript:
    """A conversation as read afterwards or beside a live chat.

    Attributes:
        messages: in order, each with choices, record, feedback, turn and author loaded; those
            that have none raise `RelatedObjectDoesNotExist`, so ask with `hasattr`.
        notes: what staff wrote beside it.
    """

    conversation: Conversation
    messages: list[Message]
    notes: list[Note]


def queue_snapshot(now: datetime | None = None) -> list[QueueRow]:
    """The queue in the order it will be served."""
    now = now or timezone.now()
    waiting = list(queue().select_related("lost_specialist"))
    last = _last_visitor_texts([conversation.pk for conversation in waiting])
    return [
        QueueRow(
            conversation=conversation,
            position=position,
            waited_seconds=int((now - (conversation.queued_at or now)).total_seconds()),
            last_visitor_text=last.get(conversation.pk, ""),
        )
        for position, conversation in enumerate(waiting, start=1)
    ]


def _last_visitor_texts(conversation_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    written = Message.objects.filter(
        conversation_id__in=conversation_ids, sender=Sender.VISITOR
    ).order_by("conversation_id", "seq")
    return {message.conversation_id: message.text for message in written}


def my_conversations(user: User) -> list[Conversation]:
    """The conversations a specialist is in control of, the longest silent first."""
    return list(
        Conversation.objects.filter(control=Control.SPECIALIST, specialist=user).order_by(
            "last_activity_at"
        )
    )


def watched(now: datetime | None = None) -> list[Conversation]:
    """Urgent conversations that nobody took, and others the bot is talking in, for a watcher.

    Urgent ones first, then the latest; of the last `WATCHED_HOURS` hours.
    """
    now = now or timezone.now()
    recent = now - timedelta(hours=WATCHED_HOURS)
    return list(
        Conversation.objects.filter(control=Control.BOT, last_activity_at__gte=recent).order_by(
            "-is_urgent", "-last_activity_at"
        )[:MOST_WATCHED]
    )


def notes_for(user: User, notes: list[Note]) -> list[Note]:
    """The notes of a conversation that this account may read: advice is between two people.

    Supervisors see each other's advice, so that nobody is told two things.
    """
    if may_supervise(user):
        return notes
    return [note for note in notes if note.advice_to_id in (None, user.pk)]


def conversation_for_staff(user: User, conversation_id: uuid.UUID | str) -> Conversation:
    """A conversation that this account may read.

    Raises:
        NotAllowed: the account may read none.
        UnknownConversation: there is none with that id.
    """
    if not (may_watch(user) or may_review(user)):
        raise NotAllowed
    try:
        pk = uuid.UUID(str(conversation_id))
    except ValueError:
        raise UnknownConversation from None
    found = Conversation.objects.select_related("specialist").filter(pk=pk).first()
    if found is None:
        raise UnknownConversation
    return found


def talk(user: User, conversation_id: uuid.UUID | str, *, after: int = 0) -> Transcript:
    """What an open page adds of a conversation: messages from number `after` on, and all notes.

    Raises:
        NotAllowed, UnknownConversation: as for `conversation_for_staff`.
    """
    conversation = conversation_for_staff(user, conversation_id)
    messages = _told(Message.objects.filter(conversation=conversation, seq__gt=after))
    # The conversation is read first: a message stored in between is there, or is next time.
    found = list(messages) if conversation.last_seq > after else []
    return Transcript(conversation, found, list(conversation.notes.select_related("author")))


def transcript(conversation_id: uuid.UUID | str, *, after: int = 0) -> Transcript:
    """A conversation with everything recorded about it, from message number `after` on.

    Raises:
        UnknownConversation: there is none with that id.
    """
    notes = Prefetch("notes", queryset=Note.objects.select_related("author"))
    conversation = (
        Conversation.objects.select_related("specialist")
        .prefetch_related(notes, "callbacks", "surveys", "handoffs", "contact_records__specialist")
        .filter(pk=conversation_id)
        .first()
    )
    if conversation is None:
        raise UnknownConversation
    messages = _told(Message.objects.filter(conversation=conversation, seq__gt=after))
    return Transcript(conversation, list(messages), list(conversation.notes.all()))


def _told(messages: QuerySet[Message]) -> QuerySet[Message]:
    return (
        messages.select_related("record", "feedback", "turn", "author")
        .prefetch_related("choices")
        .order_by("seq")
    )


def withdrawn_entries() -> list[WithdrawnEntry]:
    """Entries that are not shown now."""
    return list(WithdrawnEntry.objects.select_related("withdrawn_by").order_by("entry_id"))


def entry_list() -> list[EntryRow]:
    """Every entry of the desk's copy by topic and title, with what is withdrawn."""
    withdrawn = {row.entry_id: row for row in withdrawn_entries()}
    entries = content.knowledge().entries.values()
    return [
        EntryRow(entry, withdrawn.get(entry.id))
        for entry in sorted(entries, key=lambda entry: (entry.topic, entry.title))
    ]
