"""A browser for tests that shows a conversation from its hints alone, and may lose its line."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from conversations import access
from conversations.stream.hub import hub


class WakeUps:
    """Collects who is woken. In a test's transaction nothing is committed: `commit` says so."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self._rouse = hub.rouse
        hub.rouse = self._note  # type: ignore[method-assign]  # listens in

    def _note(self, key: str, *_: object, **__: object) -> None:
        self.keys.add(key)

    def commit(self) -> set[str]:
        """Run what waits for the commit; the keys that were woken since the last one."""
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _, call, _ in waiting:
            call()
        woken, self.keys = self.keys, set()
        return woken

    def stop(self) -> None:
        """Wake whoever really watches again."""
        connection.run_on_commit = []
        hub.rouse = self._rouse  # type: ignore[method-assign]  # puts the hub's own back


class Reader:
    """Shows messages and state. It reads at a wake-up and after coming back, never else."""

    def __init__(self, conversation_id: uuid.UUID) -> None:
        self._pk = conversation_id
        self.is_connected = True
        self.shown: list[uuid.UUID] = []
        self.state: tuple[Any, ...] = ()
        self.read()

    def read(self) -> None:
        """Fetch what comes after the last message shown, and the state."""
        page = access.messages_after(self._pk, len(self.shown), 200)
        self.shown += [message.pk for message in page.messages]
        self.state = state_of(self._pk)

    def hear(self, woken: set[str]) -> None:
        """Take in wake-ups, if there is a line to hear them on."""
        if self.is_connected and str(self._pk) in woken:
            self.read()

    def lose_line(self) -> None:
        """Hear nothing from now on."""
        self.is_connected = False

    def come_back(self) -> None:
        """Watch again; the first hint comes at once."""
        self.is_connected = True
        self.read()


def state_of(conversation_id: uuid.UUID) -> tuple[Any, ...]:
    """What a visitor is shown besides messages; the expected wait moves with the clock alone."""
    found = access.summary_of(conversation_id)
    return (
        found.control,
        found.queue_position,
        found.specialist_name,
        found.last_seq,
        found.asks_while_waiting,
    )
