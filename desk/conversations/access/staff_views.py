"""What staff see: one conversation, its notes, the entries."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from availability import content
from conversations.errors import NotAllowed, UnknownConversation
from conversations.models import (
    Conversation,
    Message,
    Note,
    WithdrawnEntry,
)
from knowledge import Entry
from staff.access import may_review, may_supervise, may_watch
from staff.models import User


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
