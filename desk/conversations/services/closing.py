"""Ending a conversation."""

from __future__ import annotations

import uuid

import audit
from conversations.errors import NotInControl
from conversations.models import Closer, Control, Message
from conversations.services.notices import say_notice
from conversations.services.unit import Unit, unit
from staff.models import User

_NOTICES = {
    Closer.VISITOR: "closed_by_visitor",
    Closer.SPECIALIST: "closed_by_specialist",
    Closer.IDLE: "closed_idle",
}


def close_conversation(
    conversation_id: uuid.UUID | str, *, by: str, specialist: User | None = None
) -> list[Message]:
    """End a conversation. Closing a closed one changes nothing.

    Args:
        conversation_id: the conversation.
        by: "visitor", "specialist" or "idle".
        specialist: who ends it, when a specialist does.

    Returns:
        What the visitor is told.

    Raises:
        UnknownConversation: there is none with that id.
        NotInControl: a specialist would end a conversation that is not theirs.
    """
    closer = Closer(by)
    with unit(conversation_id) as work:
        if work.conversation.control == Control.CLOSED:
            return []
        if closer == Closer.SPECIALIST and not _has_control(work, specialist):
            raise NotInControl
        actor = audit.staff_actor(specialist) if specialist else _actor(closer)
        return close(work, closer, actor, specialist=specialist)


def _has_control(work: Unit, specialist: User | None) -> bool:
    return (
        specialist is not None
        and work.conversation.control == Control.SPECIALIST
        and work.conversation.specialist_id == specialist.pk
    )


def _actor(closer: Closer) -> str:
    return "visitor" if closer == Closer.VISITOR else "system"


def close(
    work: Unit, closer: Closer, actor: str, *, specialist: User | None = None
) -> list[Message]:
    """`close_conversation` inside a running unit of work.

    The notice comes before the change of control: a closed conversation takes no messages.
    """
    notice = say_notice(work, _NOTICES[closer])
    work.conversation.closed_at = work.now
    work.conversation.closed_by = closer
    work.conversation.closing_specialist = specialist
    work.conversation.queued_at = None
    work.move(Control.CLOSED, "control.closed", actor=actor, closed_by=closer.value)
    return [notice]
