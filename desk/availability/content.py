"""The desk's own copy of everything approved for families, read once per process.

It stands in this app because the lowest reader of it is `service_state`, which needs the hours.
"""

from collections.abc import Mapping
from functools import cache

from django.conf import settings

from knowledge import (
    ApprovedText,
    Knowledge,
    Organisation,
    Replies,
    load_knowledge,
    load_replies,
    load_responses,
)


@cache
def knowledge() -> Knowledge:
    """Entries, notices, sources and organisation.

    Raises:
        knowledge.KnowledgeError: the files cannot be used; the system checks say so at start.
    """
    return load_knowledge(settings.KNOWLEDGE_DIR, organisation_file=settings.ORGANISATION_FILE)


@cache
def responses() -> Mapping[str, ApprovedText]:
    """The bot's short responses by id.

    Raises:
        knowledge.KnowledgeError: the file cannot be used.
    """
    return load_responses(settings.DOMAIN_FILE)


@cache
def replies() -> Replies:
    """Templates for specialists' replies, and what the organisation offers.

    Raises:
        knowledge.KnowledgeError: the file cannot be used.
    """
    return load_replies(settings.KNOWLEDGE_DIR, knowledge())


def organisation() -> Organisation:
    """The charity behind the service."""
    return knowledge().organisation


def forget() -> None:
    """Read everything anew at next use; for tests that exchange the files."""
    knowledge.cache_clear()
    responses.cache_clear()
    replies.cache_clear()
