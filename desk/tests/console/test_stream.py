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
from staff.models import User
from staff.presence import note_gone, presence_of
from tests.factories import make_conversation, make_specialist, write


async def test_a_stream_that_can_hear_nothing_ends_so_that_the_browser_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that is away for a moment must not leave an open page deaf for good."""

    async def changes() -> AsyncIterator[Hint]:
        yield Hint(is_changed=False)
        raise OperationalError

    async def talks(user_id: int | None = None) -> AsyncIterator[Hint]:
        yield Hint(is_changed=True)
        await asyncio.sleep(60)

    monkeypatch.setattr(stream.hints, "queue_changes", changes)
    monkeypatch.setattr(stream.hints, "talk_changes", talks)
    heard = [line async for line in stream._events(stream._Listener(User(username="ana"), None))]
    assert heard == ["retry: 2000\n\n"]


@pytest.mark.django_db(transaction=True)
async def test_an_open_stream_is_no_sign_of_life_and_asks_the_page_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line that was cut stays open on this side for minutes, and its specialist is gone."""
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.01)
    specialist = await sync_to_async(make_specialist)("ana")
    await sync_to_async(note_gone)(specialist)
    heard = stream._events(stream._Listener(User(), None))
    async with asyncio.timeout(5):
        while await anext(heard) != "event: beat\ndata: here?\n\n":
            pass
    await heard.aclose()
    assert (await sync_to_async(presence_of)(specialist)).seen_at is None


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_hears_that_a_colleague_looks_on() -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    conversation_id = uuid.uuid4()
    me, colleague = User(pk=1), User(pk=2)
    watch = asyncio.create_task(stream._watch_colleagues(conversation_id, me, lines))
    await asyncio.sleep(0.05)
    hints.wake_staff(conversation_id, by=me.pk)
    await asyncio.sleep(0.05)
    assert lines.empty(), "what one does oneself is no news"
    hints.wake_staff(conversation_id, by=colleague.pk)
    assert await asyncio.wait_for(lines.get(), 5) == "event: viewers\ndata: changed\n\n"
    watch.cancel()


@pytest.mark.django_db(transaction=True)
async def test_a_page_hears_the_number_of_a_change_so_that_it_need_not_ask_twice() -> None:
    conversation = await sync_to_async(make_conversation)()
    before = conversation.change_seq
    lines: asyncio.Queue[str] = asyncio.Queue()
    watch = asyncio.create_task(stream._watch_conversation(conversation, lines))
    heard = [await asyncio.wait_for(lines.get(), 5)]
    await sync_to_async(write)(conversation)
    heard.append(await asyncio.wait_for(lines.get(), 5))
    watch.cancel()
    assert heard == [f"event: conversation\ndata: {seq}\n\n" for seq in (before, before + 1)]


@pytest.mark.django_db(transaction=True)
async def test_a_change_between_the_page_and_its_stream_is_told_at_once() -> None:
    conversation = await sync_to_async(make_conversation)()
    await sync_to_async(write)(conversation)
    lines: asyncio.Queue[str] = asyncio.Queue()
    watch = asyncio.create_task(stream._watch_conversation(conversation, lines))
    first = await asyncio.wait_for(lines.get(), 5)
    watch.cancel()
    assert first == f"event: conversation\ndata: {conversation.change_seq + 1}\n\n"


@pytest.mark.django_db(transaction=True)
async def test_a_page_hears_at_once_what_a_family_wrote_to_its_own_account() -> None:
    """Words to a colleague come as `talks`, once a second, for who shows everybody's."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    own, colleague = 1, 2
    watch = asyncio.create_task(stream._watch_talks("mine", hints.talk_changes(own), lines))
    everybody = asyncio.create_task(stream._watch_talks("talks", hints.talk_changes(), lines))
    await asyncio.sleep(0.05)
    assert lines.empty()
    hints.wake_talks(colleague)
    heard = [await asyncio.wait_for(lines.get(), 5)]
    hints.wake_talks(own)
    heard.append(await asyncio.wait_for(lines.get(), 5))
    for task in (watch, everybody):
        task.cancel()
    assert heard == ["event: talks\ndata: changed\n\n", "event: mine\ndata: changed\n\n"]
