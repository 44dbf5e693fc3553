"""The one reader of entries, notices, sources and organisation facts."""

from knowledge.errors import KnowledgeError
from knowledge.house import load_knowledge
from knowledge.models import (
    ApprovedText,
    ContactValue,
    Entry,
    Fact,
    Knowledge,
    Organisation,
    Review,
    Source,
)
from knowledge.questions import normalise_question
from knowledge.texts import SLOT_NAMES, fill_slots, load_responses

__all__ = [
    "SLOT_NAMES",
    "ApprovedText",
    "ContactValue",
    "Entry",
    "Fact",
    "Knowledge",
    "KnowledgeError",
    "Organisation",
    "Review",
    "Source",
    "fill_slots",
    "load_knowledge",
    "load_responses",
    "normalise_question",
]
