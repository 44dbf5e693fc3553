"""The visitor's own copy of a conversation, to keep, print or show to the care team."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from ninja import Query, Router

from availability import content
from conversations import access
from gateway.access_token import Visitor, VisitorToken, visitor_of
from gateway.limits import READING, Throttle
from gateway.present import as_json, messages_out, public_state
from gateway.schemas import (
    MOST_MESSAGES_A_PAGE,
    AnswerDetails,
    MessageOut,
    Source,
    TranscriptConversation,
    TranscriptOut,
)
from turns.threads import run

router = Router(tags=["conversations"])

Format = Literal["txt", "html", "json"]

_WRITERS = {"visitor": "You", "bot": "Chatbot", "system": "Notice"}
_PENDING = "This answer is waiting for review by a clinician."
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "p{white-space:pre-wrap}footer,time{color:#555;font-size:.875rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


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
    transcript = await run(_collect, visitor_of(request))
    media_type, write = _FORMATS[format]
    response = HttpResponse(write(transcript), content_type=media_type)
    name = f"conversation-{transcript.conversation.started_at:%Y-%m-%d}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    # Opened from the disk or not: it runs nothing and asks nobody for anything.
    response["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'"
    return response


def _collect(visitor: Visitor) -> TranscriptOut:
    conversation = visitor.conversation
    messages: list[MessageOut] = []
    has_more = True
    while has_more:
        after = messages[-1].seq if messages else 0
        page = access.messages_after(conversation.pk, after, MOST_MESSAGES_A_PAGE)
        messages += messages_out(page.messages)
        has_more = page.has_more
    return TranscriptOut(
        conversation=TranscriptConversation(
            id=conversation.pk,
            started_at=conversation.created_at,
            state=public_state(conversation.control),
        ),
        organisation=content.organisation().name,
        messages=messages,
    )


def _as_json(transcript: TranscriptOut) -> str:
    return as_json(transcript, indent=2)


def _as_text(transcript: TranscriptOut) -> str:
    parts = [_heading(transcript)]
    for message in transcript.messages:
        lines = [f"[{_time(message)}] {_writer(message)}:", message.text]
        if message.answer:
            lines += _answer_lines(message.answer)
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _as_html(transcript: TranscriptOut) -> str:
    return format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        "<style>{style}</style></head><body><h1>{title}</h1>\n{messages}</body></html>\n",
        style=mark_safe(_STYLE),  # noqa: S308 a constant of ours, whose hash the policy names
        title=_heading(transcript),
        messages=format_html_join("", "{}", ((_message_html(m),) for m in transcript.messages)),
    )


def _message_html(message: MessageOut) -> str:
    details: str = ""
    if message.answer:
        lines = ((line,) for line in _answer_lines(message.answer))
        details = format_html("<footer>{}</footer>", format_html_join("", "<div>{}</div>", lines))
    return format_html(
        "<article><h2>{writer} <time>{at}</time></h2><p>{text}</p>{details}</article>\n",
        writer=_writer(message),
        at=_time(message),
        text=message.text,
        details=details,
    )


def _heading(transcript: TranscriptOut) -> str:
    day = transcript.conversation.started_at
    return f"Your conversation with {transcript.organisation}, {day:%B} {day.day}, {day.year}"


def _writer(message: MessageOut) -> str:
    if message.author:
        return f"{message.author.name} (information specialist)"
    return _WRITERS.get(message.sender, message.sender)


def _time(message: MessageOut) -> str:
    return f"{message.created_at:%Y-%m-%d %H:%M} UTC"


def _answer_lines(answer: AnswerDetails) -> Iterable[str]:
    if answer.kind == "medical" and answer.review_status == "pending":
        yield _PENDING
    for source in answer.sources:
        yield f"Source: {_source_line(source)}"


def _source_line(source: Source) -> str:
    parts = [source.title, source.publisher, source.published_on, source.url]
    return ", ".join(part for part in parts if part)


_FORMATS: dict[str, tuple[str, Callable[[TranscriptOut], str]]] = {
    "txt": ("text/plain; charset=utf-8", _as_text),
    "html": ("text/html; charset=utf-8", _as_html),
    "json": ("application/json", _as_json),
}
