"""Brings spellings, chat writing and slips of the finger back to the words the bot knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources

import yaml

_NUMBERED = re.compile(r"(?<![\w'\-])([a-z]{4,})(\d+(?:\.\d+)?)(?![\w'\-])")
_WORD = re.compile(r"[a-z][a-z'\-]*[a-z0-9]|[a-z]")
_SHORTEST = 5  # Shorter words have too many neighbours: "feed", "feel" and "need".
_LONG = 9  # From here on two slips are forgiven.
_LONGEST = 30  # A held key is no word, and forms of it grow with the square of its length.


class Spelling:
    """Rewrites a normalised text with the house's words.

    First the forms listed in `spellings.yml`, then unknown words that are one slip away from a
    word of the entries (two from nine letters on): "blinatumamab", "remision". Words of everyday
    English are never touched, so "relax" does not become "relapse"; nor are those that neither
    the entries nor the encoder's list know and that are right all the same (`right_words.txt`).
    A letter drawn out at the end is taken back ("helpp"), a number is parted from its word
    ("month12").
    """

    def __init__(self, known: Iterable[str], everyday: Iterable[str]) -> None:
        """Set up the rewriting.

        Args:
            known: words of the entries, each perhaps more than once; more often wins.
            everyday: words that are right as they are.
        """
        counts: dict[str, int] = {}
        for word in known:
            counts[word] = counts.get(word, 0) + 1
        self._everyday = frozenset(everyday) | _right_words()
        self._counts = {word: count for word, count in counts.items() if len(word) >= _SHORTEST}
        self._near = _neighbourhood(self._counts)
        self._listed, self._listed_pattern = _listed_forms()

    def rewrite(self, text: str) -> str:
        """Return the text in the house's spelling; a text in it already comes back as it is."""
        listed = self._listed_pattern.sub(lambda match: self._listed[match.group()], text)
        parted = _NUMBERED.sub(self._parted, listed)
        return _WORD.sub(lambda match: self._word(match.group()), parted)

    def _parted(self, match: re.Match[str]) -> str:
        word, number = match.groups()
        return f"{word} {number}" if self._is_right(word) else match.group()

    def _word(self, word: str) -> str:
        if not _SHORTEST <= len(word) <= _LONGEST:
            return word
        if self._is_right(word) or word[-1].isdigit():
            return word
        if word[-1] == word[-2] and self._is_right(word[:-1]):
            return word[:-1]
        slips = 2 if len(word) >= _LONG else 1
        best: tuple[int, int, str] | None = None
        for key in _shortened(word, slips):
            for candidate in self._near.get(key, ()):
                allowed = 2 if min(len(word), len(candidate)) >= _LONG else 1
                distance = _slips_between(word, candidate, allowed)
                if distance <= allowed and candidate[0] == word[0]:
                    rank = (distance, -self._counts[candidate], candidate)
                    best = rank if best is None else min(best, rank)
        return best[2] if best else word

    def _is_right(self, word: str) -> bool:
        return word in self._counts or self._is_everyday(word)

    def _is_everyday(self, word: str) -> bool:
        bare = word.replace("'", "")
        return (
            bare in self._everyday
            or bare.removesuffix("s") in self._everyday
            or all(piece in self._everyday for piece in bare.split("-"))
        )


def words_of(text: str) -> list[str]:
    """Return the words of a normalised text, without numbers and marks."""
    return _WORD.findall(text)


@lru_cache(maxsize=1)
def _right_words() -> frozenset[str]:
    source = resources.files("bot").joinpath("right_words.txt").read_text("utf-8")
    return frozenset(source.split())


@lru_cache(maxsize=1)
def _listed_forms() -> tuple[dict[str, str], re.Pattern[str]]:
    source = resources.files("bot").joinpath("spellings.yml").read_text("utf-8")
    table: Mapping[str, list[str]] = yaml.safe_load(source)
    forms = {form: str(word).lower() for word, forms in table.items() for form in forms}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    alternatives = "|".join(re.escape(form) for form in longest_first)
    return forms, re.compile(rf"(?<![\w'\-])(?:{alternatives})(?![\w'])")


def _neighbourhood(words: Iterable[str]) -> dict[str, list[str]]:
    """Return words by what is left of them after one deletion, or two from nine letters on.

    Source: W. Garbe, SymSpell (2012): two words within n slips share a form that n deletions
    leave of each, so that looking up few forms finds all neighbours.
    """
    near: dict[str, list[str]] = {}
    for word in words:
        for key in _shortened(word, 2 if len(word) >= _LONG else 1):
            near.setdefault(key, []).append(word)
    return near


def _shortened(word: str, deletions: int) -> set[str]:
    forms = {word}
    latest = {word}
    for _ in range(deletions):
        latest = {form[:at] + form[at + 1 :] for form in latest for at in range(len(form))}
        forms |= latest
    return forms


def _slips_between(first: str, second: str, limit: int) -> int:
    """Return the least number of inserted, lost, wrong or swapped letters, `limit` + 1 at most.

    Source: optimal string alignment distance, a form of Damerau-Levenshtein distance.
    """
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    rows = [list(range(len(second) + 1))]
    for i, letter in enumerate(first, 1):
        row = [i]
        for j, other in enumerate(second, 1):
            replaced = rows[i - 1][j - 1] + (letter != other)
            cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced)
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, rows[i - 2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return min(rows[-1][-1], limit + 1)
