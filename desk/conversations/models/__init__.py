"""What is stored about a conversation, grouped by concern."""

from conversations.models.aftercare import (
    AttemptChannel,
    AttemptResult,
    CallbackAttempt,
    CallbackKind,
    CallbackOutcome,
    CallbackRequest,
    CallbackState,
    Feedback,
    Survey,
)
from conversations.models.control import (
    Handoff,
    HandoffOutcomeKind,
    Transfer,
    TransferState,
)
from conversations.models.conversation import (
    Closer,
    Control,
    Conversation,
    ConversationToken,
    QueueTold,
    ResumeLink,
)
from conversations.models.mail import (
    MAIL_FAULT,
    MAIL_ON_ITS_WAY,
    MAIL_RETURNED,
    Mail,
    MailKind,
    MailState,
)
from conversations.models.message import Choice, Kind, Message, Sender
from conversations.models.staffside import (
    ContactRecord,
    HeldReply,
    HeldReplyState,
    Note,
    StaffView,
    WithdrawnEntry,
)
from conversations.models.turn import BotRecord, Turn, TurnState

__all__ = [
    "MAIL_FAULT",
    "MAIL_ON_ITS_WAY",
    "MAIL_RETURNED",
    "AttemptChannel",
    "AttemptResult",
    "BotRecord",
    "CallbackAttempt",
    "CallbackKind",
    "CallbackOutcome",
    "CallbackRequest",
    "CallbackState",
    "Choice",
    "Closer",
    "ContactRecord",
    "Control",
    "Conversation",
    "ConversationToken",
    "Feedback",
    "Handoff",
    "HandoffOutcomeKind",
    "HeldReply",
    "HeldReplyState",
    "Kind",
    "Mail",
    "MailKind",
    "MailState",
    "Message",
    "Note",
    "QueueTold",
    "ResumeLink",
    "Sender",
    "StaffView",
    "Survey",
    "Transfer",
    "TransferState",
    "Turn",
    "TurnState",
    "WithdrawnEntry",
]
