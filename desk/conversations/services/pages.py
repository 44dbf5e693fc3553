"""Whether a family that waits or talks with a person still has the chat open."""

from __future__ import annotations

import uuid
from datetime import datetime

from conversations.models import Control, Conversation
from conversations.services.unit import unit

_WITH_PEOPLE = (Control.QUEUE, Control.SPECIALIST)


def note_page_left(conversation_id: uuid.UUID, left_at: datetime) -> None:
    """Note that no page of the family's is open any more, where a person has to know of it.

    Raises:
        UnknownConversation: there is none with that id.
    """
    # Most who go talked with the bot alone: they cost one read, and no lock.
    concerned = Conversation.objects.filter(control__in=_WITH_PEOPLE, page_left_at=None)
    if not concerned.filter(pk=conversation_id).exists():
        return
    with unit(conversation_id) as work:
        if work.conversation.control in _WITH_PEOPLE:
            work.conversation.page_left_at = left_at
            work.is_changed = True


def note_page_open(conversation_id: uuid.UUID) -> None:
    """Note that a page of the family's is open again.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with unit(conversation_id) as work:
        if work.conversation.page_left_at is not None:
            work.conversation.page_left_at = None
            work.is_changed = True
