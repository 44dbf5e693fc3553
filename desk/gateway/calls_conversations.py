"""Opening, reading, closing and erasing a conversation."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from conversations import access, services
from gateway.access_token import VisitorToken, visitor_of
from gateway.limits import OPENING, READING, TYPING, WRITING, check_limits
from gateway.present import messages_out, public_state, standing_of
from gateway.schemas import (
    ConversationOut,
    EmptyBody,
    OpenConversationBody,
    OpenedOut,
)
from turns.threads import run

router = Router(tags=["conversations"])


@router.post("/conversations", response={201: OpenedOut}, auth=None)
async def open_conversation(
    request: HttpRequest, payload: OpenConversationBody
) -> Status[OpenedOut]:
    """Open a conversation. The token is shown this once."""
    check_limits(request, OPENING)
    return Status(201, await run(_open, payload))


def _open(payload: OpenConversationBody) -> OpenedOut:
    opened = services.open_conversation(
        language=payload.language or "en", page_url=payload.page_url or ""
    )
    return OpenedOut(
        id=opened.conversation.id,
        token=opened.token,
        state=public_state(opened.conversation.control),
        messages=messages_out(opened.messages),
    )


@router.get("/conversations/{conversation_id}", response=ConversationOut, auth=VisitorToken())
async def read_conversation(request: HttpRequest, conversation_id: UUID) -> ConversationOut:
    """Say where the conversation stands."""
    check_limits(request, READING, str(conversation_id))
    return await run(standing_of, visitor_of(request).conversation)


@router.post("/conversations/{conversation_id}/typing", response={204: None}, auth=VisitorToken())
async def note_typing(
    request: HttpRequest, conversation_id: UUID, payload: EmptyBody | None = None
) -> Status[None]:
    """Tell the specialist that the visitor is writing. What is written stays with the visitor."""
    check_limits(request, TYPING, str(conversation_id))
    await run(services.note_typing, conversation_id)
    return Status(204, None)


@router.post(
    "/conversations/{conversation_id}/close", response={200: ConversationOut}, auth=VisitorToken()
)
async def close_conversation(
    request: HttpRequest, conversation_id: UUID, payload: EmptyBody | None = None
) -> ConversationOut:
    """End the chat; ending it again changes nothing."""
    check_limits(request, WRITING, str(conversation_id))
    await run(services.close_conversation, conversation_id, by="visitor")
    return await run(_stand, conversation_id, visitor_of(request).token)


def _stand(conversation_id: UUID, token: str) -> ConversationOut:
    return standing_of(access.conversation_for_token(conversation_id, token))


@router.delete("/conversations/{conversation_id}", response={204: None}, auth=VisitorToken())
async def erase_conversation(request: HttpRequest, conversation_id: UUID) -> Status[None]:
    """Erase the conversation for good, everywhere."""
    check_limits(request, WRITING, str(conversation_id))
    await run(services.erase_conversation, conversation_id, by="visitor")
    return Status(204, None)
