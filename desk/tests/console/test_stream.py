"""The console's own event stream."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from django.db import OperationalError

from console import stream
from conversations.stream import Hint
from staff.models import User


async def test_a_stream_that_can_hear_nothing_ends_so_that_the_browser_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that is away for a moment must not leave an open page deaf for good."""

    async def changes(quiet_seconds: float) -> AsyncIterator[Hint]:
        yield Hint(is_changed=True)

    def away(user: User) -> None:
        raise OperationalError

    monkeypatch.setattr(stream.hints, "queue_changes", changes)
    monkeypatch.setattr(stream, "note_seen", away)
    heard = [line async for line in stream._events(User(username="ana"), None)]
    assert heard == ["retry: 2000\n\n"]
