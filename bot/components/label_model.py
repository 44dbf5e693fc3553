"""What speaks for each label: two classifiers, the nearest examples, and the answers' own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from bot.components.features import (
    LetterFeatures,
    Postings,
    Projection,
    WordFeatures,
    sparse_arrays,
    sparse_rows,
    stacked,
)
from bot.components.labels import Labels
from bot.components.naive_bayes import NaiveBayes
from bot.components.regression import fit_regression, softmax
from bot.components.rows import EightBitRows
from encoder.arrays import Matrix, Numbers

Embeddings = Mapping[str, Matrix]
"""Encoder name to unit rows, shape [n_texts, n_dims]."""

EVIDENCE = (
    "regression", "nearest", "nearest_evened", "neighbours", "nearest_words", "passage",
    "passage_words", "words",
)  # fmt: skip
"""What speaks for a label, in the order of the last axis of `LabelModel.evidence`."""

LEAST_SHARE = 1e-3
"""Below this a share says no more than "not this one"."""

SHARES = tuple(map(EVIDENCE.index, ("regression", "neighbours", "words")))
"""Places of the evidence that is `log(share + LEAST_SHARE)`; the shares of a text add up to 1."""

_BLOCK = 256  # Texts judged together; what they are compared to takes a line for each.
_NEIGHBOURS_STEEP = 25.0  # An example a tenth further away has a twelfth of the vote.


@dataclass(frozen=True)
class FitSettings:
    """How to fit; `LabelSelector.get_default_config` says why each number is what it is."""

    regularisation: float
    steps: int
    letter_dims: int
    letter_weight: float
    passage_weight: float
    nearest_dims: int
    seed: int = 7


@dataclass(frozen=True)
class Examples:
    """Texts with their labels: questions people ask, and passages of the answers to them.

    Attributes:
        texts: normalised, n_texts of them.
        embeddings: for each encoder, unit rows, shape [n_texts, n_dims].
        labels: shape [n_texts].
        is_passage: shape [n_texts].
    """

    texts: Sequence[str]
    embeddings: Embeddings
    labels: np.ndarray[Any, Any]
    is_passage: np.ndarray[Any, np.dtype[np.bool_]]

    def only(self, chosen: np.ndarray[Any, Any]) -> Examples:
        """Return some of the examples, by number or by mask."""
        numbers = np.arange(len(self.texts))[chosen]
        return Examples(
            [self.texts[at] for at in numbers],
            {name: rows[numbers] for name, rows in self.embeddings.items()},
            self.labels[numbers],
            self.is_passage[numbers],
        )


class LabelModel:
    """Gathers evidence for every label; `Ranker` weighs it.

    One regression over both embeddings and letters says which label it is most like, naive Bayes
    whose words it has. The nearest examples say whether it is like any at all. The answers' own
    passages speak for what a question asks about and no example names.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Put a model together from what `fit` computed or `load` read."""
        self._arrays = dict(arrays)
        self.labels = Labels(str(label) for label in arrays["labels"])
        self._letters = LetterFeatures.from_arrays(arrays)
        self._words = WordFeatures.from_arrays(arrays)
        self._naive_bayes = NaiveBayes.from_arrays(arrays)
        self._projection = Projection(arrays["directions"], arrays["spread"])
        self._letter_weight = float(arrays["letter_weight"])
        self._questions = EightBitRows.from_arrays(arrays, "questions")
        self._passages = EightBitRows.from_arrays(arrays, "passages")
        self._questions_words = Postings(sparse_rows(arrays, "questions_words"))
        self._answers_words = Postings(sparse_rows(arrays, "answers_words"))
        self._questions_of = _Spans.of(arrays["questions_of"])
        self._passages_of = _Spans.of(arrays["passages_of"])

    @classmethod
    def fit(cls, examples: Examples, settings: FitSettings) -> LabelModel:
        """Return a model fitted to examples.

        Raises:
            ValueError: questions of fewer than two labels, or a passage of a label without any.
        """
        labels, _ = np.unique(examples.labels[~examples.is_passage], return_index=True)
        if len(labels) < 2:
            raise ValueError("a selector needs examples of at least two labels")
        ordered = examples.only(np.argsort(examples.labels, kind="stable"))
        if not set(ordered.labels) <= set(labels):
            raise ValueError("every passage needs a question with the same label")
        targets = np.searchsorted(labels, ordered.labels)
        rows = stacked(ordered.embeddings)
        letters, in_letters = LetterFeatures.fit(ordered.texts, settings.letter_dims, settings.seed)
        words, in_words = WordFeatures.fit(ordered.texts)
        projection = Projection.fit(rows, settings.nearest_dims)
        inputs = _inputs(ordered.embeddings, in_letters, settings.letter_weight)
        weights = fit_regression(
            inputs,
            targets,
            _importance(targets, ordered.is_passage, settings.passage_weight),
            settings.regularisation,
            settings.steps,
        )
        question, passage = ~ordered.is_passage, ordered.is_passage
        questions = [text for text, asks in zip(ordered.texts, question, strict=True) if asks]
        near = projection.transform(rows)
        return cls(
            {
                "labels": labels,
                "weights": weights,
                "letter_weight": np.array(settings.letter_weight),
                "directions": projection.directions,
                "spread": projection.spread,
                **EightBitRows.of(near[question]).arrays("questions"),
                "evened_lengths": projection.evened_lengths(near[question]),
                "questions_of": targets[question],
                **EightBitRows.of(near[passage]).arrays("passages"),
                "passages_of": targets[passage],
                **letters.arrays(),
                **words.arrays(),
                **NaiveBayes.fit(questions, targets[question], len(labels)).arrays(),
                **sparse_arrays("questions_words", in_words[question]),
                **sparse_arrays(
                    "answers_words", _documents(in_words[passage], targets[passage], len(labels))
                ),
            }
        )

    def evidence(self, texts: Sequence[str], embeddings: Embeddings) -> Matrix:
        """Return what speaks for each label, shape [n_texts, n_labels, len(EVIDENCE)].

        Args:
            texts: normalised.
            embeddings: for each encoder, unit rows, shape [n_texts, n_dims].
        """
        blocks = [
            self._evidence(
                texts[at : at + _BLOCK],
                {name: rows[at : at + _BLOCK] for name, rows in embeddings.items()},
            )
            for at in range(0, max(len(texts), 1), _BLOCK)
        ]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _evidence(self, texts: Sequence[str], embeddings: Embeddings) -> Matrix:
        weights = self._arrays["weights"]
        inputs = _inputs(embeddings, self._letters.transform(texts), self._letter_weight)
        shares = softmax(inputs @ weights[:-1] + weights[-1])
        near = self._projection.transform(stacked(embeddings))
        # Both searches in one go: to read all questions takes longer than to multiply them.
        both = self._questions.products(np.vstack([near, self._projection.evening(near)]))
        plain, evened = both[: len(texts)], both[len(texts) :] / self._arrays["evened_lengths"]
        words = self._words.transform(texts)
        in_questions = self._questions_words.similarities(words)
        best = self._best
        return np.stack(
            [
                np.log(shares + LEAST_SHARE),
                best(plain, self._questions_of),
                best(evened, self._questions_of),
                np.log(self._votes(evened) + LEAST_SHARE),
                best(in_questions, self._questions_of),
                best(self._passages.products(near), self._passages_of),
                self._answers_words.similarities(words),
                np.log(self._naive_bayes.shares(texts) + LEAST_SHARE),
            ],
            axis=-1,
        )

    def has_passages(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say of each label whether it has an answer to speak for it, shape [n_labels]."""
        return np.isin(np.arange(len(self.labels)), self._arrays["passages_of"])

    def save(self, file: Path) -> None:
        """Store the model as arrays; nothing in the file can run."""
        np.savez(file, **self._arrays)

    @classmethod
    def load(cls, file: Path) -> LabelModel:
        """Return a stored model.

        Raises:
            OSError: there is no such file.
            ValueError: the file is something else.
        """
        with np.load(file, allow_pickle=False) as stored:
            return cls(dict(stored))

    def _best(self, similarities: Matrix, spans: _Spans) -> Matrix:
        """Return each label's best similarity, 0 at least, shape [n_texts, n_labels]."""
        best = np.zeros((len(similarities), len(self.labels)), np.float32)
        if len(spans.starts):
            found = np.maximum.reduceat(similarities, spans.starts, axis=1)
            best[:, spans.labels] = np.maximum(found, 0.0)
        return best

    def _votes(self, similarities: Matrix) -> Matrix:
        """Return each label's share of the votes of all questions, shape [n_texts, n_labels].

        The nearer a question, the more its vote counts.
        """
        votes = np.exp(_NEIGHBOURS_STEEP * (similarities - similarities.max(axis=1, keepdims=True)))
        shares = np.zeros((len(similarities), len(self.labels)), np.float32)
        spans = self._questions_of
        shares[:, spans.labels] = np.add.reduceat(votes, spans.starts, axis=1)
        of_all: Matrix = shares / votes.sum(axis=1, keepdims=True)
        return of_all


@dataclass(frozen=True)
class _Spans:
    """Where the examples of each label begin, the examples being sorted by label."""

    labels: Numbers
    starts: Numbers

    @classmethod
    def of(cls, label_of: Numbers) -> _Spans:
        return cls(*np.unique(label_of, return_index=True))


def _inputs(embeddings: Embeddings, in_letters: Matrix, weight: float) -> Matrix:
    """Return the regression's input rows: all embeddings, then the weighted letters."""
    dense = [embeddings[name] for name in sorted(embeddings)]
    rows: Matrix = np.hstack([*dense, np.float32(weight) * in_letters])
    return rows


def _importance(
    targets: Numbers, is_passage: np.ndarray[Any, np.dtype[np.bool_]], passage_weight: float
) -> Matrix:
    """Return how much each example counts in the regression, shape [n_texts].

    A label with many questions counts for more than one with few, but not in proportion: how many
    examples somebody wrote says little about how often families ask.
    """
    questions = np.bincount(targets[~is_passage], minlength=int(targets.max()) + 1)
    weights = np.sqrt(10.0 / np.maximum(questions, 1))[targets]
    weights[is_passage] = passage_weight
    return weights.astype(np.float32)


def _documents(passages: csr_matrix, label_of: Numbers, n_labels: int) -> csr_matrix:
    """Return each label's passages as one unit row of words, shape [n_labels, n_words]."""
    places = (np.ones(len(label_of), np.float32), (label_of, np.arange(len(label_of))))
    gather = csr_matrix(places, shape=(n_labels, len(label_of)))
    together = (gather @ passages).tocsr()
    norms = np.sqrt(together.multiply(together).sum(axis=1)).A.ravel()
    scale = csr_matrix(
        (1 / np.maximum(norms, 1e-9), (np.arange(n_labels), np.arange(n_labels))),
        shape=(n_labels, n_labels),
    )
    return (scale @ together).astype(np.float32).tocsr()
