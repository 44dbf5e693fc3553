"""How many years of school an answer asks of its reader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import textstat

from knowledge.documents import Problems, read_document

HIGHEST_GRADE = 8.0
_LINE_END = re.compile(r"[.!?:]$")


def load_excused_words(path: Path) -> tuple[str, ...]:
    """Return the names that do not count against an answer, from `plain-words.yml`.

    Raises:
        KnowledgeError: the file cannot be read or holds anything but lists of words.
    """
    problems = Problems()
    root = read_document(path, path.name, problems)
    words = [word for _, group in root.pairs() for word in group.texts()] if root else []
    problems.raise_if_any()
    return tuple(words)


def reading_grade(text: str, excused: Iterable[str] = ()) -> float:
    """Return the Flesch-Kincaid grade of a text, in years of US school.

    Each excused name counts as one word of one syllable. Each line counts as ended, so that
    items of a list do not run into one long sentence.

    Source: Kincaid et al. 1975, as computed by textstat 0.7.8.
    """
    longest_first = sorted(excused, key=len, reverse=True)
    if longest_first:
        names = "|".join(re.escape(word) for word in longest_first)
        text = re.sub(rf"(?<!\w)(?:{names})(?!\w)", "drug", text, flags=re.IGNORECASE)
    lines = [line.removeprefix("- ").strip() for line in text.splitlines()]
    ended = [line if _LINE_END.search(line) else f"{line}." for line in lines if line]
    # A colon before a list ends a thought for a reader; the formula only knows full stops.
    plain = " ".join(re.sub(r":$", ".", line) for line in ended)
    return float(textstat.textstat.flesch_kincaid_grade(plain))
