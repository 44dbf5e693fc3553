"""What is stored about a conversation, grouped by concern."""

from conversations.models.aftercare import CallbackRequest, CallbackState, Feedback, Survey
from conversations.models.control import Handoff, HandoffOutcomeKind
from conversations.models.conversation import Closer, Control, Conversation, ConversationToken
from conversations.models.message import Choice, Kind, Message, Sender
from conversations.models.staffside import Note, WithdrawnEntry
from conversations.models.turn import BotRecord, Turn, TurnState

__all__ = [
    "BotRecord",
    "CallbackRequest",
    "CallbackState",
    "Choice",
    "Closer",
    "Control",
    "Conversation",
    "ConversationToken",
    "Feedback",
    "Handoff",
    "HandoffOutcomeKind",
    "Kind",
    "Message",
    "Note",
    "Sender",
    "Survey",
    "Turn",
    "TurnState",
    "WithdrawnEntry",
]
