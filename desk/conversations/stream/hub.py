"""Who in this process watches what."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass

# The key under which the console's list of conversations is watched.
QUEUE = "queue"
# The key of lists that show every talk, whoever holds it.
TALKS = "talks"
_MOST_TOLD = 20_000


def staff_key(conversation_id: uuid.UUID | str) -> str:
    """The key under which consoles watch what colleagues do at a conversation."""
    return f"staff:{conversation_id}"


def talks_key(user_id: int) -> str:
    """The key under which an account's list watches the conversations that it holds itself."""
    return f"{TALKS}:{user_id}"


@dataclass(frozen=True)
class Typing:
    """That somebody is writing; a hint that is never stored.

    Attributes:
        sender: "visitor", "specialist" or "bot".
        name: the name a visitor may see, or "".
    """

    sender: str
    name: str = ""


@dataclass(frozen=True)
class Hint:
    """A reason to look at the database, or to say something small.

    Attributes:
        is_changed: something may be new.
        typing: somebody is writing.
        is_quiet: nothing happened for a while; time for a sign of life.
        change_seq: the latest change this is about; None where nobody gave a number. Whoever
            knows of that change already need not look.
        is_move: the queue moved, and nothing else is known to be new.
    """

    is_changed: bool = False
    typing: Typing | None = None
    is_quiet: bool = False
    change_seq: int | None = None
    is_move: bool = False


class Watcher:
    """One open stream. Wake-ups that come while it is busy are folded into one.

    Attributes:
        key: what it watches.
        owner: the account that it is for, where that makes a difference.
    """

    def __init__(self, key: str, owner: int | None = None) -> None:
        self.key = key
        self.owner = owner
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._is_changed = True  # The first look is due at once.
        self._change_seq: int | None = None
        self._is_move = False
        self._typing: Typing | None = None
        self._event.set()

    def rouse(
        self, typing: Typing | None = None, change_seq: int | None = None, *, is_move: bool = False
    ) -> None:
        """Wake the stream, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._note, typing, change_seq, is_move)
        except RuntimeError:
            # Its event loop has ended, and with it the stream.
            hub.remove(self)

    def _note(self, typing: Typing | None, change_seq: int | None, is_move: bool) -> None:
        if typing is None:
            self._is_move = is_move and (self._is_move or not self._is_changed)
        if typing is not None:
            self._typing = typing
        elif change_seq is None or (self._is_changed and self._change_seq is None):
            # One wake-up without a number among several: the whole has none.
            self._is_changed, self._change_seq = True, None
        else:
            self._is_changed, self._change_seq = True, max(change_seq, self._change_seq or 0)
        self._event.set()

    async def next_hint(self, quiet_seconds: float) -> Hint:
        """The next hint, or a quiet one after `quiet_seconds` without any."""
        try:
            async with asyncio.timeout(quiet_seconds):
                await self._event.wait()
        except TimeoutError:
            return Hint(is_quiet=True)
        hint = Hint(self._is_changed, self._typing, False, self._change_seq, self._is_move)
        self._event.clear()
        self._is_changed, self._typing, self._change_seq = False, None, None
        self._is_move = False
        return hint


class Hub:
    """All watchers of this process, by key. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._told: dict[str, int] = {}
        self._queue_roused = 0

    def add(self, watcher: Watcher) -> None:
        """Have a watcher woken from now on."""
        with self._lock:
            self._watchers[watcher.key].add(watcher)

    def remove(self, watcher: Watcher) -> None:
        """Wake a watcher no more."""
        with self._lock:
            watchers = self._watchers.get(watcher.key, set())
            watchers.discard(watcher)
            if not watchers:
                self._watchers.pop(watcher.key, None)

    def rouse(
        self,
        key: str,
        typing: Typing | None = None,
        change_seq: int | None = None,
        by: int | None = None,
        *,
        is_move: bool = False,
    ) -> None:
        """Wake everybody in this process who watches `key`, for a change of that number.

        Whoever caused it, account number `by`, knows of it already. `is_move` says that nothing
        is new but the order of the queue.
        """
        with self._lock:
            self._queue_roused += key == QUEUE
            watchers = list(self._watchers.get(key, ()))
        for watcher in watchers:
            if by is None or watcher.owner != by:
                watcher.rouse(typing, change_seq, is_move=is_move)

    def note_told(self, key: str, change_seq: int) -> None:
        """Note that whoever watches `key` is woken for this change of it, or a later one."""
        with self._lock:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()  # At worst somebody is woken once more than they need be.
            self._told[key] = max(change_seq, self._told.get(key, 0))

    def times_queue_roused(self) -> int:
        """How often those who watch the queue were woken, here and since the start."""
        return self._queue_roused

    def last_told(self, key: str) -> int:
        """The latest change that a wake-up which came through here was for; 0 for none."""
        return self._told.get(key, 0)

    def watched(self) -> set[str]:
        """What is being watched."""
        with self._lock:
            return set(self._watchers)


hub = Hub()
