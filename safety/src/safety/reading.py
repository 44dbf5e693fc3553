"""From a message to the words that rules and weights see."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from safety.lexicon import UNKNOWN, Lexicon
from safety.temperature import mark_temperatures

STOP, ASKED = ".", "?"
_NONE: frozenset[int] = frozenset()
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ´`＇′", "'"))
# What a page or a keyboard leaves within words: soft hyphens, joiners, marks of no width.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_WORD = re.compile(r"#[a-z]+|[a-z]+(?:'[a-z]+)*'?|\d+(?:[.,]\d+)*|[.!;:\n]+|\?|[,\u2026]|\.\.+")
_CALL = re.compile(r"911[.,]")
_SOFT_BREAK = re.compile(r"\.{2,}|\u2026")
# Short forms whose apostrophe tells them from another word ("we're", "were").
_KEPT_APOSTROPHE = frozenset({"i'll", "we'll", "he'll", "she'll", "we're", "i'd", "he'd", "she'd"})


# No pattern spans more words than this; windows overlap by it, so that none is cut in two.
LONGEST_SPAN = 16
_LONGEST_SENTENCE = 56
# A page of pasted letters shall not cost a second; no message has so many strange words.
_MOST_MENDED = 1500


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in our words.

    Attributes:
        words: its words and, last, `.` or `?` unless it is a window of a longer one.
        commas: positions in `words` before which a comma stood.
        start, end: from where up to, not including, where it stands in `Reading.plain`.
    """

    words: tuple[str, ...]
    commas: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as its rules see it.

    Attributes:
        words: our words, each sentence ended by `.` or `?`, `_` for a word that no rule names.
        places: for each of `words`, where in `plain` the typed word begins.
        sentences: the same words, sentence by sentence, long ones in overlapping windows.
        plain: what was typed, lower case and without accents, apostrophes or odd signs;
            sentences apart by ` . `.
    """

    words: tuple[str, ...]
    places: tuple[int, ...]
    sentences: tuple[Sentence, ...]
    plain: str


def _folded(text: str, lexicon: Lexicon) -> str:
    text = text.translate(_APOSTROPHES)
    if not text.isascii():
        for sign, word in lexicon.emoji.items():
            text = text.replace(sign, f" {word} ")
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text.translate(_INVISIBLE) if not unicodedata.combining(c))
    return text.lower()


def _typed(text: str) -> Iterator[str]:
    for word in _WORD.findall(_SOFT_BREAK.sub(" , ", text)):
        if word[0] in ".!;:\n":
            yield STOP
        elif word in _KEPT_APOSTROPHE:
            yield word
        elif word.endswith("'s") and len(word) > 3:
            yield {"he's": "hes", "she's": "shes", "it's": "its"}.get(word) or _without_s(word)
        else:
            yield word.replace("'", "")


def _without_s(word: str) -> str:
    # "what's", "that's", "there's" are short forms; "baby's" is most often whose lips they are.
    return word.replace("'", "") if word[0] in "tw" or word == "how's" else word[:-2]


def read(text: str, lexicon: Lexicon) -> Reading:
    """Read a message.

    Args:
        text: anything a person may have typed or pasted.
        lexicon: which words mean what.
    """
    typed: list[str] = []
    after_comma: set[int] = set()
    for word in _typed(mark_temperatures(_folded(text, lexicon))):
        if word == ",":
            after_comma.add(len(typed))
        else:
            typed.append(word)
    starts = [0, *accumulate(len(word) + 1 for word in typed)]
    words: list[str] = []
    places: list[int] = []
    commas: set[int] = set()
    at = unknown = 0
    while at < len(typed):
        word = typed[at]
        if at in after_comma:
            commas.add(len(words))
        length, found = 1, None
        if word in lexicon.first_words:
            length, found = _phrase_at(typed, at, lexicon)
        if found is None:
            found = _single(word, lexicon, mend=unknown < _MOST_MENDED)
            unknown += found == (UNKNOWN,)
        words.extend(found)
        places.extend([starts[at]] * len(found))
        at += length
    if not words or words[-1] not in (STOP, ASKED):
        words.append(STOP)  # so that a rule may say "at the end"
        places.append(starts[-1])
    sentences = tuple(_sentences(words, places, commas))
    return Reading(tuple(words), tuple(places), sentences, " ".join(typed))


def _sentences(words: list[str], places: list[int], commas: set[int]) -> Iterator[Sentence]:
    start = 0
    for at, word in enumerate(words):
        is_end = word in (STOP, ASKED)
        if not is_end and at - start < _LONGEST_SENTENCE:
            continue
        if at > start or not is_end:
            inside = frozenset(c - start for c in commas if start <= c <= at) if commas else _NONE
            yield Sentence(tuple(words[start : at + 1]), inside, places[start], places[at] - 1)
        start = at + 1 if is_end else at + 1 - LONGEST_SPAN


def _phrase_at(typed: list[str], at: int, lexicon: Lexicon) -> tuple[int, tuple[str, ...] | None]:
    for length in lexicon.first_words[typed[at]]:
        found = lexicon.phrases.get(tuple(typed[at : at + length]))
        if found is not None:
            return length, found
    return 1, None


def _single(word: str, lexicon: Lexicon, *, mend: bool) -> tuple[str, ...]:
    if word in (STOP, ASKED) or word[0] == "#":
        return (word,)
    if word[0].isdigit():
        # "call 911.2 kids here not breathing" lacks a space; 112.5 is a number.
        is_call = word in ("911", "999", "112") or _CALL.match(word)
        return ("911",) if is_call else ("#num",)
    found = lexicon.words_for(word, mend=mend)
    return (UNKNOWN,) if found is None else found
