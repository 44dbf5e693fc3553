"""Finds a medical emergency or a crisis in one message, and what to say at once.

It knows nothing of the bot, the desk or the network, so it works when they do not.
"""

from safety.check import check, prepare
from safety.texts import (
    PERSON_LINES,
    SafetyText,
    TextSource,
    all_texts,
    bibliography,
    person_line,
    reply_language,
    reply_texts,
)
from safety.verdict import CATEGORIES, Certainty, Kind, Language, Verdict

__all__ = [
    "CATEGORIES",
    "PERSON_LINES",
    "Certainty",
    "Kind",
    "Language",
    "SafetyText",
    "TextSource",
    "Verdict",
    "all_texts",
    "bibliography",
    "check",
    "person_line",
    "prepare",
    "reply_language",
    "reply_texts",
]
