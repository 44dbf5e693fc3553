"""A plain yes or no is heard, and nothing more is taken for one."""

from __future__ import annotations

import pytest

from bot.plain_replies import is_no, is_yes
from bot.text import normalise

YES = [
    "Yes", "yes!", "YES PLEASE", "yes. please.", "please", "yeah", "Yep", "y", "sure", "sure, ok",
    "ok please", "okay yes", "I would like that", "I\u2019d like that please", "i want that",
    "yes i would", "yes, I'd like to", "si", "Sí", "sí por favor", "yes thank you", "of course",
    "that would be great", "yes yes", "yesss", "yeahhh", "yepp", "yesss plz",
]  # fmt: skip
NO = [
    "No", "no!", "nope", "nah", "n", "no thanks", "No, thank you.", "not now", "not really",
    "no not yet", "no i don't", "i don't want that", "neither", "no no", "nooo",
    "not right now", "i dont",
]  # fmt: skip
NEITHER = [
    "yes what is leukemia", "no fever", "please help me", "sure what are the side effects", "ok",
    "no one", "is that a yes", "not the person", "i want that medicine", "yes to both", "maybe",
    "no please call me", "?", "", "yes no", "please explain", "is it yes or no", "the first",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_a_yes(text: str) -> None:
    assert is_yes(normalise(text))
    assert not is_no(normalise(text))


@pytest.mark.parametrize("text", NO)
def test_a_no(text: str) -> None:
    assert is_no(normalise(text))
    assert not is_yes(normalise(text))


@pytest.mark.parametrize("text", NEITHER)
def test_neither(text: str) -> None:
    assert not is_yes(normalise(text))
    assert not is_no(normalise(text))
