"""Hears a plain yes or no to what the bot has just offered."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[^\w']+")
_STRETCHED = re.compile(r"([a-z])\1+\b")  # "yeahhh", "nooo"
_WISH = r"(?:i would|i'd) (?:like|love) (?:that|to|it)|i (?:want|need) (?:that|it)"
_YES = (
    r"yes|yea|yeah|yep|yup|ya|y|sure|of course|definitely|absolutely"
    r"|please|pls|plz|please do|si|sí"
    rf"|{_WISH}|i would|i do|that would be (?:good|great|nice|lovely|helpful|wonderful)"
    r"|that would help"
)
_NO = (
    r"no|nope|nah|n|not (?:now|right now|yet|really|today|at the moment)|neither|none"
    r"|i (?:don't|dont|would not)"
)
_THANKS = r"thanks|thank you|ok|okay"
_OPENING = r"(?:(?:oh|um|uh|well|ok|okay) )*"
_IS_YES = re.compile(rf"{_OPENING}(?:{_YES})(?: (?:{_YES}|{_THANKS}|por favor))*")
_IS_NO = re.compile(rf"{_OPENING}(?:{_NO})(?: (?:{_NO}|{_THANKS}|please|want (?:that|to)))*")


def is_yes(text: str) -> bool:
    """Say whether a normalised text says yes and nothing else: "yes please", "i want that"."""
    return any(map(_IS_YES.fullmatch, _forms(text)))


def is_no(text: str) -> bool:
    """Say whether a normalised text says no and nothing else: "no thank you", "not now"."""
    return any(map(_IS_NO.fullmatch, _forms(text)))


def _forms(text: str) -> tuple[str, str]:
    """Return a text without marks, as it stands and with no letter drawn out at a word's end."""
    bare = _MARKS.sub(" ", text).strip()
    return bare, _STRETCHED.sub(r"\1", bare)
