"""The visitor's own copy of a conversation as a file, the same for download and for mail."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from availability import content
from availability.hours import plain_time
from conversations.models import Conversation, Message
from conversations.wording import DEMONSTRATION, PENDING_REVIEW

_WRITERS = {"visitor": "You", "bot": "Chatbot", "system": "Notice"}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "p{white-space:pre-wrap;overflow-wrap:anywhere}footer,time{color:#555;font-size:.875rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Opened from the disk or not: it runs nothing and asks nobody for anything.
HTML_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'"


@dataclass(frozen=True)
class Copy:
    """What a visitor's copy is made from.

    Attributes:
        started_at: when the conversation began.
        messages: what was said, in order.
        time_zone: in which times are written: the visitor's, or the organisation's where it is
            not known.
    """

    started_at: datetime
    messages: Sequence[Message]
    time_zone: str = "UTC"

    @property
    def started_on(self) -> date:
        """The day on which it began, where the visitor is."""
        return self.started_at.astimezone(ZoneInfo(self.time_zone)).date()


def copy_of(conversation: Conversation, messages: Sequence[Message]) -> Copy:
    """What the copy of a conversation is made from."""
    return Copy(conversation.created_at, messages, _zone_of(conversation))


def _zone_of(conversation: Conversation) -> str:
    return conversation.time_zone or content.organisation().time_zone


def file_name(copy: Copy, ending: str) -> str:
    """A name for the file that tells nothing about the family."""
    return f"conversation-{copy.started_on:%Y-%m-%d}.{ending}"


def as_text(copy: Copy) -> str:
    """The copy as plain text, with the sources of every answer."""
    parts = [_heading(copy), *_standing()]
    for message in copy.messages:
        lines = [
            f"[{plain_time(copy.time_zone, message.created_at)}] {_writer(message)}:",
            message.text,
        ]
        lines += _answer_lines(message.answer or {})
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def as_html(copy: Copy) -> str:
    """The copy as a page that runs nothing; what people typed is never markup in it."""
    return format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        "<style>{style}</style></head><body><h1>{title}</h1>\n{standing}{messages}</body></html>\n",
        style=mark_safe(_STYLE),  # noqa: S308 a constant of ours, whose hash the policy names
        title=_heading(copy),
        standing=format_html_join("", "<p>{}</p>\n", ((line,) for line in _standing())),
        messages=format_html_join(
            "", "{}", ((_message_html(m, copy.time_zone),) for m in copy.messages)
        ),
    )


def _message_html(message: Message, time_zone: str) -> str:
    details: str = ""
    if message.answer:
        lines = ((line,) for line in _answer_lines(message.answer))
        details = format_html("<footer>{}</footer>", format_html_join("", "<div>{}</div>", lines))
    return format_html(
        "<article><h2>{writer} <time>{at}</time></h2><p>{text}</p>{details}</article>\n",
        writer=_writer(message),
        at=plain_time(time_zone, message.created_at),
        text=message.text,
        details=details,
    )


def _heading(copy: Copy) -> str:
    day, name = copy.started_on, content.organisation().name
    return f"Your conversation with {name}, {day:%B} {day.day}, {day.year}"


def _standing() -> list[str]:
    """What has to stand in a file that bears the charity's name and leaves its page."""
    return [DEMONSTRATION] if content.organisation().is_demonstration else []


def _writer(message: Message) -> str:
    if message.author_name:
        return f"{message.author_name} (information specialist)"
    return _WRITERS.get(message.sender, message.sender)


def _answer_lines(answer: dict[str, Any]) -> Iterable[str]:
    if answer.get("kind") == "medical" and answer.get("review_status") == "pending":
        yield PENDING_REVIEW
    for source in answer.get("sources", ()):
        parts = [source["title"], source["publisher"], source["published_on"], source["url"]]
        yield f"Source: {', '.join(part for part in parts if part)}"
