"""What the gateway learns, and notes aside of all calls, of a family's pages going and coming."""

import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import Error

from conversations import services
from conversations.errors import UnknownConversation
from turns.threads import begin, run_writing

logger = logging.getLogger(__name__)

# A page that is loaded again, or a phone that changes its network, is back sooner than this; one
# that hears no stream asks more often.
AWAY_SECONDS = 20.0

# When a page last asked where its chat stands, in this process; the longest ago stands first.
_asked_at: dict[UUID, float] = {}


def note_asked(conversation_id: UUID) -> None:
    """Remember that a page asks where its chat stands."""
    now = time.monotonic()
    _asked_at.pop(conversation_id, None)
    _asked_at[conversation_id] = now
    while now - _asked_at[oldest := next(iter(_asked_at))] > AWAY_SECONDS:
        del _asked_at[oldest]


def asked_lately(conversation_id: UUID) -> bool:
    """Whether a page asked so lately that it may be open without a stream."""
    asked_at = _asked_at.get(conversation_id)
    return asked_at is not None and time.monotonic() - asked_at < AWAY_SECONDS


def note_open(conversation_id: UUID) -> None:
    """Have it noted that a page is open again; nobody who reads waits for that."""
    begin(note(services.note_page_open, conversation_id))


async def note(verb: Callable[..., None], *args: Any) -> None:
    """Note something of a page. The next stream or call finds what could not be noted."""
    try:
        await run_writing(verb, *args)
    except UnknownConversation:
        pass  # Erased meanwhile.
    except Error as error:
        logger.warning("a page could not be noted", exc_info=error)
