"""The signs of an emergency or a crisis, and what may surround them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from safety.lexicon import Lexicon, lexicon, read_data
from safety.patterns import Patterns, RuleError, Span, Vocabulary
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
# What each means stands at the top of frames.yml.
FRAME_KINDS = frozenset(
    {
        "veto",
        "general",
        "definition",
        "soft",
        "conditional",
        "feared",
        "others",
        "past",
        "resolved",
        "ended",
        "present",
        "lasting",
        "figure",
        "dated",
        "measured",
        "anew",
    }
)
_LONGEST_EXACT = 6  # words


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
        return self.id.endswith("-call") or self.is_asked

    @property
    def is_asked(self) -> bool:
        """Whether the question itself is the danger ("can I tape a broken line")."""
        return self.id.endswith("-asked")


class Rules:
    """All rules and frames, compiled.

    Attributes:
        by_id: the rules.
        lexicon: the lexicon these rules are written in, with the words that only they use.
    """

    def __init__(self, words: Lexicon) -> None:
        self._vocabulary = Vocabulary(words)
        self._signs = Patterns(words, self._vocabulary)
        self._frames = Patterns(words, self._vocabulary)
        self._exact: dict[tuple[str, ...], Rule] = {}
        self.by_id: dict[str, Rule] = {}
        for name in RULE_FILES:
            self._add_file(name, read_data(f"rules/{name}.yml"))
        for frame in read_data("rules/frames.yml")["frames"]:
            if frame["kind"] not in FRAME_KINDS:
                raise RuleError(f"frames.yml: no kind named {frame['kind']}")
            self._frames.add(frame["kind"], frame["patterns"])
        self.lexicon = words.knowing(self._vocabulary.named)

    def signs(self, words: tuple[str, ...]) -> list[Span]:
        """Find the signs in one sentence, named by rule id, each place once."""
        if not self._signs.may_match(words):
            return []
        return list(dict.fromkeys(self._signs.find(self._vocabulary.doc(words), words)))

    def frames(self, words: tuple[str, ...]) -> list[Span]:
        """Find the frames in one sentence, named by kind."""
        return self._frames.find(self._vocabulary.doc(words), words)

    def category(self, sign: Span) -> str:
        """Give the category that a sign belongs to."""
        return self.by_id[sign.name].category

    def exact(self, words: tuple[str, ...]) -> Rule | None:
        """Give the rule for a message that consists of these words and asks nothing."""
        if ASKED in words or len(words) > 2 * _LONGEST_EXACT:
            return None
        return self._exact.get(tuple(word for word in words if word != STOP))

    def _add_file(self, file: str, data: Mapping[str, Any]) -> None:
        for entry in data["rules"]:
            rule = Rule(
                entry["id"],
                entry.get("category", data.get("category")),
                entry.get("certainty", "certain"),
                data.get("language", "en"),
                entry.get("mention", False),
            )
            if rule.category not in CATEGORIES:
                raise RuleError(f"{file}.yml: rule {rule.id}: no category named {rule.category}")
            if rule.id in self.by_id:
                raise RuleError(f"{file}.yml: rule {rule.id} stands twice; rename one")
            self.by_id[rule.id] = rule
            for phrase in entry.get("exact", ()):
                self._exact[tuple(map(self._signs.our_word, phrase.split()))] = rule
            self._signs.add(rule.id, entry.get("patterns", []))


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Give the package's rules, compiled once."""
    return Rules(lexicon())
