"""The one reader of entries, notices, reply templates, sources and organisation facts."""

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
from knowledge.replies import (
    OrganisationService,
    Replies,
    Template,
    load_replies,
    open_blanks,
)
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
    "OrganisationService",
    "Replies",
    "Review",
    "Source",
    "Template",
    "fill_slots",
    "load_knowledge",
    "load_replies",
    "load_responses",
    "normalise_question",
    "open_blanks",
]
