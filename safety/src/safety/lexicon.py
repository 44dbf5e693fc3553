"""The lexicon: how typed words become the few words that rules are written in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

import yaml

UNKNOWN = "_"  # stands for every word that no rule names, so that no visitor's word is kept
_RUN = re.compile(r"(.)\1+")  # a letter held down, or just a double one
LONGEST_PHRASE = 5  # typed words
# Shorter words have too many honest neighbours ("fever" and "never"); their slips are listed.
SHORTEST_CORRECTED = 7
TWO_SLIPS_FROM = 10


def read_data(name: str) -> Any:
    """Read one YAML file of the package's data folder.

    Args:
        name: path below `data/`, with forward slashes.
    """
    text = resources.files("safety").joinpath("data", *name.split("/")).read_text("utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def shortened(word: str, times: int) -> set[str]:
    """Give a word and everything left of it after taking out up to `times` letters."""
    found = {word}
    edge = {word}
    for _ in range(times):
        edge = {w[:i] + w[i + 1 :] for w in edge for i in range(len(w))}
        found |= edge
    return found


def slips(typed: str, meant: str) -> int:
    """Count the slips between two words: letters added, left out, swapped or changed.

    Source: optimal string alignment distance, as in Boytsov, Indexing methods for approximate
    dictionary searching, 2011, section 2.1.
    """
    before: list[int] = []
    last = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


@dataclass(frozen=True)
class Lexicon:
    """Typed words and phrases, and what they become.

    Attributes:
        ours: typed word to our words, most often one.
        phrases: typed words in a row to our words.
        first_words: first word of each phrase to the lengths that begin with it, longest first.
        classes: set name to our words in it.
        emoji: emoji to a typed word.
        context: sets of our words that tell what surrounds a sign.
        corrected: our words for which a slip is put right; rules hang on them.
        honest: typed words that are never taken for a slip of another.
    """

    ours: Mapping[str, tuple[str, ...]]
    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    first_words: Mapping[str, tuple[int, ...]]
    classes: Mapping[str, frozenset[str]]
    emoji: Mapping[str, str]
    context: Mapping[str, frozenset[str]]
    corrected: frozenset[str]
    honest: frozenset[str]

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        """What is left of the longer words without one or two letters, to the words."""
        index: dict[str, list[str]] = {}
        for word, ours in self.ours.items():
            if len(word) >= SHORTEST_CORRECTED and self.corrected.issuperset(ours) and ours:
                for rest in shortened(word, 1 + (len(word) >= TWO_SLIPS_FROM)):
                    index.setdefault(rest, []).append(word)
        return index

    def knowing(self, words: Iterable[str]) -> "Lexicon":
        """Give this lexicon with more words that stand for themselves."""
        return replace(self, ours={word: (word,) for word in words} | dict(self.ours))

    def prepare(self) -> None:
        """Build the index of slips now, a tenth of a second, rather than at the first slip."""
        _ = self._index

    def words_for(self, typed: str, *, mend: bool = True) -> tuple[str, ...] | None:
        """Give our words for a typed one; an empty tuple for a filler; None when unknown.

        A word typed with a letter held down ("nooo") or with a slip or two ("siezuer") is taken
        for the word that was meant, unless `mend` is off.
        """
        known = self.ours.get(typed)
        if known is not None or not mend or typed in self.honest:
            return known
        if _RUN.search(typed):
            for calm in (_RUN.sub(r"\1\1", typed), _RUN.sub(r"\1", typed)):
                if calm in self.ours:
                    return self.ours[calm]
            typed = calm
        meant = self._meant(typed)
        return self.ours[meant] if meant else None

    def _meant(self, typed: str) -> str | None:
        if len(typed) < SHORTEST_CORRECTED - 1 or len(typed) > 20 or typed in self.honest:
            return None
        times = 1 + (len(typed) >= TWO_SLIPS_FROM)
        best: tuple[int, str] | None = None
        for rest in shortened(typed, times):
            for candidate in self._index.get(rest, ()):
                allowed = 1 + (min(len(candidate), len(typed)) >= TWO_SLIPS_FROM)
                distance = slips(typed, candidate)
                # The first letter is the one that people get right, if not late.
                if candidate[0] not in typed[:2]:
                    distance += 1
                if distance <= allowed and (best is None or (distance, candidate) < best):
                    best = distance, candidate
        return best[1] if best else None


def _typed_to_ours(words: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for ours, typed in words.items():
        yield str(ours), str(ours)
        for word in (typed or "").split():
            yield word, str(ours)


def _phrase_lengths(phrases: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()}


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Give the package's lexicon, read once.

    Raises:
        ValueError: a typed word stands under two of our words, or a phrase is too long.
    """
    data = read_data("lexicon.yml")
    ours: dict[str, tuple[str, ...]] = {}
    for typed, word in _typed_to_ours(data["words"]):
        if ours.get(typed, (word,)) != (word,):
            raise ValueError(f"lexicon.yml: {typed!r} stands under {ours[typed][0]} and {word}")
        ours[typed] = (word,)
    for typed, words in data["short_forms"].items():
        ours[typed] = tuple(words.split())
    phrases = {tuple(k.split()): tuple(v.split()) for k, v in data["phrases"].items()}
    for phrase, words in phrases.items():
        if len(phrase) > LONGEST_PHRASE:
            raise ValueError(f"lexicon.yml: {' '.join(phrase)!r} has over {LONGEST_PHRASE} words")
        for word in words:
            ours.setdefault(word, (word,))
    for filler in data["fillers"].split():
        ours.setdefault(filler, ())
    return Lexicon(
        ours=ours,
        phrases=phrases,
        first_words=_phrase_lengths(phrases),
        classes={k: frozenset(str(v).split()) for k, v in data["classes"].items()},
        emoji=data["emoji"],
        context={k: frozenset(str(v).split()) for k, v in data["context"].items()},
        corrected=frozenset(str(data["corrected"]).split()),
        honest=frozenset(str(data["honest"]).split()),
    )
