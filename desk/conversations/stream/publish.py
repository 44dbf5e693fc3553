"""Saying that something changed: here, and to other processes where Redis is set up."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from conversations.stream.hub import QUEUE, TALKS, Typing, hub, staff_key, talks_key

logger = logging.getLogger(__name__)

CHANNEL = "desk:wake"
PROCESS = uuid.uuid4().hex  # Its own wake-ups come back from Redis; this tells them apart.
# A Redis that is away must not slow down a message: the feed wakes the streams a second later.
_REDIS_SECONDS = 0.5
_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class WakeUp:
    """One call to look at the database, as it travels between processes: never content.

    Attributes:
        process: whose it is.
        keys: what is watched under them may be new.
        typing: somebody writes there; then nothing is new.
        change_seq: of the first key, a conversation's; None where there is no number.
        by: the account that caused it and knows of it already, where there is one.
        is_move: only the order of the queue is new.
    """

    process: str
    keys: tuple[str, ...]
    typing: Typing | None = None
    change_seq: int | None = None
    by: int | None = None
    is_move: bool = False


def wake(conversation_id: uuid.UUID | str, change_seq: int | None = None) -> None:
    """Wake every stream that watches a conversation. Call it after the commit.

    Args:
        conversation_id: what changed.
        change_seq: its change number; the feed then need not wake anybody for it again.
    """
    _publish(str(conversation_id), change_seq=change_seq)


def wake_line(conversation_ids: Iterable[uuid.UUID | str]) -> None:
    """Wake every stream of those who wait, since the queue moved. Call it after `wake_queue`."""
    if keys := [str(each) for each in conversation_ids]:
        _publish(*keys, is_move=True)


def wake_talks(user_id: int) -> None:
    """Wake the lists that show a conversation which this account holds: its own, and all of them.

    What a family writes to one specialist is no news to the lists of the others.
    """
    _publish(talks_key(user_id), TALKS)


def wake_staff(conversation_id: uuid.UUID | str, *, by: int) -> None:
    """Wake the consoles of `by`'s colleagues that show a conversation, for what no visitor sees.

    Who looks on and who types changes all the time: neither the visitor nor any list is woken.
    The feed knows nothing of it, so consoles of other processes hear it through Redis alone.
    """
    _publish(staff_key(conversation_id), by=by)


def wake_queue() -> None:
    """Wake every console that shows the list of conversations."""
    _publish(QUEUE)


def note_typing(conversation_id: uuid.UUID | str, *, sender: str, name: str = "") -> None:
    """Tell the other side of a conversation that somebody is writing; never stored."""
    _publish(str(conversation_id), typing=Typing(sender, name))


def _publish(
    *keys: str,
    typing: Typing | None = None,
    change_seq: int | None = None,
    by: int | None = None,
    is_move: bool = False,
) -> None:
    call = WakeUp(PROCESS, keys, typing, change_seq, by, is_move)
    deliver(call)
    if settings.REDIS_URL:
        _sender().send(encode(call))


def deliver(call: WakeUp) -> None:
    """Wake whoever watches in this process."""
    if call.change_seq is not None:
        hub.note_told(call.keys[0], call.change_seq)
    for key in call.keys:
        hub.rouse(key, call.typing, call.change_seq, call.by, is_move=call.is_move)


def encode(call: WakeUp) -> str:
    """A wake-up as it travels through Redis: ids, numbers and roles."""
    body: dict[str, object] = {"from": call.process, "keys": call.keys}
    if call.typing is not None:
        body |= {"sender": call.typing.sender, "name": call.typing.name}
    if call.change_seq is not None:
        body["change"] = call.change_seq
    if call.by is not None:
        body["by"] = call.by
    if call.is_move:
        body["move"] = True
    return json.dumps(body)


def decode(data: bytes | str) -> WakeUp:
    """A wake-up that came through Redis.

    Raises:
        ValueError: these bytes are none.
    """
    try:
        body = json.loads(data)
        typing = Typing(str(body["sender"]), str(body["name"])) if "sender" in body else None
        change_seq = int(body["change"]) if "change" in body else None
        by = int(body["by"]) if "by" in body else None
        keys = tuple(str(key) for key in [*body["keys"]])
        if not keys:
            raise ValueError("nobody is to be woken")
        is_move = bool(body.get("move"))
        return WakeUp(str(body["from"]), keys, typing, change_seq, by, is_move)
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
