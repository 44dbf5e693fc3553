"""What supervisors do: advise a specialist in private, and step in."""

from __future__ import annotations

import uuid

import audit
from conversations.errors import ConversationClosed, NobodyToAdvise, NotAllowed
from conversations.models import Control, Message, Note
from conversations.services.guards import require_words
from conversations.services.notices import say_notice
from conversations.services.unit import Unit, unit
from conversations.wording import cleaned
from staff.access import may_supervise
from staff.models import User

# What a specialist reads whose conversation was taken; the visitor never sees a note.
STEPPED_IN = "I have stepped in and write with this family from here on."


def advise(conversation_id: uuid.UUID | str, *, supervisor: User, text: str) -> Note:
    """Leave private advice for the specialist who talks; the visitor never sees it.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account is no supervisor's.
        NobodyToAdvise: no colleague is in control.
        TextEmpty, TextTooLong: the text has not 1 to 4,000 characters.
    """
    if not may_supervise(supervisor):
        raise NotAllowed
    words = cleaned(text)
    require_words(words)
    with unit(conversation_id) as work:
        specialist = work.conversation.specialist
        if specialist is None or specialist.pk == supervisor.pk:
            raise NobodyToAdvise
        note = _note(work, supervisor, specialist, words)
        work.audit(
            "advice.given", actor=audit.staff_actor(supervisor), to=audit.staff_actor(specialist)
        )
        return note


def step_in(conversation_id: uuid.UUID | str, *, supervisor: User) -> list[Message]:
    """Take a conversation, whoever has it: a specialist, the queue or the bot.

    A specialist who had it is told by a note.

    Returns:
        What the visitor is told; nothing when the supervisor had it already.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account is no supervisor's.
        ConversationClosed: nobody joins a closed conversation.
    """
    if not may_supervise(supervisor):
        raise NotAllowed
    with unit(conversation_id) as work:
        if work.conversation.control == Control.CLOSED:
            raise ConversationClosed
        former = work.conversation.specialist
        if former is not None and former.pk == supervisor.pk:
            return []
        work.active()
        work.move(
            Control.SPECIALIST,
            "control.stepped_in",
            actor=audit.staff_actor(supervisor),
            specialist=supervisor,
        )
        if former is not None:
            _note(work, supervisor, former, STEPPED_IN)
        name = "specialist_joined" if former is None else "specialist_changed"
        return [say_notice(work, name, specialist_name=supervisor.shown_name)]


def _note(work: Unit, author: User, to: User, words: str) -> Note:
    work.is_changed = True
    return Note.objects.create(
        conversation=work.conversation,
        author=author,
        text=words,
        advice_to=to,
        created_at=work.now,
    )
