"""The rules of deciding, as pure functions: readings and confidences in, one outcome out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from bot.components.readings import Reading
from bot.components.regression import Matrix, Numbers
from bot.names import (
    CLARIFY,
    FALLBACK,
    FALLBACK_AGAIN,
    FOLLOW_UP,
    REQUEST_PERSON,
    entry_id,
    entry_label,
)
from bot.turn import Metadata

MOST_ANSWERS = 3
MOST_CANDIDATES = 5

JUDGEMENTS = frozenset({"advice", "advice_dose", "outlook", "treatment_choice"})
"""Intents that ask for a judgement about one child."""

FOREIGN = frozenset(
    {"out_of_scope", "out_of_scope_health", "instructions", "gibberish", "other_language"}
)
"""Intents for what is none of ours."""

URGENT_WISHES = (REQUEST_PERSON, "grief")
"""Intents that decide the whole message wherever they stand in it."""

COURTESIES = frozenset({"greet", "thanks", "okay", "goodbye", "how_are_you", "bare_reply"})
"""Intents that ask nothing of us: the rest of the message decides."""

FALLBACKS = frozenset(
    {FALLBACK, FOLLOW_UP, "bare_reply", "gibberish", "out_of_scope", "instructions"}
)
"""Outcomes after which a second one in a row offers a person instead."""

_WORD_FOR_WORD = 0.985  # So sure is only an entry's own question, which may well hold an "and".
_SPARE = 0.02  # Keeps a few thousandths beside a sure last entry from looking like a choice.
_REFERS_BACK = re.compile(r"\b(?:it|its|that|this|they|them|these|those|there)\b")
_CLEAR = 0.8  # Above it a message means this one thing, a wish for a person beside it or not.
_PLAUSIBLE = 0.01  # Least confidence of an entry that a text taken alone may mean as well.
_WORTH_OFFERING = 0.1  # Least share of what a text without a topic may mean.

Kind = Literal["answer", "intent", "clarify", "none"]


@dataclass(frozen=True)
class Thresholds:
    """Where the zones begin, all on calibrated confidence; `config.yml` says why."""

    answer: float
    person: float
    intent: float
    judgement: float
    foreign: float
    clarify: float
    clarify_each: float
    follow_up: float
    new_topic: float


@dataclass(frozen=True)
class Verdict:
    """What one reading comes to.

    Attributes:
        kind: answer and intent have a `label`, clarify has `choices`, none has neither.
        label: an `ask/…` label or an intent.
        choices: two or three `ask/…` labels.
        confidence: of the label, or of the choices together.
        row: the reading's row in the confidences.
    """

    kind: Kind
    label: str = ""
    choices: tuple[str, ...] = ()
    confidence: float = 0.0
    row: int = 0


@dataclass(frozen=True)
class Outcome:
    """What the bot does in this turn.

    Attributes:
        intent: `ask/…` or an intent that has a rule.
        choices: labels to choose from, on a clarification.
        before: ids of entries answered before it.
        after: ids of entries answered after it.
        candidates: labels with confidence, best first.
        row: the reading that decided.
    """

    intent: str
    choices: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    candidates: tuple[tuple[str, float], ...] = ()
    row: int = 0


@dataclass(frozen=True)
class Neighbourhood:
    """Which entries a follow-up to an entry may mean: near ones first, then its topic."""

    related: Mapping[str, Sequence[str]] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)

    def around(self, entry: str | None) -> frozenset[str]:
        """Return labels of an entry, what it relates to, what relates to it, and its topic."""
        if entry is None or entry not in self.topics:
            return frozenset()
        near = {entry, *self.related.get(entry, ())}
        near |= {other for other, related in self.related.items() if entry in related}
        near |= {other for other, topic in self.topics.items() if topic == self.topics[entry]}
        return frozenset(entry_label(other) for other in near)


def decide(
    readings: Sequence[Reading],
    labels: Sequence[str],
    confidences: Matrix,
    metadata: Metadata,
    neighbourhood: Neighbourhood,
    thresholds: Thresholds,
) -> Outcome:
    """Return what to do with a message.

    Args:
        readings: the whole message first, at least one.
        labels: all labels.
        confidences: shape [n_readings, n_labels], each in [0, 1].
        metadata: what the desk knows.
        neighbourhood: of all entries.
        thresholds: where the zones begin.

    Returns:
        Always an outcome; with nothing to go on, a fallback.
    """
    judge = _Judge(readings, labels, confidences, metadata, neighbourhood, thresholds)
    if metadata.choice in judge.entries:
        sure = ((metadata.choice, 1.0),)
        return Outcome(intent=metadata.choice, candidates=sure)
    outcome = judge.outcome()
    if metadata.fallbacks_in_a_row >= 1 and outcome.intent in FALLBACKS and not outcome.choices:
        return Outcome(FALLBACK_AGAIN, candidates=outcome.candidates, row=outcome.row)
    return outcome


class _Judge:
    """One message on its way to an outcome."""

    def __init__(
        self,
        readings: Sequence[Reading],
        labels: Sequence[str],
        confidences: Matrix,
        metadata: Metadata,
        neighbourhood: Neighbourhood,
        thresholds: Thresholds,
    ) -> None:
        self._readings = readings
        self._labels = labels
        self._confidences = confidences
        self._metadata = metadata
        self._at = thresholds
        self.entries = frozenset(label for label in labels if entry_id(label))
        self._column = {label: at for at, label in enumerate(labels)}
        self._near = neighbourhood.around(metadata.last_entry) & self.entries

    def outcome(self) -> Outcome:
        whole = self._verdict_of_part(-1)
        parts = [self._verdict_of_part(number) for number in self._parts()]
        for verdict in (whole, *parts):
            if verdict.label in URGENT_WISHES:
                return self._outcome(verdict)
        asked = [
            verdict
            for number, verdict in zip(self._parts(), parts, strict=True)
            if self._reading_of(number).is_question
        ]
        return self._several(whole, asked, parts) or self._one(whole, asked, parts)

    def _several(
        self, whole: Verdict, asked: Sequence[Verdict], parts: Sequence[Verdict]
    ) -> Outcome | None:
        """Return an outcome of several messages, or None when there is one thing to say."""
        if whole.kind == "answer" and whole.confidence >= _WORD_FOR_WORD:
            return None
        answers = _distinct(verdict for verdict in asked if verdict.kind == "answer")
        judgement = next((v for v in asked if v.label in JUDGEMENTS), None)
        if judgement and answers:
            at = asked.index(judgement)
            before = [v for v in answers if asked.index(v) < at][: MOST_ANSWERS - 1]
            after = [v for v in answers if asked.index(v) > at]
            return self._outcome(judgement, before, after[: MOST_ANSWERS - 1 - len(before)])
        feeling = next((v for v in parts if v.label == "empathy"), None)
        if feeling and answers:
            return self._outcome(feeling, after=answers[:MOST_ANSWERS])
        if len(answers) > 1:
            return self._outcome(answers[0], after=answers[1:MOST_ANSWERS])
        return None

    def _one(self, whole: Verdict, asked: Sequence[Verdict], parts: Sequence[Verdict]) -> Outcome:
        """Return the outcome of a message that says one thing."""
        telling = [v for v in asked if v.kind in ("answer", "intent")]
        telling = [v for v in telling if v.label not in COURTESIES]
        judgement = next((v for v in (*telling, whole) if v.label in JUDGEMENTS), None)
        if judgement:
            return self._outcome(judgement)
        if whole.kind == "answer":
            best = max([whole, *telling], key=lambda v: v.confidence)
            return self._outcome(best)
        if telling:
            return self._outcome(max(telling, key=lambda v: v.confidence))
        if whole.kind == "none" and parts:
            unclear = [v for v in parts if v.kind != "none" and v.label not in COURTESIES]
            polite = [v for v in parts if v.kind == "intent"]
            chosen = max(unclear or polite or [whole], key=lambda v: v.confidence)
            return self._outcome(chosen)
        return self._outcome(whole)

    def _parts(self) -> list[int]:
        return sorted({reading.part for reading in self._readings if reading.part >= 0})

    def _reading_of(self, part: int) -> Reading:
        return self._readings[self._row(part)]

    def _row(self, part: int, is_context: bool = False) -> int:
        """Return the row of a part's own reading or of the one in context; -1 without."""
        for row, reading in enumerate(self._readings):
            if reading.part == part and (reading.role in ("context", "joined")) == is_context:
                return row
        return -1

    def _verdict_of_part(self, part: int) -> Verdict:
        row = self._row(part)
        own = self._verdict(row)
        in_context = self._row(part, is_context=True)
        if in_context >= 0:
            return self._in_context(own, row, in_context)
        return self._without_past(row) if own.label == FOLLOW_UP else own

    def _in_context(self, own: Verdict, row: int, in_context: int) -> Verdict:
        """Return the verdict on a reading that may refer to what came before."""
        reading = self._readings[row]
        if self._readings[in_context].role == "joined":
            joined = self._verdict(in_context)
            return own if own.kind == "answer" and reading.has_topic else joined
        if not reading.has_topic:
            may_refer = own.label == FOLLOW_UP or own.kind in ("answer", "none")
            return self._follow_up(in_context, self.entries) if may_refer else own
        meant = self._follow_up(in_context, self._near)
        is_meant = meant.kind == "answer" and self._leaves_room_for(own, row, meant.label)
        return meant if is_meant else own

    def _leaves_room_for(self, own: Verdict, row: int, label: str) -> bool:
        """Say whether a text with a topic may mean an entry around the last one all the same.

        "What are the side effects?" may: taken alone it also points there a little. "What should
        I do about a fever?" may not, whatever was said before.
        """
        is_open = own.kind in ("none", "clarify") or (
            own.kind == "answer" and own.confidence < self._at.new_topic
        )
        points_there = self._confidence(row, label) >= _PLAUSIBLE or (
            own.kind == "none" and bool(_REFERS_BACK.search(self._readings[row].text))
        )
        return is_open and own.label not in self._near and points_there

    def _follow_up(self, row: int, among: frozenset[str]) -> Verdict:
        """Return which entry a follow-up means, or two or three to choose from.

        The last entry itself is left out: it was just read. Its title stands before the text, so
        it would win whenever nothing else does.
        """
        last = entry_label(self._metadata.last_entry or "")
        room = 1 - self._confidence(row, last) + _SPARE
        meant = sorted(among - {last}, key=lambda label: (-self._confidence(row, label), label))
        found = [(label, self._confidence(row, label) / room) for label in meant[:3]]
        if found and found[0][1] >= self._at.follow_up:
            return Verdict("answer", found[0][0], (), found[0][1], row)
        if len(found) < 2:
            return Verdict("intent", FOLLOW_UP, (), 0.0, row)
        return Verdict("clarify", FOLLOW_UP, tuple(label for label, _ in found), 0.0, row)

    def _without_past(self, row: int) -> Verdict:
        """Return two or three entries that a text without a topic may mean, if there are any."""
        confidences = self._confidences[row]
        room = 1 - self._confidence(row, FOLLOW_UP) + 1e-6
        best = [self._labels[at] for at in np.argsort(-confidences, kind="stable")[:6]]
        choices = [
            label
            for label in best
            if label in self.entries and self._confidence(row, label) / room >= _WORTH_OFFERING
        ][:3]
        if len(choices) < 2:
            return Verdict("intent", FOLLOW_UP, (), self._confidence(row, FOLLOW_UP), row)
        return Verdict("clarify", FOLLOW_UP, tuple(choices), 0.0, row)

    def _confidence(self, row: int, label: str) -> float:
        return sum(float(self._confidences[row, at]) for at in self._columns([label]))

    def _columns(self, labels: Iterable[str]) -> list[int]:
        return [self._column[label] for label in labels if label in self._column]

    def _verdict(self, row: int) -> Verdict:
        confidences = self._confidences[row]
        order = np.argsort(-confidences, kind="stable")
        label, confidence = self._labels[order[0]], float(confidences[order[0]])
        wish = self._confidence(row, REQUEST_PERSON)
        if wish >= self._at.person and confidence < _CLEAR:
            return Verdict("intent", REQUEST_PERSON, (), wish, row)
        if entry_id(label) and confidence >= self._at.answer:
            return Verdict("answer", label, (), confidence, row)
        if entry_id(label) is None and confidence >= self._at.intent:
            return Verdict("intent", label, (), confidence, row)
        for group, least in ((JUDGEMENTS, self._at.judgement), (FOREIGN, self._at.foreign)):
            together = self._together(group, confidences)
            if together.confidence >= least:
                return replace(together, row=row)
        return self._unclear(order, confidences, row)

    def _together(self, group: frozenset[str], confidences: Matrix) -> Verdict:
        """Return the likeliest intent of a group with the chance of the whole group."""
        own = [
            (float(confidences[at]), label)
            for at, label in enumerate(self._labels)
            if label in group
        ]
        _, best = max(own, default=(0.0, ""))
        return Verdict("intent", best, (), sum(chance for chance, _ in own))

    def _unclear(self, order: Numbers, confidences: Matrix, row: int) -> Verdict:
        """Return a clarification between two or three entries, or nothing."""
        best = [at for at in order[:4] if confidences[at] >= self._at.clarify_each]
        choices = tuple(self._labels[at] for at in best if entry_id(self._labels[at]))[:3]
        together = float(sum(confidences[at] for at in best if entry_id(self._labels[at])))
        if len(choices) >= 2 and together >= self._at.clarify:
            return Verdict("clarify", CLARIFY, choices, min(together, 1.0), row)
        return Verdict("none", FALLBACK, (), 0.0, row)

    def _outcome(
        self, verdict: Verdict, before: Sequence[Verdict] = (), after: Sequence[Verdict] = ()
    ) -> Outcome:
        return Outcome(
            intent=verdict.label,
            choices=verdict.choices,
            before=_ids(before),
            after=_ids(after),
            candidates=self._candidates(verdict),
            row=verdict.row,
        )

    def _candidates(self, verdict: Verdict) -> tuple[tuple[str, float], ...]:
        confidences = self._confidences[verdict.row]
        order = np.argsort(-confidences, kind="stable")[:MOST_CANDIDATES]
        return tuple((self._labels[at], float(confidences[at])) for at in order)


def _distinct(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts in order, the first one of each label."""
    return list({verdict.label: verdict for verdict in reversed(list(verdicts))}.values())[::-1]


def _ids(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    return tuple(found for verdict in verdicts if (found := entry_id(verdict.label)))
