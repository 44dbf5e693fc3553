"""Whether a family still has the chat open."""

from __future__ import annotations

import uuid
from datetime import datetime

from conversations.models import Control, Conversation
from conversations.services.unit import unit

_WITH_PEOPLE = (Control.QUEUE, Control.SPECIALIST)


def note_page_left(conversation_id: uuid.UUID, left_at: datetime) -> None:
    """Note that no page of the family's is open any more.

    Raises:
        UnknownConversation: it was erased in between.
    """
    noted = Conversation.objects.filter(pk=conversation_id)
    match noted.values_list("control", "page_left_at").first():
        case (Control.QUEUE | Control.SPECIALIST, None):
            with unit(conversation_id) as work:
                if work.conversation.control in _WITH_PEOPLE:
                    work.conversation.page_left_at = left_at
                    work.has_news = True
        case (Control.BOT, None):
            # Most who go talked with the bot alone: nobody is woken for them.
            noted.exclude(control=Control.CLOSED).update(page_left_at=left_at)


def note_page_open(conversation_id: uuid.UUID) -> None:
    """Note that a page of the family's is open again.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with unit(conversation_id) as work:
        if work.conversation.page_left_at is not None:
            work.conversation.page_left_at = None
            work.has_news = work.conversation.control in _WITH_PEOPLE
