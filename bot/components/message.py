"""Says what a message means as one, from its reading as a whole and those of its parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.components.label_model import EVIDENCE
from bot.components.readings import Reading
from bot.names import (
    COURTESIES,
    FOLLOW_UP,
    FOREIGN,
    JUDGEMENTS,
    LIVE_FACTS,
    REQUEST_PERSON,
    entry_id,
)
from encoder.arrays import Matrix

_LEAST = np.float32(1e-3)  # Below it a chance says no more than "not this one".
_STORY_WORDS = 60  # A message of so many words is a story in full.
_CHANCES = ("whole", "best_question", "last_question", "questions", "best_part")
_OF_A_STORY = ("whole", "best_question", "last_question")
_PLAIN = 0.7  # So sure, a greeting is one: there are few to learn from.
_MOST = np.float32(0.98)  # Nothing but a training question, word for word, is surer.
_GROUPS = ("judgement", "person", "foreign", "entry", "follow_up", "spoken", "none")


class MessageModel:
    """A choice model over all labels and "none", as `Ranker`, for a message with all its parts.

    A short question is best read whole. In a long message the question may be one sentence of
    five, and the rest says who asks. Which reading counts for how much is weighed, not ruled.
    The weights are fitted by `python -m bot.fit_message` to messages that were written apart from
    the training questions, so they also mend what `Ranker` cannot learn from held-out training
    questions: how far real messages are from what somebody thought of.

    Source: conditional logit, McFadden (1974).
    """

    def __init__(self, labels: Sequence[str], weights: Matrix) -> None:
        """Put a model together.

        Args:
            labels: all labels, in the order of the chances.
            weights: shape [n_weights], as `inputs` lays them out.

        Raises:
            ValueError: another number of weights.
        """
        if weights.shape != (n_weights(),):
            raise ValueError(f"a message model has {n_weights()} weights, not {weights.shape}")
        self._weights = weights
        groups = [*map(_group_of, labels), "none"]
        self._groups = np.array(
            [[group == name for name in _GROUPS] for group in groups], np.float32
        )
        self._is_entry = self._groups[:, [_GROUPS.index("entry")]]
        self._is_plain = [label in COURTESIES | LIVE_FACTS for label in labels]

    def chances(self, readings: Sequence[Reading], chances: Matrix, evidence: Matrix) -> Matrix:
        """Return the chance of each label for the message, shape [n_labels].

        What is missing to 1 is the chance of none. A plain greeting, or "are you open?", keeps its
        chances where it is all that is said, beside the last entry, too; and so does any message
        while no label is an entry's.

        Args:
            readings: the whole message first.
            chances: of the readings, shape [n_readings, n_labels].
            evidence: of the readings, shape [n_readings, n_labels, len(EVIDENCE)].
        """
        best = int(chances[0].argmax())
        is_plain = self._is_plain[best] and chances[0, best] >= _PLAIN
        is_one = all(reading.part < 0 for reading in readings)
        if not self._is_entry.any() or (is_plain and is_one):
            return chances[0]
        strengths = self.inputs(readings, chances, evidence) @ self._weights
        raised = np.exp(strengths - strengths.max())
        found: Matrix = _MOST * (raised / raised.sum())[:-1]
        return found

    def inputs(self, readings: Sequence[Reading], chances: Matrix, evidence: Matrix) -> Matrix:
        """Return what speaks for each label and, last, for none; [n_labels + 1, n_weights]."""
        parts = [row for row, reading in enumerate(readings) if reading.role == "part"]
        asking = [row for row in parts if readings[row].is_question] or parts
        is_one, is_several = np.float32(not parts), np.float32(bool(parts))
        words = len(readings[0].text.split())
        story = is_several * np.float32(min(words / _STORY_WORDS, 1.0))
        whole = np.log(_with_none(chances[[0]])[0] + _LEAST)
        found = {"whole": whole}
        if parts:
            questions = _with_none(chances[asking])
            found["best_question"] = np.log(questions.max(axis=0) + _LEAST)
            found["last_question"] = np.log(questions[-1] + _LEAST)
            found["questions"] = np.log(questions.mean(axis=0) + _LEAST)
            found["best_part"] = np.log(_with_none(chances[parts]).max(axis=0) + _LEAST)
        of_whole = _evidence_with_none(evidence[0])
        of_questions = _evidence_with_none(evidence[asking].max(axis=0)) if parts else of_whole
        columns = [
            (whole * is_one)[:, None],
            *((found.get(name, whole) * is_several)[:, None] for name in _CHANCES),
            *((found.get(name, whole) * story)[:, None] for name in _OF_A_STORY),
            *(self._groups * size for size in (is_one, is_several, story)),
            of_whole * is_several,
            of_questions * is_several,
            of_whole * self._is_entry * is_one,
            of_whole * self._is_entry * is_several,
            of_questions * self._is_entry * is_several,
        ]
        inputs: Matrix = np.concatenate(columns, axis=1).astype(np.float32)
        return inputs


def _group_of(label: str) -> str:
    if entry_id(label) is not None:
        return "entry"
    if label == FOLLOW_UP:
        return "follow_up"
    if label in JUDGEMENTS:
        return "judgement"
    if label in FOREIGN:
        return "foreign"
    return "person" if label == REQUEST_PERSON else "spoken"


def n_weights() -> int:
    """Return how many weights a model has."""
    return 1 + len(_CHANCES) + len(_OF_A_STORY) + 3 * len(_GROUPS) + 5 * len(EVIDENCE)


def _with_none(chances: Matrix) -> Matrix:
    none = np.maximum(1 - chances.sum(axis=1, keepdims=True), 0)
    return np.concatenate([chances, none], axis=1)


def _evidence_with_none(evidence: Matrix) -> Matrix:
    """Return evidence with a row for none, for which nothing speaks more than for the least."""
    return np.concatenate([evidence, evidence.min(axis=0, keepdims=True)])
