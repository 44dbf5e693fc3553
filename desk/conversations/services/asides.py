"""Visitor texts that are no messages: a reason, a topic, a comment. Safety reads them too."""

from __future__ import annotations

import safety
from conversations.models import Control, Message
from conversations.results import SafetyFinding
from conversations.services import safety_replies
from conversations.services.unit import Unit


def read_aside(work: Unit, text: str) -> tuple[list[Message], SafetyFinding | None]:
    """Answer a text beside the messages if it describes an emergency or a crisis.

    Returns:
        The stored safety replies, and the finding. A closed conversation takes no messages: there
        the finding alone carries the words.
    """
    verdict = safety.check(text)
    if not verdict.kind:
        return [], None
    if work.conversation.control == Control.CLOSED:
        return [], safety_replies.finding(work, verdict)
    rendered = safety_replies.render_replies(work, verdict)
    messages = safety_replies.store_replies(work, verdict, rendered)
    texts = tuple(message.text for message in messages)
    return messages, SafetyFinding(verdict.kind, texts, verdict)
