"""From a message to the words that rules and weights see."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from safety.lexicon import UNKNOWN, Lexicon
from safety.temperature import mark_temperatures

STOP, ASKED = ".", "?"
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ´`＇′", "'"))
_WORD = re.compile(r"#[a-z]+|[a-z]+(?:'[a-z]+)*'?|\d+|[.!;:\n]+|\?|[,\u2026]|\.\.+")
_SOFT_BREAK = re.compile(r"\.{2,}|\u2026")
# Short forms whose apostrophe tells them from another word ("we're", "were").
_KEPT_APOSTROPHE = frozenset({"i'll", "we'll", "he'll", "she'll", "we're", "i'd", "he'd", "she'd"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as its rules see it.

    Attributes:
        words: our words, each sentence ended by `.` or `?`, `_` for a word that no rule names.
        places: for each of `words`, where in `plain` the typed word begins.
        commas: positions in `words` before which a comma stood.
        plain: what was typed, lower case and without accents, apostrophes or odd signs;
            sentences apart by ` . `.
    """

    words: tuple[str, ...]
    places: tuple[int, ...]
    commas: frozenset[int]
    plain: str


def _folded(text: str, lexicon: Lexicon) -> str:
    text = text.translate(_APOSTROPHES)
    if not text.isascii():
        for sign, word in lexicon.emoji.items():
            text = text.replace(sign, f" {word} ")
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c) and c != "\u200b")
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
    typed = list(_typed(mark_temperatures(_folded(text, lexicon))))
    words: list[str] = []
    places: list[int] = []
    commas: set[int] = set()
    at = place = 0
    while at < len(typed):
        word = typed[at]
        if word == ",":
            commas.add(len(words))
            at += 1
            continue
        length, found = _phrase_at(typed, at, lexicon)
        if not length:
            length, found = 1, _single(word, lexicon)
        words.extend(found)
        places.extend([place] * len(found))
        place += sum(len(w) + 1 for w in typed[at : at + length])
        at += length
    if not words or words[-1] not in (STOP, ASKED):
        words.append(STOP)  # so that a rule may say "at the end"
        places.append(max(0, place - 1))
    plain = " ".join(word for word in typed if word != ",")
    return Reading(tuple(words), tuple(places), frozenset(commas), plain)


def _phrase_at(typed: list[str], at: int, lexicon: Lexicon) -> tuple[int, tuple[str, ...]]:
    for length in lexicon.first_words.get(typed[at], ()):
        found = lexicon.phrases.get(tuple(typed[at : at + length]))
        if found is not None:
            return length, found
    return 0, ()


def _single(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    if word in (STOP, ASKED) or word[0] == "#":
        return (word,)
    if word.isdigit():
        return ("911",) if word in ("911", "999", "112") else ("#num",)
    found = lexicon.words_for(word)
    return (UNKNOWN,) if found is None else found
