"""That staff read a transcript is itself on record."""

from __future__ import annotations

import uuid

import audit
from conversations.services.unit import as_id
from staff.models import User


def note_transcript_read(conversation_id: uuid.UUID | str, *, by: User) -> None:
    """Put on record that a member of staff opened a transcript that is not theirs."""
    actor = audit.staff_actor(by)
    audit.record("conversation.read", actor=actor, conversation_id=as_id(conversation_id))
