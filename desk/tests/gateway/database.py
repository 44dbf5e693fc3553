"""Reads and writes of the tests themselves, off the event loop like those of the desk."""

from __future__ import annotations

from collections.abc import Callable

from conversations import services
from conversations.models import Conversation, Turn
from staff.models import User
from tests.factories import make_specialist
from turns.threads import run


async def in_database[**P, R](work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `work` returns."""
    return await run(work, *args, **kwargs)


async def specialist(name: str = "") -> User:
    """Have a specialist at the console."""
    return await run(make_specialist, name)


async def claimed(conversation_id: str, by: User) -> None:
    """Have a specialist take a queued conversation."""
    await run(services.claim_conversation, conversation_id, specialist=by)


async def reply(conversation_id: str, by: User, text: str, client_id: str) -> None:
    """Have a specialist write."""

    def send() -> None:
        epoch = Conversation.objects.get(pk=conversation_id).epoch
        services.send_reply(
            conversation_id, specialist=by, client_id=client_id, text=text, epoch=epoch
        )

    await run(send)


async def conversation(conversation_id: str) -> Conversation:
    """Read a conversation."""
    return await run(Conversation.objects.get, pk=conversation_id)


async def turns(conversation_id: str) -> list[Turn]:
    """Read the turns of a conversation, in order."""
    found = Turn.objects.filter(message__conversation=conversation_id).order_by("message__seq")
    return await run(list, found)
