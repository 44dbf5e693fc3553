"""The approved texts of the safety replies, and which of them a verdict calls for."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from safety.verdict import CATEGORIES, Kind, Language, Verdict, kind_of

PERSON_LINES = ("person_available", "person_waiting", "nobody_now")
LANGUAGES: tuple[Language, ...] = ("en", "es")
# The names of a text's slots are the house's; `knowledge` holds the whole list.
_SLOT = re.compile(r"\{(\w+)\}")
_MOST_REPLIES = 2


@dataclass(frozen=True, slots=True)
class SafetyText:
    """One approved text in one language.

    Attributes:
        id: category or person line; Spanish ones end in ".es", so that an id alone names the words.
        version: the editor's number and 8 hex digits of the words and slots.
        language: what the text is written in.
        texts: the words by the language of the conversation; a Spanish text stays Spanish.
        slots: names to be filled, in the order declared.
        sources: ids of `bibliography()`.
        facts: ids of the house's facts.
        review: "pending" until a clinician has signed it.
    """

    id: str
    version: str
    language: Language
    texts: Mapping[str, str]
    slots: tuple[str, ...]
    sources: tuple[str, ...]
    facts: tuple[str, ...]
    review: str

    @property
    def text(self) -> str:
        """The words, slots unfilled."""
        return self.texts[self.language]

    @property
    def kind(self) -> Kind | None:
        """Whether it answers an emergency or a crisis; None for a person line."""
        name = self.id.partition(".")[0]
        return kind_of(name) if name in CATEGORIES else None


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where a safety text comes from."""

    id: str
    title: str
    publisher: str
    url: str | None


class TextError(ValueError):
    """texts.yml says something that cannot be used; the text says what to change."""


def text_id(name: str, language: Language) -> str:
    """Give the id of a text: a category or a person line, in a language."""
    return name if language == "en" else f"{name}.{language}"


def _made(
    entry: Mapping[str, Any], language: Language, known_sources: frozenset[str]
) -> SafetyText:
    name = str(entry["id"])
    if name not in CATEGORIES and name not in PERSON_LINES:
        raise TextError(f"texts.yml: {name} is neither a category nor a person line")
    if not entry.get(language):
        raise TextError(f"texts.yml: {name} has no text in {language}")
    words = str(entry[language])
    slots = tuple(entry["slots"])
    if set(_SLOT.findall(words)) != set(slots):
        raise TextError(f"texts.yml: {name} ({language}): declare exactly the slots it uses")
    unknown = set(entry["sources"]) - known_sources
    if unknown:
        raise TextError(f"texts.yml: {name} names unknown sources: {', '.join(sorted(unknown))}")
    digest = hashlib.sha256("\n".join([words, *slots]).encode()).hexdigest()[:8]
    return SafetyText(
        text_id(name, language),
        f"{entry['version']}-{digest}",
        language,
        dict.fromkeys(LANGUAGES, words) if language != "en" else {"en": words},
        slots,
        tuple(entry["sources"]),
        tuple(entry["facts"]),
        entry["review"],
    )


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    text = resources.files("safety").joinpath("texts.yml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.safe_load(text)
    return data


@lru_cache(maxsize=1)
def bibliography() -> Mapping[str, TextSource]:
    """Give the sources of the texts by id."""
    return {
        entry["id"]: TextSource(entry["id"], entry["title"], entry["publisher"], entry.get("url"))
        for entry in _file()["sources"]
    }


@lru_cache(maxsize=1)
def all_texts() -> Mapping[str, SafetyText]:
    """Give every text, person lines included, by id.

    Raises:
        TextError: texts.yml misses a text, or one cannot be used.
    """
    known = frozenset(bibliography())
    made = [_made(entry, lang, known) for entry in _file()["texts"] for lang in LANGUAGES]
    texts = {text.id: text for text in made}
    for name in (*CATEGORIES, *PERSON_LINES):
        if name not in texts:
            raise TextError(f"texts.yml: no text for {name}")
    return texts


def reply_language(verdict: Verdict, language: str) -> Language:
    """Give the language to answer in: Spanish when the signs or the conversation are."""
    return "es" if verdict.language == "es" or language.startswith("es") else "en"


def reply_texts(verdict: Verdict, language: str = "en") -> tuple[SafetyText, ...]:
    """Give the texts that a verdict calls for, gravest first, at most two.

    Of three or more findings the gravest is said, and beside it the gravest of the other kind:
    who writes of a fever and of wanting to die shall not lose the crisis line to a loose line.

    Args:
        verdict: what `check` found.
        language: the conversation's language.
    """
    said = list(verdict.categories[:1])
    rest = verdict.categories[1:]
    other_kind = [c for c in rest if kind_of(c) != verdict.kind]
    said += (other_kind or list(rest))[: _MOST_REPLIES - 1]
    chosen = reply_language(verdict, language)
    return tuple(all_texts()[text_id(category, chosen)] for category in said)


def person_line(name: str, verdict: Verdict, language: str = "en") -> SafetyText:
    """Give the person line that goes into the replies to a verdict.

    Args:
        name: one of `PERSON_LINES`.
        verdict: what `check` found.
        language: the conversation's language.
    """
    return all_texts()[text_id(name, reply_language(verdict, language))]
