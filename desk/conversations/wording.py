"""What people type, made fit to store, and how long it may be."""

from __future__ import annotations

from conversations.errors import InvalidInput

LONGEST_TEXT = 4000
DEMONSTRATION = "This is a demonstration, not a real service."
PENDING_REVIEW = "This answer is waiting for review by a clinician."
"""Stands with each medical text that no clinician has signed, wherever it is no longer a page."""


def cleaned(text: str) -> str:
    """A typed text as it is stored: trimmed, one kind of line end, nothing a database refuses.

    NUL cannot be stored by PostgreSQL, and half a surrogate pair by no database at all; a phone
    that cuts an emoji in two must not cost a family its message.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def short(field: str, text: str | None, longest: int) -> str:
    """A cleaned text for a field with an upper length; "" for None.

    Raises:
        InvalidInput: it is longer.
    """
    words = cleaned(text or "")
    if len(words) > longest:
        message = f"must have at most {longest} characters"
        raise InvalidInput(errors=[{"field": field, "message": message}])
    return words


def sentence(words: str) -> str:
    """What is wrong with a field, as it stands before whoever filled it in."""
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}."


def client_id_of(value: object) -> str:
    """A client id as it is stored.

    Raises:
        InvalidInput: it is empty or too long to be one.
    """
    words = cleaned(str(value))
    if not 1 <= len(words) <= 64:
        message = "must be a UUID of your own making"
        raise InvalidInput(errors=[{"field": "client_id", "message": message}])
    return words
