"""Finds what in an answer a text points at: "the second one you listed", "the lung thing"."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.spelling import words_of
from bot.text import listed, named, sentences

_NUMBERS = ("first|1st", "second|2nd", "third|3rd", "fourth|4th", "fifth|5th", "sixth|6th")
_COUNTED = ("one|1", "two|2", "three|3", "four|4", "five|5", "six|6")
_LAST = "last|final|latter"
_OTHER = "other"
_ORDINAL = "|".join((*_NUMBERS, _LAST, "former"))
_PLACES = frozenset(_ORDINAL.split("|"))
_THING = (
    r"ones?|things?|items?|points?|bullets?|dots?|lines?|kinds?|types?|sorts?|parts?|bits?|words?"
    r"|examples?|options?|studies|study|trial|drug|reaction|phase|danger|risk"
)
_NO_ITEM = (
    r"opinions?|days?|weeks?|months?|years?|nights?|times?|hours?|birthday|doses?|chemo|aid|place"
    r"|kids?|child|children|babies|baby|parents?|side"
)
_WHERE = (
    r"(?:of|from)\s(?:the|those|these|them|that|your)(?:\s(?:two|three|four|list))?"
    r"|(?:that\s)?(?:you|u)\s(?:just\s)?(?:listed|list|named|name|mentioned|mention|said|say|wrote"
    r"|put|gave)(?:\sthere)?|(?:on|in)\s(?:the|your|that)\slist|on\sthere|there"
)
_POINTS = re.compile(
    # "The second", "your 4th point", "2nd one": a little word before it, or a thing behind it.
    rf"(?:\b(?:the|that|your|this|ur|those)\s+(?P<led>{_ORDINAL}|{_OTHER}(?=\s(?:{_THING})\b|[,.?!]|$))\b"
    rf"(?:\s+(?:two|three)\b)?(?:\s+(?:{_THING})\b)?"
    r"|(?<!\ba )(?<!\bmy )(?<!\bour )(?<!\bher )(?<!\bhis )"
    rf"\b(?P<bare>{_ORDINAL})\s+(?:{_THING})\b"
    r"|(?<!\bphone )(?<!\bthis )(?<!\bthat )\b(?:number|no\.?(?=\s*\d)|nr\.?|point|item)"
    rf"\s*(?P<counted>{'|'.join(_COUNTED)})\b)"
    rf"(?!\s+(?:{_NO_ITEM})\b)(?:,?\s+(?:{_WHERE})\b)?"
)
_SAYS_WHICH = re.compile(rf"^(?:the\s)?(?P<which>{_ORDINAL})\b(?:\s(?:{_THING}))?(?:\sis|,)?\s")
_TELLS_HOW_MANY = re.compile(r"\b(?:two|three|both)\b.*?(?:\bare|:)\s(?P<names>.+)")
_SENTENCE_END = re.compile(r"[.:;]\s")
_LONGEST = 16  # So many words of an item say what it is.
_SHARED_BY_FEW = 0.1  # A word that more of the answers hold points at nothing.
_STEM = 6


@dataclass(frozen=True)
class Shown:
    """An answer as it is pointed at, all normalised.

    Attributes:
        title: of the entry.
        items: of its first list, or none.
        sentences: all of them, list items too.
    """

    title: str
    items: tuple[str, ...]
    sentences: tuple[str, ...]


class Pointing:
    """Knows the answers, and which words are rare enough in them to point at one place."""

    def __init__(
        self,
        answers: Mapping[str, str],
        titles: Mapping[str, str],
        plain: Callable[[str], str],
        topicless: Collection[str],
    ) -> None:
        """Get to know the answers.

        Args:
            answers: text by entry, with its line breaks.
            titles: by entry, normalised.
            plain: brings a text into the form that messages are read in.
            topicless: words that say nothing of what a text is about.
        """
        self._topicless = frozenset(topicless)
        self._shown = {
            entry: Shown(
                titles[entry],
                tuple(map(plain, listed(answer))),
                tuple(map(plain, sentences(answer))),
            )
            for entry, answer in answers.items()
            if entry in titles
        }
        found = Counter(
            stem
            for shown in self._shown.values()
            for stem in {*_stems(word for text in shown.sentences for word in words_of(text))}
        )
        many = max(len(self._shown), 1)
        self._weight = {stem: math.log(many / count) for stem, count in found.items()}

    def readings(self, text: str, entry: str) -> list[str]:
        """Return a normalised text beside what it points at in an entry's answer, two at most."""
        shown = self._shown.get(entry)
        if shown is None:
            return []
        match = _POINTS.search(text)
        if match:
            items = [item for item in (_nth(shown, match), _nth_named(shown, match)) if item]
            if items:
                before, after = text[: match.start()], text[match.end() :]
                return [f"{before}{_short(item)}{after}" for item in dict.fromkeys(items)]
        sentence = self._sentence(text, shown)
        return [f"{sentence} {text}"] if sentence else []

    def _sentence(self, text: str, shown: Shown) -> str:
        """Return the sentence with the rarest words of a text that the title does not have."""
        words = set(words_of(without_ordinals(text))) - self._topicless - _PLACES
        wanted = set(_stems(words)) - set(_stems(words_of(shown.title)))
        best, most = "", -math.log(_SHARED_BY_FEW)
        for sentence in shown.sentences:
            common = wanted & set(_stems(words_of(sentence)))
            weight = sum(self._weight[stem] for stem in common)
            if weight > most:
                best, most = sentence, weight
        return best


def without_ordinals(text: str) -> str:
    """Return a normalised text without what names the place of an item: it is no topic."""
    return _POINTS.sub(" ", text)


def _place(match: re.Match[str]) -> int:
    """Return the number of the item that is named, from 1; -1 for the last."""
    counted = match.group("counted")
    if counted:
        return _number(counted, _COUNTED)
    return _number(match.group("led") or match.group("bare"), _NUMBERS)


def _number(word: str, numbers: Iterable[str]) -> int:
    for number, forms in enumerate(numbers, 1):
        if word in forms.split("|"):
            return number
    if word == "former":
        return 1
    return 2 if word == _OTHER else -1


def _nth(shown: Shown, ordinal: re.Match[str]) -> str:
    """Return the item at a place: as the answer itself counts, or in its list."""
    place = _place(ordinal)
    for sentence in shown.sentences:
        match = _SAYS_WHICH.match(sentence)
        if match and _number(match.group("which"), _NUMBERS) == place:
            return sentence[match.end() :]
    # The other one is one of two.
    return (
        "" if ordinal.group("led") == _OTHER and len(shown.items) != 2 else _at(shown.items, place)
    )


def _nth_named(shown: Shown, ordinal: re.Match[str]) -> str:
    """Return what is named at a place: "two of these medicines are", or in the title."""
    place = _place(ordinal)
    for sentence in shown.sentences:
        match = _TELLS_HOW_MANY.search(sentence)
        names = named(match.group("names")) if match else []
        if names:
            return _at(names, place)
    return _at(named(shown.title.partition(":")[0]), place)


def _at(items: tuple[str, ...] | list[str], place: int) -> str:
    if place < 0:
        return items[-1] if items else ""
    return items[place - 1] if place <= len(items) else ""


def _short(item: str) -> str:
    sentence = _SENTENCE_END.split(item)[0]
    return " ".join(sentence.split()[:_LONGEST]).rstrip(".:;,")


def _stems(words: Iterable[str]) -> Iterable[str]:
    return (word.removesuffix("'s").rstrip("s")[:_STEM] for word in words if len(word) > 2)
