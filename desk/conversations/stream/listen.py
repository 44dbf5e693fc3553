"""What each event loop does in the background while it has streams.

It listens to Redis, and looks at the database once a second for changes no wake-up told of.
"""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from datetime import datetime, timedelta

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone

from conversations.stream.hub import QUEUE, hub
from conversations.stream.publish import CHANNEL, PROCESS, decode, deliver

logger = logging.getLogger(__name__)

FEED_SECONDS = 1.0
# Clocks of several processes differ, and a transaction stamps its rows before it commits.
OVERLAP_SECONDS = 30.0
_REDIS_PAUSE_SECONDS = 2.0

type Seen = dict[str, int]
type Tasks = dict[str, asyncio.Task[None]]

_tasks: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Tasks] = weakref.WeakKeyDictionary()


def ensure_running() -> None:
    """Start the background tasks of the running event loop that do not run."""
    loop = asyncio.get_running_loop()
    tasks = _tasks.setdefault(loop, {})
    wanted = {"feed": _feed} | ({"redis": _listen} if settings.REDIS_URL else {})
    for name, run in wanted.items():
        if name not in tasks or tasks[name].done():
            tasks[name] = loop.create_task(run(), name=f"stream {name}")


def running_tasks() -> list[asyncio.Task[None]]:
    """The background tasks of the running event loop that have not ended."""
    tasks = _tasks.get(asyncio.get_running_loop(), {})
    return [task for task in tasks.values() if not task.done()]


async def _feed() -> None:
    """Rouse watchers of changed conversations until nobody watches any more."""
    seen: Seen = {}
    queue: tuple[str, ...] = ()
    while hub.watched():
        started = time.monotonic()
        try:
            changed, queued = await sync_to_async(_look, thread_sensitive=False)()
        except DatabaseError:
            logger.warning("the stream feed cannot read the database")
        else:
            for key in _news(seen, changed):
                hub.rouse(key)
            if queued != queue:
                _rouse_queue(queue, queued)
                queue = queued
        await asyncio.sleep(max(0.05, FEED_SECONDS - (time.monotonic() - started)))


def _news(seen: Seen, changed: Seen) -> list[str]:
    """Keys that changed since the last look without a wake-up; `seen` is brought up to date."""
    news = [
        key
        for key, number in changed.items()
        if seen.get(key) != number and hub.last_told(key) < number
    ]
    seen.clear()
    seen.update(changed)
    return [*news, QUEUE] if news else []


def _rouse_queue(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """A place in the queue moved: whoever waits, and whoever shows the queue, looks again."""
    hub.rouse(QUEUE)
    stay = {*before} & {*after}
    for key in {*before, *after}:
        hub.rouse(key, is_move=key in stay)


def _look(now: datetime | None = None) -> tuple[Seen, tuple[str, ...]]:
    """Recently changed conversations with their change numbers, and the queue in order."""
    from conversations.access.feed import changed_since, queued_ids

    close_old_connections()
    since = (now or timezone.now()) - timedelta(seconds=OVERLAP_SECONDS)
    try:
        return changed_since(since), queued_ids()
    finally:
        close_old_connections()


async def _listen() -> None:
    """Rouse watchers at wake-ups of other processes; comes back by itself when Redis was away."""
    while hub.watched():
        try:
            async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client:
                await _relay_wake_ups(client)
        except (redis.RedisError, OSError):
            logger.warning("redis is away; the feed wakes streams meanwhile")
            await asyncio.sleep(_REDIS_PAUSE_SECONDS)


async def _relay_wake_ups(client: redis.asyncio.Redis) -> None:
    async with client.pubsub(ignore_subscribe_messages=True) as wakeups:
        await wakeups.subscribe(CHANNEL)
        while hub.watched():
            message = await wakeups.get_message(timeout=FEED_SECONDS)
            if message is not None:
                _rouse(message["data"])


def _rouse(data: bytes) -> None:
    try:
        call = decode(data)
    except ValueError:
        logger.warning("an unreadable wake-up came through redis")
        return
    if call.process != PROCESS:
        deliver(call)
