"""The console's own event stream."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from console import stream
from conversations import stream as hints
from conversations.stream import Hint
from staff.presence import note_gone, presence_of
from tests.factories import make_specialist


async def test_a_stream_that_can_hear_nothing_ends_so_that_the_browser_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that is away for a moment must not leave an open page deaf for good."""

    async def changes() -> AsyncIterator[Hint]:
        yield Hint(is_changed=False)
        raise OperationalError

    monkeypatch.setattr(stream.hints, "queue_changes", changes)
    heard = [line async for line in stream._events(None)]
    assert heard == ["retry: 2000\n\n"]


@pytest.mark.django_db(transaction=True)
async def test_an_open_stream_is_no_sign_of_life_and_asks_the_page_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line that was cut stays open on this side for minutes, and its specialist is gone."""
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.01)
    specialist = await sync_to_async(make_specialist)("ana")
    await sync_to_async(note_gone)(specialist)
    heard = stream._events(None)
    async with asyncio.timeout(5):
        while await anext(heard) != "event: beat\ndata: here?\n\n":
            pass
    await heard.aclose()
    assert (await sync_to_async(presence_of)(specialist)).seen_at is None


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
