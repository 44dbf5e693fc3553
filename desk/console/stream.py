"""What an open console page hears: that something it shows may be new, and typing.

`list` is about every list, `mine` about words in a talk that the account holds, `talks` about
words in anybody's talk, for who shows them all; `conversation` is about the one that is open,
`viewers` about the colleagues who look at that one or type in it; `beat` asks the page for a sign
that it is there. The data of `conversation` is the number of its change, where there is one, so
that a page which has that change already asks for nothing.

Nothing but hints is sent; the page fetches what it shows, so a missed event costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from conversations import access
from conversations import stream as hints
from conversations.errors import DeskError
from conversations.models import Conversation
from conversations.stream import Hint
from staff.access import may_watch
from staff.models import User
from turns import threads

logger = logging.getLogger(__name__)

# Well under PRESENCE_SECONDS: an open page that answers keeps its specialist "there".
BEAT_SECONDS = 15.0
# A burst of changes becomes one event; far below what a person notices.
SETTLE_SECONDS = 0.05
# The list is everybody's: in a busy house something changes all the time, and twenty pages that
# asked anew at each change would leave no time for the messages themselves.
LIST_SECONDS = 1.0


async def stream(
    request: HttpRequest, conversation_id: uuid.UUID | None = None
) -> HttpResponseBase:
    """Server-sent events for one console page; 403 for whoever may not watch."""
    listener = await threads.run(_listener, request, conversation_id)
    if listener is None:
        return HttpResponse("You may not watch this.", status=403, content_type="text/plain")
    response = StreamingHttpResponse(_events(listener), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@dataclass(frozen=True)
class _Listener:
    """Who listens, and to which conversation besides the list."""

    user: User
    conversation: Conversation | None


def _listener(request: HttpRequest, conversation_id: uuid.UUID | None) -> _Listener | None:
    """The account that asks, where it may watch this."""
    user = request.user
    if not isinstance(user, User) or not may_watch(user):
        return None
    if conversation_id is None:
        return _Listener(user, None)
    try:
        return _Listener(user, access.conversation_for_staff(user, conversation_id))
    except DeskError:
        return None


async def _events(listener: _Listener) -> AsyncIterator[str]:
    """Lines for the browser from all its watches at once, until it goes away."""
    lines: asyncio.Queue[str] = asyncio.Queue(maxsize=64)
    watches = [asyncio.create_task(watch(lines)) for watch in (_watch_list, _ask_for_signs)]
    for event, changes in (
        ("mine", hints.talk_changes(listener.user.pk)),
        ("talks", hints.talk_changes()),
    ):
        watches.append(asyncio.create_task(_watch_talks(event, changes, lines)))
    if listener.conversation is not None:
        watches.append(asyncio.create_task(_watch_conversation(listener.conversation, lines)))
        watches.append(
            asyncio.create_task(_watch_colleagues(listener.conversation.pk, listener.user, lines))
        )
    line = None
    try:
        yield "retry: 2000\n\n"
        while True:
            line = asyncio.ensure_future(lines.get())
            await asyncio.wait([line, *watches], return_when=asyncio.FIRST_COMPLETED)
            if not line.done():
                # A watch broke off, say for want of the database. A stream that stays open and
                # hears nothing would be worse than none: the browser comes back for a new one.
                line.cancel()
                broken = [type(watch.exception()).__name__ for watch in watches if watch.done()]
                logger.error("a console's stream broke off: %s", ", ".join(broken))
                return
            yield line.result()
    finally:
        for task in (*watches, line):
            if task is not None:
                task.cancel()


async def _ask_for_signs(lines: asyncio.Queue[str]) -> None:
    """Have the page say again and again that it is there; it keeps the line open as well.

    That a stream is open says nothing: a line that was cut is open on this side for minutes, and
    its specialist would count as there all that time.
    """
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await lines.put("event: beat\ndata: here?\n\n")


async def _watch_list(lines: asyncio.Queue[str]) -> None:
    async with aclosing(hints.queue_changes()) as found:
        async for hint in found:
            if hint.is_changed:
                await lines.put("event: list\ndata: changed\n\n")
                await asyncio.sleep(LIST_SECONDS)


async def _watch_talks(
    event: str, changes: AsyncGenerator[Hint], lines: asyncio.Queue[str]
) -> None:
    async with aclosing(changes) as found:
        await anext(found)  # The first hint comes at once, and `list` says the same.
        async for hint in found:
            if hint.is_changed:
                await lines.put(f"event: {event}\ndata: changed\n\n")
                # What a family wrote to this very account is on its screen without delay.
                await asyncio.sleep(SETTLE_SECONDS if event == "mine" else LIST_SECONDS)


async def _watch_conversation(conversation: Conversation, lines: asyncio.Queue[str]) -> None:
    async with aclosing(hints.changes(conversation.pk)) as found:
        is_first = True
        async for hint in found:
            if hint.is_changed:
                change_seq = hint.change_seq
                if is_first:
                    # It stands for what happened until now: what was read before anybody
                    # watched here, or what watchers were told of since.
                    change_seq = max(conversation.change_seq, hints.last_told(conversation.pk))
                told = "changed" if change_seq is None else change_seq
                await lines.put(f"event: conversation\ndata: {told}\n\n")
            is_first = False
            if hint.typing and hint.typing.sender == "visitor":
                await lines.put("event: typing\ndata: visitor\n\n")


async def _watch_colleagues(
    conversation_id: uuid.UUID, user: User, lines: asyncio.Queue[str]
) -> None:
    async with aclosing(hints.staff_changes(conversation_id, user.pk)) as found:
        await anext(found)  # The page says at once that it looks on, and is told who else does.
        async for hint in found:
            if hint.is_changed:
                await lines.put("event: viewers\ndata: changed\n\n")
            await asyncio.sleep(SETTLE_SECONDS)
