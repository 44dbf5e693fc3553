"""System checks: every text the desk says by itself can be said, before the first visitor comes."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

import safety
from conversations import texts
from conversations.services.bot_turns import (
    AFTER_DANGER,
    AFTER_LOSS,
    BESIDE_SAFETY,
    FALLBACK,
    NO_LIVE_FACTS,
)
from knowledge import KnowledgeError

_WHERE = {"opens_at": "today at 9:00 AM EST", "closes_at": "today at 9:00 PM EST"}
_POSITION = {"position": "1"}
_NAME = {"specialist_name": "Ana"}
_REFERENCE = {"reference": "AAAA-BBBB"}
# Every notice a service says, with the values it has at hand. A greeting while open knows no
# closing time under SERVICE_HOURS=always.
NOTICES: dict[str, dict[str, str]] = {
    "greeting_open": {},
    "greeting_nobody": {},
    "greeting_closed": {},
    "language_not_supported": {},
    "handoff_queued": _POSITION,
    "callback_offer_closed": {"opens_at": _WHERE["opens_at"]},
    "callback_offer_nobody": {},
    "callback_form": {},
    "callback_typed": {},
    "callback_saved": _REFERENCE,
    "mail_transcript_subject": {},
    "mail_transcript": {},
    "mail_answer_subject": {},
    "mail_answer_opening": _NAME,
    "mail_answer_closing": _REFERENCE,
    "kept_waiting": _POSITION,
    "still_waiting": _POSITION,
    "ask_while_waiting_on": _POSITION,
    "queue_left": {},
    "back_to_bot": {},
    "specialist_joined": _NAME,
    "specialist_changed": _NAME,
    "specialist_left_queue": _NAME | _POSITION,
    "specialist_left_nobody": _NAME | _POSITION,
    "queue_closing": _POSITION,
    "queue_closed": {"opens_at": _WHERE["opens_at"]},
    "queue_nobody": {},
    "specialist_left_bot": _NAME,
    "bot_unavailable": {},
    "turn_failed": {},
    "idle_warning": {},
    "still_here": {},
    "closed_idle": {},
    "closed_by_visitor": {},
    "closed_by_specialist": {},
}
RESPONSES = (AFTER_DANGER, AFTER_LOSS, BESIDE_SAFETY, FALLBACK, NO_LIVE_FACTS)


@register()
def check_texts(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Render each text that services name; one error for each that cannot be rendered."""
    wanted: list[tuple[texts.Origin, str, dict[str, str]]] = [
        *(("notice", name, live) for name, live in NOTICES.items()),
        *(("response", name, {}) for name in RESPONSES),
        *(("safety", name, {"person_line": "."}) for name in safety.all_texts()),
    ]
    try:
        problems = [_problem(*text) for text in wanted]
    except KnowledgeError as error:
        return [
            Error(f"knowledge: {problem}", id="conversations.E001") for problem in error.problems
        ]
    return [problem for problem in problems if problem]


def _problem(origin: texts.Origin, name: str, live: dict[str, str]) -> CheckMessage | None:
    try:
        texts.compose(origin, name, live)
    except texts.NotApproved:
        return Error(f"there is no {origin} {name!r}; the desk says it", id="conversations.E002")
    except texts.SlotMissing as error:
        return Error(f"{origin} {name!r} cannot be filled: {error}", id="conversations.E003")
    return None
