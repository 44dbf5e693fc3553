"""Names that more than one part of the bot must agree on."""

from __future__ import annotations

ASK = "ask"
"""The retrieval intent: a question that an entry answers."""

FALLBACK = "nlu_fallback"
FALLBACK_AGAIN = "fallback_again"
CLARIFY = "clarify"
CLARIFY_REST = "clarify_rest"
FOLLOW_UP = "follow_up"
OKAY = "okay"
THANKS = "thanks"
REQUEST_PERSON = "request_person"

LIVE_FACTS = frozenset({"ask_open_now", "ask_wait_time"})
"""Intents that the action server answers; without it they degrade to an honest response."""

JUDGEMENTS = frozenset({"advice", "advice_dose", "outlook", "treatment_choice"})
"""Intents that ask for a judgement about one child."""

COURTESIES = frozenset({"greet", THANKS, OKAY, "goodbye", "how_are_you", "bare_reply"})
"""Intents that ask nothing of us: the rest of the message decides."""

FOREIGN = frozenset(
    {"out_of_scope", "out_of_scope_health", "instructions", "gibberish", "other_language"}
)
"""Intents for what is none of ours."""

LIVE_FACTS_UNAVAILABLE = "utter_live_facts_unavailable"


def entry_label(entry_id: str) -> str:
    """Return the label of an entry, such as `ask/study-who`."""
    return f"{ASK}/{entry_id}"


def entry_id(label: str) -> str | None:
    """Return the entry id of a label, or None when the label is an intent of another kind."""
    prefix, _, rest = label.partition("/")
    return rest if prefix == ASK and rest else None
