"""What a check of one message found."""

from dataclasses import dataclass
from typing import Any, Literal

# Gravest first. An emergency of the body comes before a crisis of the mind because minutes count.
CATEGORIES: tuple[str, ...] = (
    "emergency_life",
    "emergency_infection",
    "emergency_device",
    "emergency_swallowed",
    "crisis_suicide",
    "crisis_violence",
    "crisis_harm_to_child",
)

Kind = Literal["emergency", "crisis"]
Certainty = Literal["certain", "doubt"]
Language = Literal["en", "es"]


def kind_of(category: str) -> Kind:
    """Tell whether a category is an emergency or a crisis."""
    return "emergency" if category.startswith("emergency_") else "crisis"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding on one message; empty when nothing was found.

    Attributes:
        categories: what was found, gravest first, each once.
        certainty: "certain" when at least one plain sign was found: the safety text is then the
            whole reply. "doubt" for weak signs: the safety text comes first, then the bot's
            answer. None when nothing was found.
        language: the language of the signs, "en" when nothing was found.
        evidence: names of the rules that fired, for review; never a word of the message.
    """

    categories: tuple[str, ...] = ()
    certainty: Certainty | None = None
    language: Language = "en"
    evidence: tuple[str, ...] = ()

    @property
    def category(self) -> str | None:
        """The gravest category, or None."""
        return self.categories[0] if self.categories else None

    @property
    def kind(self) -> Kind | None:
        """The kind of the gravest category, or None."""
        return kind_of(self.categories[0]) if self.categories else None

    def as_record(self) -> dict[str, Any]:
        """Give plain JSON values for storage; they hold no word of the message."""
        return {
            "categories": list(self.categories),
            "kind": self.kind,
            "certainty": self.certainty,
            "language": self.language,
            "evidence": list(self.evidence),
        }


NOTHING = Verdict()
