"""When two questions are the same question."""

from __future__ import annotations

import re
import unicodedata

# Phones type a curly apostrophe, keyboards a straight one, tired parents none: "what's" is "whats".
_APOSTROPHES = re.compile(r"['\u2019\u2018`\u00b4]")
_NOT_A_WORD = re.compile(r"[^\w%]+|_")


def normalise_question(question: str) -> str:
    """Return a question as it is compared: lower case, no accents lost, words and single spaces.

    Two questions with the same result count as one. Punctuation, letter case, apostrophes and
    compatibility forms (full-width letters and the like) make no difference.
    """
    folded = _fold(question)
    # Dropping a mark can bring two characters together that fold once more.
    while (again := _fold(folded)) != folded:
        folded = again
    return folded


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_A_WORD.sub(" ", _APOSTROPHES.sub("", plain)).strip()
