"""The stream wakes whoever watches, and a wake-up carries no content."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
import uuid
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.models import F

from conversations import access, services, stream
from conversations.access.feed import changed_since, queued_ids
from conversations.errors import DeskError, TextEmpty
from conversations.models import Conversation
from conversations.stream import listen, publish
from conversations.stream.hub import QUEUE, TALKS, Hint, Typing, hub, talks_key
from staff.models import StaffPresence
from tests.conftest import service_or_skip
from tests.factories import (
    OPEN,
    NoTurn,
    answer,
    fresh,
    make_conversation,
    make_queued,
    make_specialist,
    response_draft,
    write,
)

KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def background():
    """For tests about the feed and the listener; in all others neither runs."""


@pytest.fixture(autouse=True)
def no_background(request, monkeypatch):
    if "background" not in request.fixturenames:
        monkeypatch.setattr(listen, "ensure_running", lambda: None)


async def soon(hints, seconds: float = 5.0) -> Hint:
    """The next hint; a test that waits for it in vain fails."""
    async with asyncio.timeout(seconds):
        return await anext(hints)


class TestHints:
    """What a watcher is told."""

    async def test_the_first_hint_comes_at_once(self):
        assert await soon(stream.changes(KEY)) == Hint(is_changed=True)

    async def test_a_wake_up_from_any_thread_arrives(self):
        hints = stream.changes(KEY)
        await soon(hints)
        await asyncio.to_thread(stream.wake, KEY)
        assert await soon(hints) == Hint(is_changed=True)

    async def test_wake_ups_of_others_do_not(self):
        hints = stream.changes(KEY, quiet_seconds=0.05)
        await soon(hints)
        stream.wake(uuid.uuid4())
        stream.wake_queue()
        assert (await soon(hints)).is_quiet

    async def test_silence_is_a_hint_too_and_the_series_goes_on(self):
        hints = stream.changes(KEY, quiet_seconds=0.02)
        await soon(hints)
        assert [(await soon(hints)).is_quiet for _ in range(3)] == [True] * 3
        stream.wake(KEY)
        assert (await soon(hints)).is_changed

    async def test_many_wake_ups_while_busy_are_one_hint(self):
        hints = stream.changes(KEY, quiet_seconds=0.05)
        await soon(hints)
        for _ in range(10):
            stream.wake(KEY)
        assert (await soon(hints)).is_changed
        assert (await soon(hints)).is_quiet

    async def test_typing_says_who_and_nothing_else(self):
        hints = stream.changes(KEY)
        await soon(hints)
        stream.note_typing(KEY, sender="specialist", name="Ana")
        assert await soon(hints) == Hint(typing=Typing("specialist", "Ana"))

    async def test_a_watcher_that_leaves_is_forgotten(self):
        hints = stream.changes(KEY)
        await soon(hints)
        assert KEY in hub.watched()
        await hints.aclose()
        assert KEY not in hub.watched()
        stream.wake(KEY)

    def test_a_watcher_whose_loop_has_ended_is_forgotten(self):
        async def watch() -> None:
            hints = stream.changes(KEY)
            await anext(hints)
            watchers.extend(hub._watchers[KEY])

        watchers: list = []
        asyncio.run(watch())
        hub.add(watchers[0])
        stream.wake(KEY)
        assert KEY not in hub.watched()

    async def test_three_thousand_streams_of_one_process_are_reached_quickly(self):
        streams = [stream.changes(str(uuid.UUID(int=number))) for number in range(3000)]
        for hints in streams:
            await anext(hints)
        waiting = [asyncio.ensure_future(anext(hints)) for hints in streams]
        await asyncio.sleep(0)
        started = time.perf_counter()
        for number in range(3000):
            stream.wake(uuid.UUID(int=number))
        await asyncio.wait_for(asyncio.gather(*waiting), 20)
        # About 0.1 s on a quiet core; the limit only catches a cost per pair of streams.
        assert time.perf_counter() - started < 10
        for hints in streams:
            await hints.aclose()


@pytest.mark.django_db(transaction=True)
class TestServicesWake:
    """Services wake on commit, and the feed finds what no wake-up told of."""

    @pytest.fixture
    def roused(self, monkeypatch):
        """Keys that were roused, in order."""
        keys: list[str] = []
        monkeypatch.setattr(hub, "rouse", lambda key, *_, **__: keys.append(key))
        return keys

    def test_a_message_wakes_its_conversation_and_the_console(self, roused):
        conversation = make_conversation()
        roused.clear()
        write(conversation)
        assert set(roused) == {str(conversation.pk), QUEUE}

    def test_a_refused_message_wakes_nobody(self, roused):
        conversation = make_conversation()
        roused.clear()
        with pytest.raises(TextEmpty):
            write(conversation, " ")
        assert roused == []

    def test_a_place_that_moves_wakes_everybody_who_waits(self, roused, clock):
        specialist = make_specialist()
        first, second = make_queued(specialist), make_queued(specialist)
        roused.clear()
        services.claim_conversation(first.pk, specialist=specialist)
        assert {str(first.pk), str(second.pk), QUEUE} <= set(roused)

    def test_an_erasure_wakes_its_watchers(self, roused, monkeypatch, settings, tmp_path):
        settings.DATA_DIR = tmp_path
        monkeypatch.setattr("retention.registry._forgetters", {})
        conversation = make_conversation()
        roused.clear()
        services.erase_conversation(conversation.pk, by="visitor")
        assert str(conversation.pk) in roused

    def test_every_visible_change_grows_the_change_number(self, clock):
        specialist = make_specialist()
        conversation = make_queued(specialist)
        steps = [
            lambda: write(conversation),
            lambda: services.claim_conversation(conversation.pk, specialist=specialist),
            lambda: services.add_note(conversation.pk, author=specialist, text="a note"),
            lambda: services.close_conversation(conversation.pk, by="visitor"),
            lambda: services.resume_conversation(services.make_resume_link(conversation.pk).token),
        ]
        for step in steps:
            before = fresh(conversation).change_seq
            step()
            assert fresh(conversation).change_seq > before

    async def test_a_hint_has_the_number_of_the_latest_change_it_is_about(self):
        hints = stream.changes(KEY)
        await soon(hints)
        stream.wake(KEY, 7)
        stream.wake(KEY, 8)
        assert (await soon(hints)).change_seq == 8
        stream.wake(KEY, 9)
        stream.wake(KEY)
        assert (await soon(hints)).change_seq is None
        assert stream.last_told(KEY) == 9

    async def test_a_move_of_the_queue_hides_nothing_else_that_is_new(self):
        hints = stream.changes(KEY)
        stream.wake_line([KEY])
        assert not (await soon(hints)).is_move  # The first look is a whole one.
        stream.wake_line([KEY])
        stream.wake_line([KEY])
        hint = await soon(hints)
        assert (hint.is_changed, hint.is_move) == (True, True)
        for wakes in ((stream.wake, stream.wake_line), (stream.wake_line, stream.wake)):
            for each in wakes:
                each(*(([KEY],) if each is stream.wake_line else (KEY, 7)))
            hint = await soon(hints)
            assert (hint.is_changed, hint.is_move) == (True, False)

    def test_the_feed_sees_changes_of_other_processes(self, roused, clock):
        seen: dict[str, int] = {}
        conversation = make_conversation()
        listen._news(seen, changed_since(OPEN))
        assert listen._news(seen, changed_since(OPEN)) == []
        write(conversation)
        hub._told.clear()  # No wake-up of another process came through.
        assert listen._news(seen, changed_since(OPEN)) == [str(conversation.pk), QUEUE]
        assert listen._news(seen, changed_since(OPEN)) == []

    def test_the_feed_wakes_nobody_a_second_time(self, clock):
        seen: dict[str, int] = {}
        conversation = make_conversation()
        listen._news(seen, changed_since(OPEN))
        write(conversation)
        assert listen._news(seen, changed_since(OPEN)) == []
        # A later change that no wake-up told of is still found.
        Conversation.objects.filter(pk=conversation.pk).update(change_seq=F("change_seq") + 1)
        assert listen._news(seen, changed_since(OPEN)) == [str(conversation.pk), QUEUE]

    def test_words_in_a_talk_wake_the_list_of_the_one_who_holds_it(self, roused, clock):
        """The other lists show nothing of it, unless they show everybody's talks."""
        specialist = make_specialist()
        conversation = make_queued(specialist)
        services.claim_conversation(conversation.pk, specialist=specialist)
        roused.clear()
        write(conversation)
        assert set(roused) == {str(conversation.pk), TALKS, talks_key(specialist.pk)}

    def test_anything_else_in_a_talk_wakes_every_list(self, roused, clock):
        specialist = make_specialist()
        conversation = make_queued(specialist)
        roused.clear()
        services.claim_conversation(conversation.pk, specialist=specialist)
        assert QUEUE in roused
        roused.clear()
        services.add_note(conversation.pk, author=specialist, text="a note")
        assert QUEUE in roused
        roused.clear()
        services.release_conversation(conversation.pk, specialist=specialist, to="queue")
        assert QUEUE in roused

    def test_a_queue_that_moves_is_one_call_to_others(self, settings, monkeypatch, clock):
        """Each of a hundred who wait would else cost a way to Redis."""
        sent: list[publish.WakeUp] = []
        settings.REDIS_URL = "redis://127.0.0.1:9/0"
        sender = SimpleNamespace(send=lambda data: sent.append(publish.decode(data)))
        monkeypatch.setattr(publish, "_sender", lambda: sender)
        specialist = make_specialist()
        waiting = [make_queued(specialist) for _ in range(5)]
        sent.clear()
        services.claim_conversation(waiting[0].pk, specialist=specialist)
        assert len(sent) == 3
        moved = [call.keys for call in sent if len(call.keys) > 1]
        assert [set(keys) for keys in moved] == [{str(each.pk) for each in waiting[1:]}]
        assert [call.is_move for call in sent] == [len(call.keys) > 1 for call in sent]

    def test_the_feed_sees_a_queue_that_moved(self, roused, clock):
        specialist = make_specialist()
        first, second = make_queued(specialist), make_queued(specialist)
        before = queued_ids()
        services.claim_conversation(first.pk, specialist=specialist)
        roused.clear()
        listen._rouse_queue(before, queued_ids())
        assert set(roused) == {str(first.pk), str(second.pk), QUEUE}

    def test_who_stays_in_a_queue_that_moved_only_moves(self, monkeypatch):
        moved: dict[str, bool] = {}
        monkeypatch.setattr(hub, "rouse", lambda key, is_move=False: moved.update({key: is_move}))
        listen._rouse_queue(("taken", "stays"), ("stays", "new"))
        assert moved == {QUEUE: False, "taken": False, "stays": True, "new": False}


@pytest.mark.django_db(transaction=True)
async def test_the_feed_wakes_a_stream_within_seconds(background, monkeypatch):
    """A write that publishes nothing here, as another process's does, is seen all the same."""
    monkeypatch.setattr(listen, "FEED_SECONDS", 0.05)
    conversation = await sync_to_async(make_conversation)()
    hints = stream.changes(conversation.pk)
    await soon(hints)

    def write_elsewhere() -> None:
        Conversation.objects.filter(pk=conversation.pk).update(change_seq=99)

    await sync_to_async(write_elsewhere)()
    assert (await soon(hints, 10)).is_changed
    await hints.aclose()
    _, still_running = await asyncio.wait(listen.running_tasks(), timeout=5)
    assert not still_running


def _random_step(rng: random.Random, conversation, specialist) -> None:
    """One service call out of many; what does not fit the state is refused, as it should be."""
    steps = [
        lambda: write(conversation, "hello"),
        lambda: answer(write(conversation, "hello")),
        lambda: answer(write(conversation, "hello"), response_draft()),
        lambda: services.request_handoff(conversation.pk),
        lambda: services.claim_conversation(conversation.pk, specialist=specialist),
        lambda: services.release_conversation(
            conversation.pk, specialist=specialist, to=rng.choice(["queue", "bot"])
        ),
        lambda: services.leave_queue(conversation.pk),
    ]
    with contextlib.suppress(DeskError, NoTurn):
        rng.choice(steps)()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
async def test_snapshot_plus_stream_equals_a_fresh_snapshot(seed, settings):
    settings.SERVICE_HOURS = "always"
    rng = random.Random(seed)
    specialist = await sync_to_async(make_specialist)()
    conversation = await sync_to_async(make_conversation)()

    def read(after: int):
        StaffPresence.objects.filter(user=specialist).exists()
        page = access.messages_after(conversation.pk, after, 200)
        return [message.pk for message in page.messages], access.summary_of(conversation.pk)

    def work() -> None:
        try:
            for _ in range(25):
                _random_step(rng, conversation, specialist)
        finally:
            connections.close_all()

    shown, state = await sync_to_async(read)(0)
    hints = stream.changes(conversation.pk, quiet_seconds=0.3)
    working = asyncio.ensure_future(asyncio.to_thread(work))
    async for hint in hints:
        if hint.is_quiet and working.done():
            break
        news, state = await sync_to_async(read)(len(shown))
        shown += news
    await working
    assert (shown, state) == await sync_to_async(read)(0)
    assert len(shown) > 5


class TestRedis:
    """Wake-ups between processes through Redis."""

    def test_a_wake_up_carries_ids_and_nothing_else(self):
        for call in (
            publish.WakeUp("p", (KEY,)),
            publish.WakeUp("p", (KEY, QUEUE)),
            publish.WakeUp("p", (KEY,), change_seq=7),
            publish.WakeUp("p", (KEY,), Typing("specialist", "Ana")),
            publish.WakeUp("p", (KEY, "another"), is_move=True),
        ):
            assert publish.decode(publish.encode(call)) == call

    @pytest.mark.parametrize(
        "data", ["", "[]", "{}", "null", '{"keys": ["x"]}', '{"from": "x", "keys": []}', b"\xff"]
    )
    def test_anything_else_on_the_channel_is_no_wake_up(self, data):
        with pytest.raises((ValueError, UnicodeDecodeError)):
            publish.decode(data)

    def test_a_redis_that_is_away_costs_one_short_wait(self, settings, monkeypatch):
        sender = publish._Sender("redis://127.0.0.1:9/0")
        calls = []

        def away(*args):
            calls.append(args)
            raise publish.redis.ConnectionError

        monkeypatch.setattr(sender._client, "publish", away)
        sender.send("x")
        sender.send("x")
        assert len(calls) == 1

    @pytest.mark.redis
    @pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])
    @pytest.mark.django_db(transaction=True)
    async def test_a_wake_up_of_another_process_arrives(self, background, settings, monkeypatch):
        settings.REDIS_URL = service_or_skip("TEST_REDIS_URL", "Redis")
        monkeypatch.setattr(publish, "CHANNEL", f"test:{os.getpid()}")
        monkeypatch.setattr(listen, "CHANNEL", f"test:{os.getpid()}")
        # The feed is far away, so that only Redis can have woken the stream.
        monkeypatch.setattr(listen, "FEED_SECONDS", 3600)
        assert publish.is_reachable()
        hub._told.clear()
        other_process = publish._Sender(settings.REDIS_URL)
        hints = stream.changes(KEY, quiet_seconds=0.1)
        await soon(hints)
        data = publish.encode(publish.WakeUp("another", (KEY,), change_seq=3))
        async with asyncio.timeout(10):
            while True:
                await asyncio.to_thread(other_process.send, data)
                if (await anext(hints)).is_changed:
                    break
        assert hub.last_told(KEY) == 3
        own = publish.encode(publish.WakeUp(publish.PROCESS, (KEY,)))
        await asyncio.to_thread(other_process.send, own)
        assert (await anext(hints)).is_quiet
        await hints.aclose()
        for task in listen.running_tasks():
            task.cancel()
