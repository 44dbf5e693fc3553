"""Watching: an endless series of hints about one conversation, or about the queue."""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncGenerator

from conversations.stream import listen
from conversations.stream.hub import QUEUE, TALKS, Hint, Watcher, hub, staff_key, talks_key


def changes(conversation_id: uuid.UUID | str, quiet_seconds: float = 15.0) -> AsyncGenerator[Hint]:
    """Hints about a conversation, until the caller stops asking.

    The first one comes at once: whoever watches first and reads the database at every hint
    misses nothing that was committed in between.

    Args:
        conversation_id: what to watch; whether the caller may is for the caller to know.
        quiet_seconds: after about this long without a hint, a little earlier, a quiet one comes.
    """
    return _hints(str(conversation_id), quiet_seconds)


def last_told(conversation_id: uuid.UUID | str) -> int:
    """The number of the latest change of a conversation that watchers here were told of, or 0."""
    return hub.last_told(str(conversation_id))


def queue_version() -> int:
    """A number that grows with every move of the queue, before those who wait hear of it."""
    return hub.times_queue_roused()


def staff_changes(
    conversation_id: uuid.UUID | str, user_id: int, quiet_seconds: float = 15.0
) -> AsyncGenerator[Hint]:
    """Hints about which colleagues of an account look at a conversation or type in it."""
    return _hints(staff_key(conversation_id), quiet_seconds, owner=user_id)


def queue_changes(quiet_seconds: float = 15.0) -> AsyncGenerator[Hint]:
    """Hints about the queue and about any conversation, for the console's list."""
    return _hints(QUEUE, quiet_seconds)


def talk_changes(user_id: int | None = None, quiet_seconds: float = 15.0) -> AsyncGenerator[Hint]:
    """Hints about the conversations that an account holds, or that anybody does, for its list."""
    return _hints(TALKS if user_id is None else talks_key(user_id), quiet_seconds)


def spread(seconds: float) -> float:
    """Up to a third less than so many seconds, by chance.

    A thousand streams that were woken by one event then do nothing else at one moment.
    """
    return seconds * random.uniform(0.7, 1.0)  # noqa: S311  (nothing secret depends on it)


async def _hints(key: str, quiet_seconds: float, owner: int | None = None) -> AsyncGenerator[Hint]:
    watcher = Watcher(key, owner)
    hub.add(watcher)
    listen.ensure_running()
    try:
        while True:
            yield await watcher.next_hint(spread(quiet_seconds))
    finally:
        hub.remove(watcher)
