"""Visitor texts that are no messages: a reason, a topic, a comment. Safety reads them too."""

from __future__ import annotations

from conversations.models import Control, Message
from conversations.results import SafetyFinding
from conversations.services import safety_replies
from conversations.services.unit import Unit
from safety import Verdict


def answer_aside(work: Unit, verdict: Verdict) -> tuple[list[Message], SafetyFinding | None]:
    """Answer a text beside the messages if it describes an emergency or a crisis.

    Args:
        work: the unit of work on the conversation.
        verdict: what `verdict_on` said of the text before the conversation was locked.

    Returns:
        The stored safety replies, and the finding. A closed conversation takes no messages: there
        the finding alone carries the words.
    """
    if not verdict.kind:
        return [], None
    if work.conversation.control == Control.CLOSED:
        return [], safety_replies.finding(work, verdict)
    messages = safety_replies.store_replies(work, verdict)
    texts = tuple(message.text for message in messages)
    return messages, SafetyFinding(verdict.kind, texts, verdict)
