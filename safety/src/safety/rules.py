"""Rules in YAML, and the spaCy matcher that they become."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from safety.lexicon import UNKNOWN, Lexicon, lexicon, read_data
from safety.reading import ASKED, STOP
from safety.verdict import CATEGORIES, Certainty, Language

RULE_FILES = (
    "life",
    "infection",
    "device",
    "swallowed",
    "suicide",
    "violence",
    "harm_to_child",
    "spanish",
)
FRAME_KINDS = (
    "veto",
    "general",
    "definition",
    "soft",
    "conditional",
    "feared",
    "others",
    "past",
    "resolved",
    "present",
    "lasting",
)
_FRAME = "frame:"

Pattern = list[dict[Any, Any]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One sign: what it is a sign of, and how plain it is.

    A mention is a word that families use for the sign and for asking about it alike; it counts
    only where nothing looks like a question.
    """

    id: str
    category: str
    certainty: Certainty
    language: Language
    is_mention: bool = False

    @property
    def is_reading(self) -> bool:
        """Whether the sign is a number on a thermometer, which hardly anybody makes up."""
        return self.id.endswith("-reading")

    @property
    def is_call(self) -> bool:
        """Whether the sign is a call for help, which is none the less one for being a question."""
        return self.id.endswith("-call")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a rule or a frame matched: words `start` up to, not including, `end`."""

    name: str
    start: int
    end: int


class RuleError(ValueError):
    """A rule file says something that cannot be read; the text says what to change."""


class Rules:
    """All rules and frames, compiled.

    The vocabulary is closed: a word that no rule names is read as `_`, so spaCy's string store
    never grows with what visitors type.

    Attributes:
        rules: by id.
        exact: rules for messages that consist of these words and nothing else.
        lexicon: the lexicon these rules are written in, with the words that only they use.
    """

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._vocab: Vocab = spacy.blank("en").vocab
        self._flags: dict[str, int] = {}
        for name, members in words.classes.items():
            self._flags[name] = self._vocab.add_flag(members.__contains__)
        # Its own validation does not know custom flags; `_choices` raises what needs saying.
        self._matcher = Matcher(self._vocab, validate=False)
        self.rules: dict[str, Rule] = {}
        self.exact: dict[tuple[str, ...], Rule] = {}
        self.named: set[str] = set()
        for name in RULE_FILES:
            self._add_file(name, read_data(f"rules/{name}.yml"))
        for frame in read_data("rules/frames.yml")["frames"]:
            self._add_frame(frame)
        self.lexicon = words.knowing(self.named)

    def find(self, words: tuple[str, ...]) -> tuple[list[Span], list[Span]]:
        """Find signs and frames in our words.

        Returns:
            Signs, named by rule id, and frames, named by kind; both in reading order.
        """
        closed = [word if word in self.named else UNKNOWN for word in words]
        doc = Doc(self._vocab, words=closed)
        signs: list[Span] = []
        frames: list[Span] = []
        for key, start, end in self._matcher(doc):
            name = self._vocab.strings[key]
            if name.startswith(_FRAME):
                frames.append(Span(name.removeprefix(_FRAME), start, end))
            else:
                signs.append(Span(name, start, end))
        return signs, frames

    def _add_file(self, file: str, data: Mapping[str, Any]) -> None:
        for entry in data["rules"]:
            category = entry.get("category", data.get("category"))
            if category not in CATEGORIES:
                raise RuleError(f"{file}.yml: rule {entry['id']}: no category named {category}")
            rule = Rule(
                entry["id"],
                category,
                entry.get("certainty", "certain"),
                data.get("language", "en"),
                entry.get("mention", False),
            )
            if rule.id in self.rules:
                raise RuleError(f"{file}.yml: rule {rule.id} stands twice; rename one")
            self.rules[rule.id] = rule
            for phrase in entry.get("exact", ()):
                self.exact[tuple(map(self._our_word, phrase.split()))] = rule
            patterns = [p for line in entry.get("patterns", ()) for p in self._compile(line)]
            if patterns:
                self._matcher.add(rule.id, patterns)

    def _add_frame(self, frame: Mapping[str, Any]) -> None:
        if frame["kind"] not in FRAME_KINDS:
            raise RuleError(f"frames.yml: no kind named {frame['kind']}")
        patterns = [p for line in frame["patterns"] for p in self._compile(line)]
        self._matcher.add(_FRAME + frame["kind"], patterns)

    def _compile(self, line: str) -> Iterator[Pattern]:
        try:
            for atoms in _orders(str(line).split()):
                yield from (list(choice) for choice in product(*map(self._choices, atoms)))
        except RuleError as error:
            raise RuleError(f"pattern {line!r}: {error}") from None

    def _choices(self, atom: str) -> list[dict[Any, Any]]:
        """Give the alternatives for one part of a pattern line.

        `word`, `one/other`, `<class>`; `..3` is a gap of up to three words that does not leave
        the clause; `~3` one of up to three words that carry no meaning of their own; `$` is the
        end of the sentence. (`_orders` has taken `^3` apart.)
        """
        if atom == "$":
            return [{"ORTH": STOP}, {"ORTH": ASKED}]
        if atom.startswith(("..", "~")):
            most = int(atom.lstrip(".~") or 0)
            gap: dict[Any, Any] = {self._flag("gapstop"): False, "OP": f"{{0,{most}}}"}
            if atom.startswith("~"):
                gap[self._flag("light")] = True
            return [gap]
        if atom.startswith("<"):
            return [{self._flag(atom.strip("<>")): True}]
        ours = (self._our_word(word) for word in atom.split("/"))
        return [{"ORTH": word} for word in dict.fromkeys(ours)]

    def _flag(self, name: str) -> int:
        if name not in self._flags:
            raise RuleError(f"no class <{name}> in lexicon.yml")
        for word in self._words.classes[name]:
            self.named.add(word)
        return self._flags[name]

    def _our_word(self, word: str) -> str:
        found = self._words.ours.get(word, (word,))
        if len(found) > 1:
            raise RuleError(f"{word!r} in a pattern is a short form; write {' '.join(found)}")
        if not found:
            raise RuleError(f"{word!r} in a pattern is a filler, which no message keeps")
        self.named.update(found)
        return found[0]


def _orders(atoms: list[str]) -> Iterator[list[str]]:
    """Give both orders of a line `this ^3 that`: up to three words apart, whichever comes first."""
    apart = next((i for i, atom in enumerate(atoms) if atom.startswith("^")), None)
    if apart is None:
        yield atoms
        return
    gap = ".." + atoms[apart][1:]
    yield [*atoms[:apart], gap, *atoms[apart + 1 :]]
    yield [*atoms[apart + 1 :], gap, *atoms[:apart]]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Give the package's rules, compiled once."""
    return Rules(lexicon())
