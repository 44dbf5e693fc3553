"""What the house says at once when a text describes an emergency or a crisis."""

from __future__ import annotations

from datetime import datetime

import safety
from availability.state import service_state
from conversations import texts
from conversations.models import Control, Kind, Message
from conversations.results import SafetyFinding
from conversations.services.unit import Unit
from conversations.wording import cleaned
from safety import Verdict


def verdict_on(text: str | None) -> Verdict:
    """What the safety check says of a text as it would be stored; a tap has none.

    It computes for some milliseconds and needs no database: one who has to write into it need not
    hold up other writers for that.
    """
    return safety.check(cleaned(text or ""))


def render_replies(work: Unit, verdict: Verdict) -> list[texts.Rendered]:
    """The safety texts for a finding, gravest first, each ending in how to reach a person."""
    return _rendered(verdict, work.conversation.language, _person_line(work))


def _rendered(verdict: Verdict, language: str, person_line: str) -> list[texts.Rendered]:
    line = safety.person_line(person_line, verdict, language)
    person = texts.compose("safety", line.id)
    nested: texts.SlotValue = {"text_id": person.text_id, "slots": dict(person.slots)}
    return [
        texts.compose("safety", found.id, {"person_line": nested})
        for found in safety.reply_texts(verdict, language)
    ]


def _person_line(work: Unit) -> str:
    if work.conversation.control in (Control.QUEUE, Control.SPECIALIST):
        return "person_waiting"
    if work.conversation.control == Control.BOT:
        return _line_of_house(work.now)
    return "nobody_now"


def _line_of_house(now: datetime) -> str:
    return "person_available" if service_state(now).can_reach_person else "nobody_now"


def store_replies(
    work: Unit, verdict: Verdict, in_reply_to: Message | None = None
) -> list[Message]:
    """Store the safety texts of a finding as the system's words, and flag the conversation.

    Of two, each is of its own kind: the widget and the console head them by it.
    """
    language = work.conversation.language
    said = zip(render_replies(work, verdict), safety.reply_texts(verdict, language), strict=True)
    replies = [
        work.say(
            found,
            Kind.SAFETY,
            in_reply_to=in_reply_to,
            safety=text.kind,
            language=safety.reply_language(verdict, language),
        )
        for found, text in said
    ]
    flag(work, verdict, is_stored=True)
    return replies


def reply_to(work: Unit, message: Message, verdict: Verdict) -> list[Message]:
    """Store the safety texts in reply to a visitor's message; none when nothing was found."""
    if not verdict.kind:
        return []
    return store_replies(work, verdict, message)


def flag(work: Unit, verdict: Verdict, *, is_stored: bool) -> None:
    """Flag the conversation urgent: on top in the console, control unchanged.

    A crisis never hides an emergency that was found before.
    """
    conversation = work.conversation
    if not (conversation.is_urgent and conversation.urgent_kind == "emergency"):
        conversation.urgent_kind = verdict.kind or ""
    conversation.is_urgent = True
    conversation.urgent_at = work.now
    work.is_changed = True
    work.note_queue_moved()
    work.audit(
        "conversation.flagged",
        actor="system",
        category=verdict.category,
        certainty=verdict.certainty,
        is_stored=is_stored,
    )


def finding(work: Unit, verdict: Verdict) -> SafetyFinding | None:
    """What a refused text called for, with the conversation flagged; None when nothing."""
    if not verdict.kind:
        return None
    flag(work, verdict, is_stored=False)
    return finding_again(work, verdict)


def finding_again(work: Unit, verdict: Verdict) -> SafetyFinding | None:
    """What a text called for that was seen before: nothing is stored or flagged a second time."""
    return _finding(verdict, render_replies(work, verdict)) if verdict.kind else None


def finding_without_conversation(
    verdict: Verdict, now: datetime, language: str
) -> SafetyFinding | None:
    """What a text called for that belongs to no conversation; None when nothing."""
    if not verdict.kind:
        return None
    return _finding(verdict, _rendered(verdict, language, _line_of_house(now)))


def _finding(verdict: Verdict, rendered: list[texts.Rendered]) -> SafetyFinding:
    return SafetyFinding(verdict.kind or "", tuple(found.text for found in rendered), verdict)
