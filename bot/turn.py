"""The turn contract between desk and bot; `contracts/README.md` states it in words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypedDict

MAX_TEXT_CHARACTERS = 4000
_SENDER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_METADATA_FIELDS = {"last_entry", "choice", "language", "fallbacks_in_a_row"}


class ChoiceData(TypedDict):
    """Something to choose: `ask/<entry id>`, `handoff` or `callback`."""

    label: str


class MessageData(TypedDict):
    """What the bot chose, for the desk to show from its own copy; never a text."""

    kind: str
    entry: str | None
    version: str | None
    response: str | None
    choices: list[ChoiceData]


class CandidateData(TypedDict):
    """A label the bot considered, with the chance in [0, 1] that it was right."""

    label: str
    confidence: float


class BadTurn(ValueError):
    """A request breaks the contract. The message names the field and never quotes a value."""


@dataclass(frozen=True)
class Metadata:
    """What the desk knows about the conversation and the bot needs to understand a message.

    Rasa's own tests bring no metadata; then every field has its default.
    """

    last_entry: str | None = None
    choice: str | None = None
    language: str = "en"
    fallbacks_in_a_row: int = 0

    @classmethod
    def from_data(cls, data: Any) -> Metadata:
        """Return the metadata of a message, reading what is missing or odd as absent."""
        if not isinstance(data, dict):
            return cls()
        last_entry, choice = data.get("last_entry"), data.get("choice")
        fallbacks: Any = data.get("fallbacks_in_a_row")
        return cls(
            last_entry=last_entry if isinstance(last_entry, str) else None,
            choice=choice if isinstance(choice, str) else None,
            language=str(data.get("language") or "en"),
            fallbacks_in_a_row=fallbacks if _is_count(fallbacks) else 0,
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "last_entry": self.last_entry,
            "choice": self.choice,
            "language": self.language,
            "fallbacks_in_a_row": self.fallbacks_in_a_row,
        }


@dataclass(frozen=True)
class TurnRequest:
    """One visitor message as the desk sends it, with leading slashes taken away."""

    sender: str
    text: str
    request_id: str
    metadata: Metadata


def read_turn(body: bytes) -> TurnRequest:
    """Return the turn in a request body.

    Raises:
        BadTurn: the body breaks the contract.
    """
    try:
        data = json.loads(body)
    except ValueError:
        raise BadTurn("body is no JSON") from None
    if not isinstance(data, dict):
        raise BadTurn("body is no object")
    request_id = _text_field(data, "request_id")
    if not 1 <= len(request_id) <= 64:
        raise BadTurn("request_id has not 1 to 64 characters")
    return TurnRequest(
        sender=_read_sender(data),
        text=_read_text(data),
        request_id=request_id,
        metadata=_read_metadata(data.get("metadata")),
    )


def is_sender(text: str) -> bool:
    """Say whether a text is a bot-session id: 1 to 64 of A-Z, a-z, 0-9, `_`, `-`."""
    return _SENDER.fullmatch(text) is not None


def without_command(text: str) -> str:
    """Return a text that Rasa cannot read as a command: no leading slashes, trimmed."""
    trimmed = text.strip()
    while trimmed.startswith("/"):
        trimmed = trimmed.lstrip("/").strip()
    return trimmed


def _read_sender(data: dict[str, Any]) -> str:
    sender = _text_field(data, "sender")
    if not is_sender(sender):
        raise BadTurn("sender is no bot-session id")
    return sender


def _read_text(data: dict[str, Any]) -> str:
    raw = _text_field(data, "text").strip()
    if len(raw) > MAX_TEXT_CHARACTERS:
        raise BadTurn(f"text is longer than {MAX_TEXT_CHARACTERS} characters")
    text = without_command(raw)
    if not text:
        raise BadTurn("text is empty")
    return text


def _read_metadata(data: Any) -> Metadata:
    if not isinstance(data, dict):
        raise BadTurn("metadata is no object")
    missing = _METADATA_FIELDS - data.keys()
    if missing:
        raise BadTurn(f"metadata lacks {sorted(missing)[0]}")
    for name in ("last_entry", "choice"):
        if not isinstance(data[name], str | None):
            raise BadTurn(f"metadata.{name} is neither text nor null")
    if not isinstance(data["language"], str):
        raise BadTurn("metadata.language is no text")
    if not _is_count(data["fallbacks_in_a_row"]):
        raise BadTurn("metadata.fallbacks_in_a_row is no whole number from 0")
    return Metadata.from_data(data)


def _text_field(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise BadTurn(f"{name} is no text")
    return value


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
