"""What erasing a conversation means in this app: the row goes, and all that hangs on it.

Every table with a visitor's words points at the conversation or at one of its messages and goes
with it. What stays, by design: audit entries, which hold no words, and the ledger.
"""

from conversations.models import Conversation
from retention import ErasureSubject, register_eraser


def erase_conversation_rows(subject: ErasureSubject) -> None:
    """Delete the conversation with its messages, records, feedback, surveys, callbacks, notes."""
    Conversation.objects.filter(pk=subject.conversation_id).delete()


register_eraser("conversations", erase_conversation_rows)
