"""Typing hints: passed on, never stored, and only where they mean something."""

from __future__ import annotations

import uuid

from conversations import stream
from conversations.models import Control, Conversation
from conversations.services.unit import as_id
from staff.models import User


def note_typing(conversation_id: uuid.UUID | str, *, by: User | None = None) -> None:
    """Tell the other side that somebody is writing.

    Args:
        conversation_id: the conversation.
        by: the specialist, or None for the visitor. A specialist who is not in control is not
            shown to the visitor.
    """
    pk = as_id(conversation_id)
    if by is None:
        stream.note_typing(pk, sender="visitor")
        return
    if Conversation.objects.filter(pk=pk, control=Control.SPECIALIST, specialist=by).exists():
        stream.note_typing(pk, sender="specialist", name=by.shown_name)
