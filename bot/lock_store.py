"""Lets one message of a conversation in at a time, first come first served."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockStore
from rasa.utils.endpoints import EndpointConfig


class AsyncioLockStore(LockStore):
    """Locks of this process. Rasa's own stores look once a second whether it is their turn.

    One process is enough: a turn is a function of text and metadata, and the desk sends one
    message of a conversation at a time.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        super().__init__()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wanted: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the lock of a conversation; `asyncio.Lock` serves those who wait in order."""
        self._wanted[conversation_id] += 1
        try:
            async with self._locks[conversation_id]:
                yield TicketLock(conversation_id)
        finally:
            self._release(conversation_id)

    def _release(self, conversation_id: str) -> None:
        self._wanted[conversation_id] -= 1
        if not self._wanted[conversation_id]:
            del self._wanted[conversation_id]
            self._locks.pop(conversation_id, None)

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        """Return a ticket while somebody holds or wants the lock."""
        return TicketLock(conversation_id) if conversation_id in self._wanted else None

    def save_lock(self, lock: TicketLock) -> None:
        """Do nothing: the lock lives in this process, there is nothing to write."""

    def delete_lock(self, conversation_id: str) -> None:
        """Do nothing: a lock goes when nobody wants it any more."""
