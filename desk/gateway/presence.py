"""What the gateway learns, and notes aside of all calls, of a family's pages going and coming."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from conversations import services
from conversations.errors import UnknownConversation
from turns.threads import begin, run_writing

logger = logging.getLogger(__name__)


def note_open(conversation_id: UUID) -> None:
    """Have it noted that a page is open again; nobody who reads waits for that."""
    begin(note(services.note_page_open, conversation_id))


async def note(verb: Callable[..., None], *args: Any) -> None:
    """Note something of a page. The next stream or call finds what could not be noted."""
    try:
        await run_writing(verb, *args)
    except UnknownConversation:
        pass  # Erased meanwhile.
    except DatabaseError as error:
        logger.warning("a page could not be noted", exc_info=error)
