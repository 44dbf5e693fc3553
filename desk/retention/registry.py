"""Who erases what: each app with personal data registers an eraser at start."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ErasureSubject:
    """What is to disappear: a conversation and the names the bot knew it by."""

    conversation_id: uuid.UUID
    bot_sessions: tuple[str, ...] = ()


type Eraser = Callable[[ErasureSubject], None]
type Forgetter = Callable[[str], bool]

_erasers: dict[str, Eraser] = {}
_forgetters: dict[str, Forgetter] = {}


def register_eraser(name: str, eraser: Eraser) -> None:
    """Have `eraser` called, inside the erasing transaction, for everything that is erased."""
    _erasers[name] = eraser


def register_forgetter(forgetter: Forgetter, name: str = "bot") -> None:
    """Have `forgetter` called with each bot session that must be forgotten outside.

    It runs after the commit and again later until it returns True.
    """
    _forgetters[name] = forgetter


def erasers() -> list[Eraser]:
    """Every eraser, in the order of registration."""
    return list(_erasers.values())


def forgetters() -> list[Forgetter]:
    """Every forgetter, in the order of registration."""
    return list(_forgetters.values())
