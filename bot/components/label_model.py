"""The model behind the selector: which label a text belongs to, in numpy alone once trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.regression import Matrix, Numbers, fit_regression, softmax

Features = dict[str, Matrix]
"""Feature name to matrix, shape [n_texts, n_dims], rows of unit length."""

NGRAMS = "ngrams"
_SMALL = 1e-9


@dataclass(frozen=True)
class FitSettings:
    """How to fit; `config.yml` says why each number is what it is."""

    regularisation: float
    ngram_dims: int
    nearest_share: float
    steps: int = 20
    seed: int = 7


class NgramFeatures:
    """Character n-grams of 2 to 5 inside words, TF-IDF weighted, projected to few dimensions.

    The projection makes the third regression as quick to fit as the other two: over the raw
    n-grams it took six times as long and was right as often.
    """

    def __init__(self, vectorizer: TfidfVectorizer, projection: Matrix) -> None:
        self._vectorizer = vectorizer
        self._projection = projection  # [n_ngrams, n_dims]

    @classmethod
    def fit(cls, texts: Sequence[str], dims: int, seed: int) -> NgramFeatures:
        vectorizer = _vectorizer()
        counts = vectorizer.fit_transform(texts)
        dims = min(dims, min(counts.shape) - 1)
        projection = TruncatedSVD(max(dims, 1), random_state=seed).fit(counts).components_.T
        return cls(vectorizer, projection.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, shape [n_texts, n_dims]; zeros where no n-gram is known."""
        rows = np.asarray(self._vectorizer.transform(texts) @ self._projection, dtype=np.float32)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Matrix = rows / np.maximum(norms, _SMALL)
        return unit

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        vocabulary = self._vectorizer.vocabulary_
        return {
            "ngram_names": np.array(sorted(vocabulary, key=vocabulary.__getitem__)),
            "ngram_idf": self._vectorizer.idf_,
            "ngram_projection": self._projection,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray[Any, Any]]) -> NgramFeatures:
        names = [str(name) for name in arrays["ngram_names"]]
        vectorizer = _vectorizer(vocabulary={name: at for at, name in enumerate(names)})
        vectorizer.idf_ = arrays["ngram_idf"]
        return cls(vectorizer, arrays["ngram_projection"])


class LabelModel:
    """Three regressions averaged, blended with the similarity to each label's nearest example.

    The regressions (one over each sentence embedding, one over character n-grams) say which
    label; the similarity to the nearest training example says whether it is any of them.
    """

    def __init__(
        self,
        labels: Sequence[str],
        weights: Mapping[str, Matrix],
        examples: Mapping[str, Matrix],
        starts: Numbers,
        ngrams: NgramFeatures,
        nearest_share: float,
    ) -> None:
        """Put a fitted model together; see `fit` and `load`.

        Args:
            labels: sorted, n_labels of them.
            weights: for each feature, shape [n_dims + 1, n_labels], the intercept last.
            examples: for each embedding, shape [n_examples, n_dims], ordered by label.
            starts: first example of each label, shape [n_labels].
            ngrams: the n-gram features.
            nearest_share: share of the nearest example in the score, from 0 to 1.
        """
        self.labels = list(labels)
        self._weights = dict(weights)
        self._examples = dict(examples)
        self._starts = starts
        self._ngrams = ngrams
        self._nearest_share = nearest_share
        # One matrix product for all embeddings: the mean of their similarities.
        self._stacked = np.hstack([examples[name] for name in sorted(examples)]) / len(examples)

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        embeddings: Features,
        labels: Sequence[str],
        settings: FitSettings,
    ) -> LabelModel:
        """Return a model fitted to examples.

        Args:
            texts: normalised examples, n_examples of them.
            embeddings: for each encoder, unit rows, shape [n_examples, n_dims].
            labels: the label of each example, at least two different ones.
            settings: how to fit.

        Raises:
            ValueError: fewer than two labels.
        """
        order = np.argsort(np.array(labels), kind="stable")
        ordered = np.array(labels)[order]
        known, starts, targets = np.unique(ordered, return_index=True, return_inverse=True)
        if len(known) < 2:
            raise ValueError("a selector needs examples of at least two labels")
        ordered_texts = [texts[at] for at in order]
        ngrams = NgramFeatures.fit(ordered_texts, settings.ngram_dims, settings.seed)
        examples = {name: rows[order] for name, rows in embeddings.items()}
        features = {**examples, NGRAMS: ngrams.transform(ordered_texts)}
        weights = {
            name: fit_regression(rows, targets, len(known), settings.regularisation, settings.steps)
            for name, rows in features.items()
        }
        return cls(known.tolist(), weights, examples, starts, ngrams, settings.nearest_share)

    def scores(self, texts: Sequence[str], embeddings: Features) -> Matrix:
        """Return a score in [0, 1] for each text and label, shape [n_texts, n_labels].

        Args:
            texts: normalised.
            embeddings: for each encoder, unit rows, shape [n_texts, n_dims].
        """
        features = {**embeddings, NGRAMS: self._ngrams.transform(texts)}
        shares = [softmax(rows @ w[:-1] + w[-1]) for rows, w in self._paired(features)]
        regressed = sum(shares[1:], shares[0]) / len(shares)
        nearest = np.clip(self.nearest(embeddings), 0.0, 1.0)
        share = self._nearest_share
        blended: Matrix = (1 - share) * regressed + share * nearest
        return np.clip(blended, 0.0, 1.0)

    def nearest(self, embeddings: Features) -> Matrix:
        """Return each label's best similarity in [-1, 1], the mean over the encoders.

        Args:
            embeddings: for each encoder, unit rows, shape [n_texts, n_dims].

        Returns:
            Shape [n_texts, n_labels].
        """
        stacked = np.hstack([embeddings[name] for name in sorted(self._examples)])
        similarities = stacked @ self._stacked.T
        best: Matrix = np.maximum.reduceat(similarities, self._starts, axis=1)
        return best

    def save(self, file: Path) -> None:
        """Store the model as arrays; nothing in the file can run."""
        arrays: dict[str, Any] = {
            "labels": np.array(self.labels),
            "starts": self._starts,
            "nearest_share": np.array(self._nearest_share),
            **self._ngrams.arrays(),
        }
        arrays |= {f"weights_{name}": rows for name, rows in self._weights.items()}
        arrays |= {f"examples_{name}": rows for name, rows in self._examples.items()}
        np.savez(file, **arrays)

    @classmethod
    def load(cls, file: Path) -> LabelModel:
        """Return a stored model.

        Raises:
            OSError: there is no such file.
            ValueError: the file is something else.
        """
        with np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored)
        return cls(
            [str(label) for label in arrays["labels"]],
            _with_prefix(arrays, "weights_"),
            _with_prefix(arrays, "examples_"),
            arrays["starts"],
            NgramFeatures.from_arrays(arrays),
            float(arrays["nearest_share"]),
        )

    def _paired(self, features: Features) -> list[tuple[Matrix, Matrix]]:
        return [(features[name], weights) for name, weights in self._weights.items()]


def _vectorizer(**options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32, **options
    )


def _with_prefix(
    arrays: Mapping[str, np.ndarray[Any, Any]], prefix: str
) -> dict[str, np.ndarray[Any, Any]]:
    return {
        name.removeprefix(prefix): rows for name, rows in arrays.items() if name.startswith(prefix)
    }
