"""Choices: the desk's own, and those that stand for an entry."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

HANDOFF = "handoff"
CALLBACK = "callback"
KEEP_WAITING = "keep_waiting"
ASK_WHILE_WAITING = "ask_while_waiting"
BACK_TO_BOT = "back_to_bot"
STILL_HERE = "still_here"

TITLES = {
    HANDOFF: "Talk to a person",
    CALLBACK: "Ask a person to contact me",
    KEEP_WAITING: "Keep waiting",
    ASK_WHILE_WAITING: "Ask the chatbot while I wait",
    BACK_TO_BOT: "Go back to the chatbot",
    STILL_HERE: "I am still here",
}


@dataclass(frozen=True)
class Offer:
    """A choice about to be stored.

    Attributes:
        public_id: one of the desk's own ids, or opaque.
        title: what the button says, and what is stored when it is tapped.
        target: "" for the desk's own, "ask/<entry id>" otherwise.
    """

    public_id: str
    title: str
    target: str = ""


def own(*names: str) -> list[Offer]:
    """The desk's own choices of those names."""
    return [Offer(name, TITLES[name]) for name in names]


def for_entry(label: str, title: str) -> Offer:
    """A choice that asks for an entry. Its id tells nothing and cannot be guessed."""
    return Offer(f"c-{secrets.token_urlsafe(9)}", title, label)
