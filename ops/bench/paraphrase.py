"""Other words for the same question, by rule: for making many entries out of few.

The results only have to be as long as real questions and each a little different. They are never
trained on by the house.
"""

from __future__ import annotations

import re

OPENERS = (
    "", "please tell me ", "i would like to know ", "quick question ", "sorry to ask ",
    "my sister wonders ", "for a friend ",
)  # fmt: skip
CLOSERS = ("", " thank you", " if you know", " i am new here", " we heard about it today")
VARIANTS = len(OPENERS) * len(CLOSERS)
"""Number of variants that are all different."""

_OTHER_WORDS = {
    "baby": "infant", "child": "little one", "kid": "child", "mum": "mother", "mom": "mother",
    "doctor": "physician", "doctors": "physicians", "hospital": "clinic", "medicine": "drug",
    "safe": "harmless", "start": "begin", "hurt": "be painful", "help": "be of use",
    "home": "our house", "often": "frequently", "need": "require", "happens": "goes on",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+")


def paraphrase(question: str, variant: int) -> str:
    """Return a question in other words.

    Args:
        question: any text.
        variant: 0 leaves it as it is; every other one up to `VARIANTS` gives another text.

    Raises:
        ValueError: there is no such variant.
    """
    if not 0 <= variant < VARIANTS:
        raise ValueError(f"there are {VARIANTS} variants, and {variant} is none of them")
    opener, closer = OPENERS[variant % len(OPENERS)], CLOSERS[variant // len(OPENERS)]
    swapped = _WORD.sub(_other_word, question) if variant % 2 else question
    return f"{opener}{swapped}{closer}"


def _other_word(match: re.Match[str]) -> str:
    return _OTHER_WORDS.get(match.group().lower(), match.group())
