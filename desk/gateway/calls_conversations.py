"""Opening, reading, closing and erasing a conversation."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from conversations import access, services
from gateway import presence
from gateway.access_token import VisitorToken, visitor_of
from gateway.limits import OPENING, READING, TYPING, WRITING, Throttle
from gateway.present import messages_out, public_state, standing_of
from gateway.schemas import (
    ConversationOut,
    EmptyBody,
    OpenConversationBody,
    OpenedOut,
)
from turns.threads import run, run_slow, run_writing

router = Router(tags=["conversations"])


@router.post("/conversations", response={201: OpenedOut}, auth=None, throttle=Throttle(OPENING))
async def open_conversation(
    request: HttpRequest, payload: OpenConversationBody
) -> Status[OpenedOut]:
    """Open a conversation. The token is shown this once."""
    return Status(201, await run_writing(_open, payload))


def _open(payload: OpenConversationBody) -> OpenedOut:
    opened = services.open_conversation(
        language=payload.language or "en",
        page_url=payload.page_url or "",
        time_zone=payload.time_zone or "",
        continues=(str(payload.continues.id), payload.continues.token)
        if payload.continues
        else None,
    )
    return OpenedOut(
        id=opened.conversation.id,
        token=opened.token,
        state=public_state(opened.conversation.control),
        messages=messages_out(opened.messages),
    )


@router.get(
    "/conversations/{conversation_id}",
    response=ConversationOut,
    auth=VisitorToken(),
    throttle=Throttle(READING),
)
async def read_conversation(request: HttpRequest, conversation_id: UUID) -> ConversationOut:
    """Say where the conversation stands."""
    conversation = visitor_of(request).conversation
    # Where streams are held back, a page that is open asks again and again.
    presence.note_asked(conversation.pk)
    if conversation.page_left_at is not None:
        presence.note_open(conversation.pk)
    return await run(standing_of, conversation)


@router.post(
    "/conversations/{conversation_id}/typing",
    response={204: None},
    auth=VisitorToken(),
    throttle=Throttle(TYPING),
)
async def note_typing(
    request: HttpRequest, conversation_id: UUID, payload: EmptyBody | None = None
) -> Status[None]:
    """Tell the specialist that the visitor is writing. What is written stays with the visitor."""
    await run_writing(services.note_typing, conversation_id)
    return Status(204, None)


@router.post(
    "/conversations/{conversation_id}/close",
    response={200: ConversationOut},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
)
async def close_conversation(
    request: HttpRequest, conversation_id: UUID, payload: EmptyBody | None = None
) -> ConversationOut:
    """End the chat; ending it again changes nothing."""
    await run_writing(services.close_conversation, conversation_id, by="visitor")
    return await run(_stand, conversation_id, visitor_of(request).token)


def _stand(conversation_id: UUID, token: str) -> ConversationOut:
    return standing_of(access.conversation_for_token(conversation_id, token))


@router.delete(
    "/conversations/{conversation_id}",
    response={204: None},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
)
async def erase_conversation(request: HttpRequest, conversation_id: UUID) -> Status[None]:
    """Erase the conversation for good, everywhere."""
    # Not with the writers: at its end the bot is told to forget, and may let us wait for it.
    await run_slow(services.erase_conversation, conversation_id, by="visitor")
    return Status(204, None)
