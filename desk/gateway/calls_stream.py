"""The event stream of one conversation.

A wake-up says only that something may be new; everything sent is read from the database, from
the last number on. So a stream that was woken once too often sends nothing, and one that was
woken too late sends everything.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Header, Query, Router

from conversations import access, services, stream
from conversations.errors import UnknownConversation
from conversations.stream import Typing
from gateway import presence
from gateway.access_token import Visitor, VisitorToken, visitor_of
from gateway.limits import READING, Throttle
from gateway.openapi import produces
from gateway.present import as_json, messages_out, standing_of
from gateway.problems import RATE_LIMITED, Problem
from gateway.schemas import LARGEST_SEQ, ConversationOut, MessageOut
from turns.threads import begin, run

router = Router(tags=["conversations"])

# A sign of life this often keeps proxies and phones from closing a quiet stream.
QUIET_SECONDS = 15.0
# Several devices with several tabs each; more is a script.
MOST_STREAMS_A_CONVERSATION = 20
_PAGE = 100
# A stream that hears of nothing, or of nothing but moves of the queue, looks about this often all
# the same. The feed tells of whatever a wake-up did not reach; this is for what both missed.
# Roughly, so that a thousand streams that were opened in one burst do not look in one.
_WHOLE_LOOK_SECONDS = 70.0
# How long a browser's own reconnection waits.
_RETRY_MILLISECONDS = 2000

_open_streams: Counter[UUID] = Counter()
# When the last stream ended of those that are watched for their return.
_left_at: dict[UUID, datetime] = {}

_EXAMPLE = (
    "event: state\ndata: {…ConversationOut…}\n\n"
    "id: 4\nevent: message\ndata: {…MessageOut…}\n\n"
    'event: typing\ndata: {"sender":"specialist","author":{"name":"Ana"},"is_typing":true}\n\n'
    ": quiet\n\n"
)


@router.get(
    "/conversations/{conversation_id}/stream",
    auth=VisitorToken(),
    throttle=Throttle(READING),
    openapi_extra=produces(
        "text/event-stream",
        "Events `message` (with `id:`, its seq), `state` and `typing`; the present state first.",
        {"type": "string", "examples": [_EXAMPLE]},
    ),
)
async def stream_conversation(
    request: HttpRequest,
    conversation_id: UUID,
    after: Annotated[int, Query(ge=0, le=LARGEST_SEQ)] = 0,
    last_event_id: Annotated[
        int | None, Header(alias="Last-Event-ID", ge=0, le=LARGEST_SEQ)
    ] = None,
) -> StreamingHttpResponse:
    """Send what happens, as it happens. `Last-Event-ID` goes before `after`."""
    if _open_streams[conversation_id] >= MOST_STREAMS_A_CONVERSATION:
        raise Problem(
            RATE_LIMITED, "Close other windows of this chat.", headers={"Retry-After": "10"}
        )
    return EventStream(visitor_of(request), after if last_event_id is None else last_event_id)


class EventStream(StreamingHttpResponse):
    """An open stream; counted until the server closes it, however it ends."""

    def __init__(self, visitor: Visitor, after: int) -> None:
        super().__init__(_events(visitor, after), content_type="text/event-stream")
        # Proxies that collect or compress an answer would hold the events back.
        self["Cache-Control"] = "no-cache, no-transform"
        self["X-Accel-Buffering"] = "no"
        self._loop = asyncio.get_running_loop()
        self._counted_as: UUID | None = visitor.conversation.pk
        _open_streams[visitor.conversation.pk] += 1

    def close(self) -> None:
        """Free the place of this stream."""
        counted_as, self._counted_as = self._counted_as, None
        if counted_as is not None:
            _open_streams[counted_as] -= 1
            if not _open_streams[counted_as]:
                del _open_streams[counted_as]
                # A server that stops runs nothing later: its families have not left.
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(_watch_for_return, counted_as, timezone.now())
        super().close()


def _watch_for_return(conversation_id: UUID, left_at: datetime) -> None:
    _left_at[conversation_id] = left_at
    asyncio.get_running_loop().call_later(
        presence.AWAY_SECONDS, lambda: begin(_note_left(conversation_id, left_at))
    )


async def _note_left(conversation_id: UUID, left_at: datetime) -> None:
    if _left_at.get(conversation_id, left_at) != left_at:
        return  # It was back, and left again: that has a watch of its own.
    _left_at.pop(conversation_id, None)
    if _open_streams[conversation_id]:
        return
    if presence.asked_lately(conversation_id):
        # Where proxies hold streams back, a page asks again and again between two of them.
        _watch_for_return(conversation_id, timezone.now())
    else:
        await presence.note(services.note_page_left, conversation_id, left_at)


@dataclass(frozen=True)
class _Look:
    """What one look at the database found."""

    standing: ConversationOut
    messages: list[MessageOut]
    has_more: bool
    is_left: bool


async def _events(visitor: Visitor, after: int) -> AsyncIterator[str]:
    try:
        yield f"retry: {_RETRY_MILLISECONDS}\n\n"
        teller = _Teller(visitor, after)
        # Watched first, read afterwards: what is stored in between causes one more look.
        async for hint in stream.changes(visitor.conversation.pk, QUIET_SECONDS):
            if hint.typing is not None and hint.typing.sender != "visitor":
                yield _typing_event(hint.typing)
            if hint.is_changed or teller.is_due():
                async for event in teller.news(hint):
                    yield event
            if hint.is_quiet:
                yield ": quiet\n\n"
    except UnknownConversation:
        return  # Erased, or this token was revoked: the next call learns of it.


class _Teller:
    """Remembers what one stream was told, and tells the rest."""

    def __init__(self, visitor: Visitor, after: int) -> None:
        self._visitor = visitor
        self._after = after
        self._standing: ConversationOut | None = None
        self._due_at = 0.0

    def is_due(self) -> bool:
        """Whether the last whole look was so long ago that another one is taken unasked."""
        return time.monotonic() >= self._due_at

    async def news(self, hint: stream.Hint) -> AsyncIterator[str]:
        """Yield an event for every message since the last look, and for a change of state."""
        if hint.is_move and (moved := await self._moved()):
            for event in self._state_event(moved):
                yield event
            return
        self._due_at = time.monotonic() + stream.spread(_WHOLE_LOOK_SECONDS)
        is_first = self._standing is None
        has_more = True
        while has_more:
            look = await run(_look, self._visitor, self._after)
            if look.is_left:
                # This page is open, whatever another process saw of others.
                presence.note_open(self._visitor.conversation.pk)
            if is_first:
                # What follows may be long; where it ends is known at once.
                for event in self._state_event(look.standing):
                    yield event
                is_first = False
            for message in look.messages:
                self._after = message.seq
                yield _event("message", as_json(message), message.seq)
            has_more = look.has_more
        for event in self._state_event(look.standing):
            yield event

    async def _moved(self) -> ConversationOut | None:
        """Where a family that waits stands after a move of the queue, or None: look closer.

        All who wait ask at the same moment, so nobody reads more than the line, which is kept.
        """
        if self.is_due() or self._standing is None or self._standing.queue_position is None:
            return None
        place = await run(_place, self._visitor.conversation.pk)
        if place is None:
            return None
        position, wait = place
        return self._standing.model_copy(update={"queue_position": position, "wait_minutes": wait})

    def _state_event(self, standing: ConversationOut) -> list[str]:
        before, self._standing = self._standing, standing
        # A new message alone is no change of state, though the last number grows with it.
        if before is not None and _without_number(before) == _without_number(standing):
            return []
        return [_event("state", as_json(standing))]


def _without_number(standing: ConversationOut) -> dict[str, Any]:
    return standing.model_dump(exclude={"last_seq"})


def _place(conversation_id: UUID) -> tuple[int, tuple[int, int] | None] | None:
    return access.kept_place(conversation_id, stream.queue_version())


def _look(visitor: Visitor, after: int) -> _Look:
    queue_version = stream.queue_version()
    conversation = access.conversation_for_token(visitor.conversation.pk, visitor.token)
    page = access.messages_of(conversation, after, _PAGE)
    standing = standing_of(conversation, queue_version=queue_version)
    is_left = conversation.page_left_at is not None
    return _Look(standing, messages_out(page.messages), page.has_more, is_left)


def _typing_event(typing: Typing) -> str:
    body = {
        "sender": typing.sender,
        "author": {"name": typing.name} if typing.name else None,
        "is_typing": True,
    }
    return _event("typing", json.dumps(body, ensure_ascii=False))


def _event(name: str, data: str, number: int | None = None) -> str:
    # JSON has no raw line ends, so the data is one line.
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {data}\n\n"
