"""Saying that something changed: here, and to other processes where Redis is set up."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from functools import cache

import redis
from django.conf import settings

from conversations.stream.hub import QUEUE, Typing, hub, staff_key

logger = logging.getLogger(__name__)

CHANNEL = "desk:wake"
PROCESS = uuid.uuid4().hex  # Its own wake-ups come back from Redis; this tells them apart.
# A Redis that is away must not slow down a message: the feed wakes the streams a second later.
_REDIS_SECONDS = 0.5
_PAUSE_SECONDS = 5.0


def wake(conversation_id: uuid.UUID | str) -> None:
    """Wake every stream that watches a conversation. Call it after the commit."""
    _publish(str(conversation_id))


def wake_staff(conversation_id: uuid.UUID | str) -> None:
    """Wake the consoles that show a conversation, for what its visitor never sees.

    Who looks on and who types changes all the time: neither the visitor nor any list is woken.
    The feed knows nothing of it, so consoles of other processes hear it through Redis alone.
    """
    _publish(staff_key(conversation_id))


def wake_queue() -> None:
    """Wake every console that shows the list of conversations."""
    _publish(QUEUE)


def note_typing(conversation_id: uuid.UUID | str, *, sender: str, name: str = "") -> None:
    """Tell the other side of a conversation that somebody is writing; never stored."""
    _publish(str(conversation_id), Typing(sender, name))


def _publish(key: str, typing: Typing | None = None) -> None:
    hub.rouse(key, typing)
    if settings.REDIS_URL:
        _sender().send(encode(key, typing))


def encode(key: str, typing: Typing | None) -> str:
    """A wake-up as it travels through Redis: ids and roles, never content."""
    body = {"from": PROCESS, "key": key}
    if typing is not None:
        body |= {"sender": typing.sender, "name": typing.name}
    return json.dumps(body)


def decode(data: bytes | str) -> tuple[str, str, Typing | None]:
    """Sending process, key and typing of a wake-up.

    Raises:
        ValueError: these bytes are none.
    """
    try:
        body = json.loads(data)
        typing = Typing(str(body["sender"]), str(body["name"])) if "sender" in body else None
        return str(body["from"]), str(body["key"]), typing
    except (KeyError, TypeError) as error:
        raise ValueError("not a wake-up") from error


class _Sender:
    """Publishes to Redis; after a failure it pauses instead of making each message wait."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            health_check_interval=30,
        )
        self._lock = threading.Lock()
        self._paused_until = 0.0

    def send(self, data: str) -> None:
        if time.monotonic() < self._paused_until:
            return
        try:
            self._client.publish(CHANNEL, data)
        except redis.RedisError:
            with self._lock:
                self._paused_until = time.monotonic() + _PAUSE_SECONDS
            logger.warning("redis is away; the feed wakes streams of other processes meanwhile")


@cache
def _sender() -> _Sender:
    return _Sender(settings.REDIS_URL)


def is_reachable() -> bool:
    """Whether wake-ups reach other processes at once; True where no Redis is set up."""
    if not settings.REDIS_URL:
        return True
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
