"""Lines of a rule file, and the spaCy matchers that they become.

A line is a row of parts:

- `word`: one of our words, in any form that the lexicon knows; `one/other`: either;
- `<class>`: any word of a class of the lexicon;
- `..3`: a gap of up to three words that does not leave the clause;
- `~3`: a gap of up to three words that carry no meaning of their own;
- `this ^3 that`: up to three words apart, whichever comes first;
- `$`: the end of the sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from safety.lexicon import UNKNOWN, Lexicon
from safety.reading import ASKED, LONGEST_SPAN, STOP

Part = dict[Any, Any]
Pattern = list[Part]

# Words of these classes stand in so many messages that they tell no pattern from another.
_EVERYWHERE = ("light", "neg", "kid", "become", "modal", "self", "cue")


class RuleError(ValueError):
    """A rule file says something that cannot be read; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where something matched: words `start` up to, not including, `end`."""

    name: str
    start: int
    end: int


class Patterns:
    """Named patterns over a closed vocabulary.

    A word that no pattern names is read as `_`, so spaCy's string store never grows with what
    visitors type. Each pattern waits under its rarest word: a sentence meets only those that it
    can match at all, which keeps a check under a few milliseconds.

    Args:
        lexicon: the words and classes that lines are written in.
        vocabulary: the words that any line names so far; grows.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: "Vocabulary") -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._matchers: dict[str, Matcher] = {}
        self._reach: dict[str, int] = {}
        self._everywhere = frozenset[str]().union(*(lexicon.classes[c] for c in _EVERYWHERE))

    def add(self, name: str, lines: list[str]) -> None:
        """Add the lines of one name.

        Raises:
            RuleError: a line names a filler, a short form or an unknown class, or is too long.
        """
        by_anchor: dict[str, list[Pattern]] = {}
        for line in lines:
            for pattern in self._compiled(str(line)):
                reach = _longest(pattern) - 1
                for anchor in self._anchors(pattern):
                    by_anchor.setdefault(anchor, []).append(pattern)
                    self._reach[anchor] = max(reach, self._reach.get(anchor, 0))
        for anchor, patterns in by_anchor.items():
            if anchor not in self._matchers:
                # spaCy's own validation does not know custom flags.
                self._matchers[anchor] = Matcher(self._vocabulary.vocab, validate=False)
            self._matchers[anchor].add(name, patterns)

    def may_match(self, words: tuple[str, ...]) -> bool:
        """Tell whether any pattern's rarest word is among the words."""
        return not self._matchers.keys().isdisjoint(words)

    def find(self, doc: Doc, words: tuple[str, ...]) -> list[Span]:
        """Find every match in a sentence, some more than once."""
        strings = self._vocabulary.vocab.strings
        found: list[Span] = []
        anchors = self._matchers.keys() & set(words)
        for at, word in enumerate(words):
            if word not in anchors:
                continue
            # Only so far around the word as a pattern that waits under it can reach.
            reach = self._reach[word]
            first = max(0, at - reach)
            for key, start, end in self._matchers[word](doc[first : at + reach + 1]):
                span = Span(strings[key], first + start, first + end)
                if span.start <= at < span.end:
                    found.append(span)
        return found

    def _compiled(self, line: str) -> Iterator[Pattern]:
        try:
            for atoms in _orders(line.split()):
                yield from (list(choice) for choice in product(*map(self._choices, atoms)))
        except RuleError as error:
            raise RuleError(f"pattern {line!r}: {error}") from None

    def _choices(self, atom: str) -> list[Part]:
        if atom == "$":
            return [{"ORTH": STOP}, {"ORTH": ASKED}]
        if atom.startswith(("..", "~")):
            gap: Part = {self._flag("gapstop"): False, "OP": f"{{0,{int(atom.lstrip('.~'))}}}"}
            return [gap | {self._flag("light"): True} if atom[0] == "~" else gap]
        if atom.startswith("<"):
            return [{self._flag(atom.strip("<>")): True}]
        ours = (self.our_word(word) for word in atom.split("/"))
        return [{"ORTH": word} for word in dict.fromkeys(ours)]

    def _flag(self, name: str) -> int:
        if name not in self._vocabulary.flags:
            raise RuleError(f"no class <{name}> in lexicon.yml")
        return self._vocabulary.flags[name]

    def our_word(self, word: str) -> str:
        """Give our word for a word of a line.

        Raises:
            RuleError: it is a filler, which no message keeps, or stands for several words.
        """
        found = self._lexicon.ours.get(word, (word,))
        if len(found) > 1:
            raise RuleError(f"{word!r} is a short form; write {' '.join(found)}")
        if not found:
            raise RuleError(f"{word!r} is a filler, which no message keeps")
        self._vocabulary.named.update(found)
        return found[0]

    def _anchors(self, pattern: Pattern) -> frozenset[str]:
        """Give words of which one must be there for the pattern to match."""
        words = [part["ORTH"] for part in pattern if "ORTH" in part]
        for word in words:
            if word not in self._everywhere and word not in (STOP, ASKED):
                return frozenset({word})
        flags = {flag: name for name, flag in self._vocabulary.flags.items()}
        classes = [
            self._lexicon.classes[flags[flag]]
            for part in pattern
            if "OP" not in part
            for flag in part
            if flag != "ORTH"
        ]
        rare = [members for members in classes if not members & self._everywhere]
        if rare:
            return min(rare, key=len)
        if words:
            return frozenset({words[-1]})
        return min(classes, key=len)


class Vocabulary:
    """The closed vocabulary: our words, with one flag of the lexeme for each class."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.vocab: Vocab = spacy.blank("en").vocab
        self.flags = {
            name: self.vocab.add_flag(members.__contains__)
            for name, members in lexicon.classes.items()
        }
        self.named: set[str] = set().union(*lexicon.classes.values())

    def doc(self, words: tuple[str, ...]) -> Doc:
        """Give a document of our words, those without a name as `_`."""
        named = self.named
        return Doc(self.vocab, words=[word if word in named else UNKNOWN for word in words])


def _longest(pattern: Pattern) -> int:
    longest = sum(int(part["OP"][3:-1]) if "OP" in part else 1 for part in pattern)
    if longest > LONGEST_SPAN:
        raise RuleError(f"a pattern spans {longest} words, more than {LONGEST_SPAN}")
    return longest


def _orders(atoms: list[str]) -> Iterator[list[str]]:
    apart = next((i for i, atom in enumerate(atoms) if atom.startswith("^")), None)
    if apart is None:
        yield atoms
        return
    gap = ".." + atoms[apart][1:]
    yield [*atoms[:apart], gap, *atoms[apart + 1 :]]
    yield [*atoms[apart + 1 :], gap, *atoms[:apart]]
