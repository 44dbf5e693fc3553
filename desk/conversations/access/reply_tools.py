"""What a specialist may put into a reply: approved entries, templates, the organisation's services.

An entry is found by its words: each counts more the fewer entries have it, and most in a title.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from availability import content
from conversations.models import WithdrawnEntry
from conversations.wording import PENDING_REVIEW
from knowledge import Entry, OrganisationService, Source, Template

MOST_FOUND = 8
# The first ones are the editor's own; hundreds more would only make the index slow to build.
MOST_QUESTIONS = 24
_WORD = re.compile(r"[^\W_]+")
# What a hit in a title, in a question and in the answer counts for.
_WEIGHTS = {"title": 4.0, "questions": 1.5, "answer": 1.0}
# Words that every question has; they tell no entry from another.
_PLAIN = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "can", "do", "does", "for", "from", "how", "i",
    "in", "is", "it", "my", "of", "on", "or", "our", "she", "he", "the", "their", "this", "to",
    "was", "we", "what", "when", "which", "who", "why", "will", "with", "you", "your",
))  # fmt: skip


@dataclass(frozen=True)
class Insert:
    """Something to put into a reply with one press.

    Attributes:
        kind: "entry", "template" or "service".
        text: what is put in; an entry's and a service's with its sources, a template's with its
            blanks open.
        sources: where it comes from.
        as_of: date of the evidence, "undated", or None for a text that states no facts.
        is_verified: false for a service that nobody has seen under the organisation's present name.
        is_pending: whether no clinician has signed it yet; then its text says so.
    """

    kind: str
    id: str
    version: str
    title: str
    text: str
    sources: tuple[Source, ...]
    as_of: str | None = None
    is_verified: bool = True
    is_pending: bool = False


def find_entries(words: str, *, limit: int = MOST_FOUND) -> list[Insert]:
    """Approved entries that fit some words, the best first; none for no words.

    Withdrawn ones are left out: what the bot may not say, a specialist does not paste by mistake.
    """
    asked = _words(words)
    if not asked:
        return []
    withdrawn = set(WithdrawnEntry.objects.values_list("entry_id", flat=True))
    index = _index(content.knowledge().version)
    scores = index.scores(asked)
    best = sorted((-score, entry_id) for entry_id, score in scores.items() if score > 0)
    entries = content.knowledge().entries
    found = [entries[entry_id] for _, entry_id in best if entry_id not in withdrawn]
    return [_entry_insert(entry) for entry in found[:limit]]


def template_groups() -> list[tuple[str, list[Insert]]]:
    """Templates by category, both in the order of the file."""
    templates = content.replies().templates.values()
    return [
        (category, [_template_insert(template) for template in group])
        for category, group in groupby(templates, key=lambda template: template.category)
    ]


def organisation_services() -> list[Insert]:
    """What the organisation offers, in the order of the file; without what is withdrawn."""
    withdrawn = set(WithdrawnEntry.objects.values_list("entry_id", flat=True))
    return [
        _service_insert(service)
        for service in content.replies().services.values()
        if service.entry_id not in withdrawn
    ]


def _entry_insert(entry: Entry) -> Insert:
    sources = _sources_of(entry)
    is_pending = entry.kind == "medical" and entry.review.status == "pending"
    note = f"\n\n{PENDING_REVIEW}" if is_pending else ""
    return Insert(
        kind="entry",
        id=entry.id,
        version=entry.version,
        title=entry.title,
        text=entry.answer + note + _source_lines(sources),
        sources=sources,
        as_of=entry.as_of,
        is_pending=is_pending,
    )


def _template_insert(template: Template) -> Insert:
    return Insert(
        kind="template",
        id=template.id,
        version=template.version,
        title=template.title,
        text=template.text + _source_lines(template.sources),
        sources=template.sources,
        as_of=template.as_of,
    )


def _service_insert(service: OrganisationService) -> Insert:
    entry = content.knowledge().entries[service.entry_id]
    address = f"\n\n{service.url}" if service.url else ""
    return Insert(
        kind="service",
        id=service.id,
        version=entry.version,
        title=service.title,
        text=entry.answer + address,
        sources=_sources_of(entry),
        as_of=entry.as_of,
        is_verified=service.is_verified,
    )


def _sources_of(entry: Entry) -> tuple[Source, ...]:
    return tuple(content.knowledge().sources[source] for source in entry.sources)


def _source_lines(sources: Iterable[Source]) -> str:
    """A last paragraph that names the sources; nothing where there are none."""
    lines = [_source_line(source) for source in sources]
    return "\n\nWhere this comes from:\n" + "\n".join(lines) if lines else ""


def _source_line(source: Source) -> str:
    parts = [source.title, source.publisher, source.published_on, source.url]
    return "- " + ", ".join(part for part in parts if part)


def _words(text: str) -> list[str]:
    found = [_stem(word) for word in _WORD.findall(text.casefold()[:500])]
    return [word for word in found if word not in _PLAIN]


def _stem(word: str) -> str:
    """The word without a plural ending: "fevers" finds "fever"."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


@dataclass(frozen=True)
class _Index:
    """Weights of words by entry, and in how many entries a word stands."""

    weights: Mapping[str, Mapping[str, float]]
    spread: Mapping[str, int]

    def scores(self, asked: list[str]) -> dict[str, float]:
        """How well each entry fits; the last word may be half typed."""
        rarity = {word: self._rarity(word) for word in self._meant(asked)}
        return {
            entry_id: sum(weights.get(word, 0.0) * rare for word, rare in rarity.items())
            for entry_id, weights in self.weights.items()
        }

    def _meant(self, asked: list[str]) -> set[str]:
        *whole, last = asked
        begun = {word for word in self.spread if len(last) > 2 and word.startswith(last)}
        return {*whole, last, *begun}

    def _rarity(self, word: str) -> float:
        count = self.spread.get(word, 0)
        return math.log(1 + len(self.weights) / count) if count else 0.0


@lru_cache(maxsize=1)
def _index(version: str) -> _Index:
    weights: dict[str, dict[str, float]] = {}
    spread: Counter[str] = Counter()
    for entry in content.knowledge().entries.values():
        parts = {
            "title": entry.title,
            "questions": " ".join(entry.questions[:MOST_QUESTIONS]),
            "answer": entry.answer,
        }
        counted: dict[str, float] = defaultdict(float)
        for name, text in parts.items():
            # How often a word is repeated says little; that it stands there says most.
            for word, times in Counter(_every_word(text)).items():
                counted[word] += _WEIGHTS[name] * (1 + math.log(times)) / 2
        weights[entry.id] = counted
        spread.update(counted.keys())
    return _Index(weights, spread)


def _every_word(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.casefold())]
