"""The console's own event stream."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from django.db import OperationalError

from console import stream
from conversations import stream as hints
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


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_hears_that_a_colleague_looks_on() -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    conversation_id = uuid.uuid4()
    watch = asyncio.create_task(stream._watch_colleagues(conversation_id, lines))
    heard = [await asyncio.wait_for(lines.get(), 5)]
    hints.wake_staff(conversation_id)
    heard.append(await asyncio.wait_for(lines.get(), 5))
    watch.cancel()
    assert heard == ["event: viewers\ndata: changed\n\n"] * 2
