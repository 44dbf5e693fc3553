"""What services hand back, and what they are handed by the bot's side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from safety import Verdict

if TYPE_CHECKING:
    from conversations.models import (
        CallbackRequest,
        Conversation,
        Mail,
        Message,
        Survey,
        Turn,
    )


@dataclass(frozen=True)
class SafetyFinding:
    """What a text called for that was itself refused.

    Attributes:
        kind: "emergency" or "crisis", after the gravest finding.
        texts: the rendered safety texts, gravest first.
        verdict: the whole finding; names rules, never words.
    """

    kind: str
    texts: tuple[str, ...]
    verdict: Verdict

    @property
    def text(self) -> str:
        """All texts, with a blank line between them."""
        return "\n\n".join(self.texts)


@dataclass(frozen=True)
class Opened:
    """A new conversation, the one and only sight of its token, and the greeting."""

    conversation: Conversation
    token: str
    messages: list[Message]


@dataclass(frozen=True)
class MadeResumeLink:
    """The one and only sight of a resume link's secret.

    Attributes:
        page_url: where the conversation was opened, or "".
    """

    token: str
    expires_at: datetime
    page_url: str


@dataclass(frozen=True)
class Resumed:
    """A conversation on a new device, and the one and only sight of its new token."""

    conversation: Conversation
    token: str


@dataclass(frozen=True)
class Accepted:
    """A stored visitor message and what came of it at once.

    Attributes:
        replies: what is stored in reply so far; a turn adds more.
        turn: the bot's duty to answer, or None when it has none.
        is_repeat: the same client id came before; nothing was stored now.
        control: who is in control now, or, for a settled repeat, who was then.
    """

    message: Message
    replies: list[Message]
    turn: Turn | None
    is_repeat: bool
    control: str


@dataclass(frozen=True)
class Lease:
    """Who works on a turn, and for how many seconds at most."""

    holder: str
    seconds: float


@dataclass(frozen=True)
class Draft:
    """One message as the bot names it, without any text.

    Attributes:
        kind: answer, clarify, refusal, handoff, smalltalk or fallback.
        entry: for an answer, the entry's id, with `version`.
        response: for every other kind but handoff, the id of a response.
        choices: labels to offer: "ask/<entry id>", "handoff" or "callback".
    """

    kind: str
    entry: str | None = None
    version: str | None = None
    response: str | None = None
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class TurnRecord:
    """What review needs to know about a turn and nobody can recover later.

    Attributes:
        candidates: best first, [{"label": …, "confidence": …}], at most five.
    """

    candidates: Sequence[dict[str, object]] = ()
    model_version: str = ""
    knowledge_version: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class HandoffOutcome:
    """What asking for a person led to.

    Attributes:
        control: who is in control now.
        queue_position: place in the queue from 1, or None when not queued.
        wait_minutes: expected wait as (low, high), or None when nothing is known.
        offer: "callback" when nobody can join, else None.
        opens_at: when people are there again, if that is known.
        is_repeat: nothing changed: asked before, or already waiting or talking.
    """

    control: str
    queue_position: int | None = None
    wait_minutes: tuple[int, int] | None = None
    offer: str | None = None
    opens_at: datetime | None = None
    messages: list[Message] = field(default_factory=list)
    is_repeat: bool = False


@dataclass(frozen=True)
class Sent:
    """A specialist's reply, new or known."""

    message: Message
    is_repeat: bool


@dataclass(frozen=True)
class ScheduledCallback:
    """A callback with its reference, new or known."""

    callback: CallbackRequest
    messages: list[Message]
    is_repeat: bool
    safety: SafetyFinding | None = None


@dataclass(frozen=True)
class QueuedMail:
    """A mail that will be sent, new or known."""

    mail: Mail
    is_repeat: bool


@dataclass(frozen=True)
class RecordedSurvey:
    """A survey, new or known."""

    survey: Survey
    is_repeat: bool
    safety: SafetyFinding | None = None


@dataclass(frozen=True)
class ContactDraft:
    """What a specialist says of a stretch of talk; codes from `contact_codes`.

    Attributes:
        resources: what the family was given, each as (kind, id).
        note: free words for colleagues; the visitor never sees them.
    """

    purpose: str
    asker: str
    next_step: str
    topics: Sequence[str] = ()
    resources: Sequence[tuple[str, str]] = ()
    note: str = ""
