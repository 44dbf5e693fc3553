"""Says what a message means after the entry just shown: "how long does it take?"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.components.follow_ups import FollowUps
from bot.components.label_model import EVIDENCE
from bot.components.labels import Labels
from bot.components.readings import Beside, Reading
from bot.names import FOLLOW_UP, entry_label
from encoder.arrays import Matrix, Numbers

FEATURES = (
    "own", "after_title", "with_subject", "of_item", "own_around", "after_title_around",
    "with_subject_around", "of_item_around", "relates", "related_by", "same_topic", "same",
    "asked_here", "asked_near",
)  # fmt: skip
"""What speaks for a label, beside what the text looks like."""

LOOKS = (
    "always", "no_topic", "refers_back", "short", "like_follow_up", "sure_alone", "points", "asks",
)  # fmt: skip
"""What a text looks like, each in [0, 1]; every feature is weighed anew under each."""

READ = ("own", "after_title", "with_subject", "of_item")
"""How a text is read: alone, behind the last entry's title, before what that is about, and with
what it points at in the answer."""

# Raw evidence speaks, too: a chance near 0 or 1 hides what it rests on.
_EVIDENCE_UNDER = ("always", "no_topic")

_NONE = ("always", "own", "after_title")
_LEAST = np.float32(1e-3)  # Below it a chance says no more than "not this one".
_LEAST_AROUND = np.float32(1e-6)  # Less than this around the last entry says nothing of it.
_SPARE = 0.02  # Keeps a few thousandths beside a sure last entry from looking like a choice.
_SHORT_WORDS = 6
_REFERS_BACK = re.compile(
    r"\b(?:it|its|that|this|they|them|these|those|there|one|ones|then|so|he|she)\b"
    r"|^(?:and|but|or|what about|how about|ok|also)\b"
)


@dataclass(frozen=True)
class Neighbourhood:
    """Which entries belong together: what an entry names as related, and its topic."""

    related: Mapping[str, Sequence[str]] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)

    def relates(self, entry: str) -> Iterable[str]:
        """Return the entries that an entry names."""
        return self.related.get(entry, ())

    def related_by(self, entry: str) -> Iterable[str]:
        """Return the entries that name an entry."""
        return (other for other, related in self.related.items() if entry in related)

    def same_topic(self, entry: str) -> Iterable[str]:
        """Return the entries of an entry's topic."""
        return (other for other, topic in self.topics.items() if topic == self.topics.get(entry))


@dataclass(frozen=True)
class InContext:
    """One text after an entry.

    Attributes:
        reading: the text alone.
        last: id of the entry shown before.
        chances: of all labels, in the four ways that `READ` names, shape [4, n_labels]; the last
            is 0 for a text that points at nothing.
        evidence: what they rest on, shape [4, n_labels, len(EVIDENCE)].
        vector: embedding of the text alone, of unit length, shape [n_dims].
    """

    reading: Reading
    last: str
    chances: Matrix
    evidence: Matrix
    vector: Matrix

    @classmethod
    def of(
        cls,
        readings: Sequence[Reading],
        row: int,
        beside: Beside,
        last: str,
        chances: Matrix,
        evidence: Matrix,
        vectors: Matrix,
    ) -> InContext:
        """Gather what all readings of a text say.

        Args:
            readings: of the message.
            row: the text alone.
            beside: the text beside the entry.
            last: id of the entry.
            chances: shape [n_readings, n_labels].
            evidence: shape [n_readings, n_labels, len(EVIDENCE)].
            vectors: unit rows, shape [n_readings, n_dims].
        """
        rows, items = [row, beside.behind, beside.with_subject], list(beside.items)
        of_items = [
            found[items].max(axis=0) if items else np.zeros_like(found[0])
            for found in (chances, evidence)
        ]
        return cls(
            readings[row],
            last,
            np.concatenate([chances[rows], of_items[0][None]]),
            np.concatenate([evidence[rows], of_items[1][None]]),
            vectors[row],
        )

    @property
    def own(self) -> Matrix:
        """The chances of the text alone, shape [n_labels]."""
        return self.chances[0]

    @property
    def points(self) -> bool:
        """Whether the text points at something in the last answer."""
        return bool(self.chances[-1].any())


class ContextModel:
    """A choice model over all labels and "none", as `Ranker`, with the last entry as evidence.

    A text that means something by itself keeps its meaning; one that does not gets it from what
    the last entry relates to. Which is which is weighed, not ruled; the weights are fitted by
    `python -m bot.fit_context` on follow-ups and on questions put behind an entry they have
    nothing to do with.

    Source: conditional logit, McFadden (1974).
    """

    def __init__(
        self,
        labels: Sequence[str],
        neighbourhood: Neighbourhood,
        weights: Matrix,
        follow_ups: FollowUps,
    ) -> None:
        """Put a model together.

        Args:
            labels: all labels, in the order of the chances.
            neighbourhood: of all entries.
            weights: shape [n_weights], as `inputs` and `inputs_of_none` lay them out.
            follow_ups: what is asked after each entry.

        Raises:
            ValueError: another number of weights.
        """
        if weights.shape != (n_weights(),):
            raise ValueError(f"a context model has {n_weights()} weights, not {weights.shape}")
        known = Labels.of(labels)
        self._column = known.column
        self._is_entry = known.is_entry.astype(np.float32)
        self._neighbourhood = neighbourhood
        self._weights = weights
        self._follow_ups = follow_ups.among(known)

    def chances(self, message: InContext) -> Matrix:
        """Return the chance of each label, shape [n_labels]; what is missing is that of none."""
        inputs, of_none = self.inputs(message), self.inputs_of_none(message)
        cut = inputs.shape[1]
        strengths = inputs @ self._weights[:cut]
        if FOLLOW_UP in self._column:  # It says that there must be a past, and there is one.
            strengths[self._column[FOLLOW_UP]] = -np.inf
        none = float(of_none @ self._weights[cut:])
        highest = max(float(strengths.max()), none)
        raised = np.exp(strengths - highest)
        chances: Matrix = raised / (raised.sum() + np.exp(none - highest))
        return chances

    def inputs(self, message: InContext) -> Matrix:
        """Return what speaks for each label, shape [n_labels, n_inputs]."""
        looks = self._looks(message)
        features = np.stack(
            [
                np.log(message.own + _LEAST),
                *(self._without_last(message, chances) for chances in message.chances[1:]),
                *(self._around_last(message, chances) for chances in message.chances),
                self._marked(message, self._neighbourhood.relates(message.last)),
                self._marked(message, self._neighbourhood.related_by(message.last)),
                self._marked(message, self._neighbourhood.same_topic(message.last)),
                self._one_hot(message.last),
                self._follow_ups.nearest(message.vector, [message.last]),
                self._follow_ups.nearest(message.vector, self._around(message.last)),
            ]
        )
        every = (looks[:, None, None] * features[None]).reshape(-1, features.shape[1])
        of_entry = looks[:, None] * self._is_entry[None]
        evidence = self._evidence(message)
        shown = [looks[LOOKS.index(name)] * evidence for name in _EVIDENCE_UNDER]
        inputs: Matrix = np.concatenate([every, of_entry, *shown]).T
        return inputs

    def inputs_of_none(self, message: InContext) -> Matrix:
        """Return what speaks for none of the labels, shape [n_inputs_of_none]."""
        left = [1.0] + [
            float(np.log(max(1 - float(chances.sum()), 0.0) + _LEAST))
            for chances in message.chances[:2]
        ]
        inputs: Matrix = np.outer(self._looks(message), left).ravel().astype(np.float32)
        return inputs

    def _looks(self, message: InContext) -> Matrix:
        follow_up, reading = self._column.get(FOLLOW_UP), message.reading
        return np.array(
            [
                1.0,
                not reading.has_topic,
                bool(_REFERS_BACK.search(reading.text)),
                len(reading.text.split()) <= _SHORT_WORDS,
                0.0 if follow_up is None else message.own[follow_up],
                float((message.own * self._is_entry).max()),
                message.points,
                reading.is_question,
            ],
            np.float32,
        )

    def _without_last(self, message: InContext, chances: Matrix) -> Matrix:
        """Return the logarithm of what the last entry leaves over; its title always names it.

        Where nothing was read there is nothing to say: 0 for all.
        """
        if not chances.any():
            return chances
        last = self._column.get(entry_label(message.last), -1)
        others = chances.copy()
        room = 1 + _SPARE - (float(chances[last]) if last >= 0 else 0.0)
        for at in (last, self._column.get(FOLLOW_UP, -1)):
            if at >= 0:
                others[at] = 0.0
        logarithm: Matrix = np.log(np.minimum(others / room, 1.0) + _LEAST)
        return logarithm

    def _evidence(self, message: InContext) -> Matrix:
        """Return the evidence above that of the least likely label, shape [n_kinds, n_labels].

        The last entry's title speaks for the last entry wherever it stands: there, nothing does.
        """
        evidence = message.evidence - message.evidence.min(axis=1, keepdims=True)
        last = self._column.get(entry_label(message.last), -1)
        if last >= 0:
            evidence[1:, last] = 0.0
        by_kind: Matrix = evidence.transpose(0, 2, 1).reshape(-1, evidence.shape[1])
        return by_kind

    def _around_last(self, message: InContext, chances: Matrix) -> Matrix:
        """Return the logarithm of the share among the entries around the last, 0 elsewhere.

        "What are the side effects?" alone is plainly about chemo; around CAR T one entry has all.
        """
        if not chances.any():
            return chances
        around = self._marked(message, self._around(message.last))
        own = chances * around
        logarithm: Matrix = np.log(own / (own.sum() + _LEAST_AROUND) + _LEAST) * around
        return logarithm

    def _around(self, last: str) -> list[str]:
        """Return the entries around an entry, without itself, each once."""
        near = self._neighbourhood
        found = [*near.relates(last), *near.related_by(last), *near.same_topic(last)]
        return [entry for entry in dict.fromkeys(found) if entry != last]

    def _marked(self, message: InContext, entries: Iterable[str]) -> Matrix:
        marks = np.zeros(len(self._column), np.float32)
        columns: Numbers = np.array(
            [self._column[entry_label(e)] for e in entries if entry_label(e) in self._column],
            np.int64,
        )
        marks[columns] = 1.0
        return marks * (1 - self._one_hot(message.last))

    def _one_hot(self, entry: str) -> Matrix:
        marks = np.zeros(len(self._column), np.float32)
        if entry_label(entry) in self._column:
            marks[self._column[entry_label(entry)]] = 1.0
        return marks


def n_weights() -> int:
    """Return how many weights a model has."""
    of_evidence = len(_EVIDENCE_UNDER) * len(READ) * len(EVIDENCE)
    return len(LOOKS) * (len(FEATURES) + 1 + len(_NONE)) + of_evidence
