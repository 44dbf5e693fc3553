"""The visitor's own copy of a conversation: to keep, to print, to show, or to get by mail."""

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.responses import Status

from availability import content
from conversations import access, services, transcripts
from conversations.models import Conversation, Mail, MailState
from conversations.transcripts import Copy
from gateway.access_token import VisitorToken, visitor_of
from gateway.limits import MAILING, READING, Throttle
from gateway.openapi import refusals
from gateway.present import as_json, messages_out, public_state
from gateway.problems import CLIENT_ID_REUSED, MAIL_OFF
from gateway.schemas import (
    MailOut,
    TranscriptConversation,
    TranscriptMailBody,
    TranscriptOut,
)
from turns.threads import run, run_writing

router = Router(tags=["conversations"])

Format = Literal["txt", "html", "json"]


@router.get(
    "/conversations/{conversation_id}/transcript",
    response=TranscriptOut,
    auth=VisitorToken(),
    throttle=Throttle(READING),
    openapi_extra={
        "responses": {
            200: {
                "content": {
                    "text/plain": {"schema": {"type": "string"}},
                    "text/html": {"schema": {"type": "string"}},
                }
            }
        }
    },
)
async def read_transcript(
    request: HttpRequest,
    conversation_id: UUID,
    format: Annotated[Format, Query()] = "txt",  # noqa: A002 the contract's own word
) -> HttpResponse:
    """Return everything said, with the sources of every answer, as a file."""
    conversation = visitor_of(request).conversation
    copy = transcripts.copy_of(conversation, await run(access.messages_up_to, conversation.pk))
    media_type, write = _FORMATS[format]
    response = HttpResponse(write(conversation, copy), content_type=media_type)
    name = transcripts.file_name(copy, format)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = transcripts.HTML_POLICY
    return response


def _as_json(conversation: Conversation, copy: Copy) -> str:
    transcript = TranscriptOut(
        conversation=TranscriptConversation(
            id=conversation.pk,
            started_at=conversation.created_at,
            state=public_state(conversation.control),
        ),
        organisation=content.organisation().name,
        messages=messages_out(copy.messages),
    )
    return as_json(transcript, indent=2)


_FORMATS: dict[str, tuple[str, Callable[[Conversation, Copy], str]]] = {
    "txt": ("text/plain; charset=utf-8", lambda _, copy: transcripts.as_text(copy)),
    "html": ("text/html; charset=utf-8", lambda _, copy: transcripts.as_html(copy)),
    "json": ("application/json", _as_json),
}


@router.post(
    "/conversations/{conversation_id}/transcript/email",
    response={202: MailOut, 200: MailOut},
    auth=VisitorToken(),
    throttle=Throttle(MAILING),
    openapi_extra=refusals(CLIENT_ID_REUSED, MAIL_OFF),
)
async def email_transcript(
    request: HttpRequest, conversation_id: UUID, payload: TranscriptMailBody
) -> Status[MailOut]:
    """Send the transcript by e-mail, as text and as a page; works in a closed conversation too.

    202: it is on its way. 200: the same was asked for before, and the answer says how far it is.
    """
    queued = await run_writing(
        services.queue_transcript_mail,
        conversation_id,
        client_id=str(payload.client_id),
        email=payload.email,
    )
    return Status(200 if queued.is_repeat else 202, _mail_out(queued.mail))


def _mail_out(mail: Mail) -> MailOut:
    if mail.state == MailState.WAITING:
        return MailOut(state="queued")
    return MailOut(state="sent" if mail.state == MailState.SENT else "failed")
