"""Features of letters and words, beside the sentence embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.regression import Matrix

Arrays = Mapping[str, np.ndarray[Any, Any]]
_SMALL = 1e-9


class LetterFeatures:
    """Character n-grams of 2 to 4 inside words, TF-IDF weighted, projected to few dimensions.

    They see through misspellings that no encoder knows. Projected, one regression can take them
    together with the embeddings; over the raw n-grams it took a hundred times as long.
    """

    def __init__(self, vectorizer: TfidfVectorizer, projection: Matrix) -> None:
        self._vectorizer = vectorizer
        self._projection = projection  # [n_grams, n_dims]

    @classmethod
    def fit(cls, texts: Sequence[str], dims: int, seed: int) -> tuple[LetterFeatures, Matrix]:
        """Return features learned from texts, at most `dims` of them, and those of the texts.

        Raises:
            ValueError: the texts hold no letters at all.
        """
        least = 3 if len(texts) > 1000 else 1  # N-grams seen less often only take up room.
        vectorizer = _letter_vectorizer(min_df=least)
        counts = vectorizer.fit_transform(texts)
        dims = max(1, min(dims, min(counts.shape) - 1))
        projection = TruncatedSVD(dims, n_iter=3, random_state=seed).fit(counts).components_.T
        letters = cls(vectorizer, projection.astype(np.float32))
        return letters, letters._projected(counts)

    def transform(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, shape [n_texts, n_dims]; zeros where no n-gram is known."""
        return self._projected(self._vectorizer.transform(texts))

    def _projected(self, counts: csr_matrix) -> Matrix:
        rows = np.asarray(counts @ self._projection, dtype=np.float32)
        unit: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _SMALL)
        return unit

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return what `from_arrays` needs."""
        return {
            "letters": _names_of(self._vectorizer),
            "letters_idf": self._vectorizer.idf_,
            "letters_projection": self._projection,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> LetterFeatures:
        vectorizer = _letter_vectorizer(vocabulary=_vocabulary(arrays["letters"]))
        vectorizer.idf_ = arrays["letters_idf"]
        return cls(vectorizer, arrays["letters_projection"])


class WordFeatures:
    """Whole words, TF-IDF weighted: a rare word in common says more than many plain ones."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        self._vectorizer = vectorizer

    @classmethod
    def fit(cls, texts: Sequence[str]) -> tuple[WordFeatures, csr_matrix]:
        """Return features learned from texts, and those of the texts."""
        vectorizer = _word_vectorizer()
        rows = vectorizer.fit_transform(texts).tocsr()
        return cls(vectorizer), rows

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return unit rows, shape [n_texts, n_words]."""
        return self._vectorizer.transform(texts).tocsr()

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return what `from_arrays` needs."""
        return {"words": _names_of(self._vectorizer), "words_idf": self._vectorizer.idf_}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> WordFeatures:
        vectorizer = _word_vectorizer(vocabulary=_vocabulary(arrays["words"]))
        vectorizer.idf_ = arrays["words_idf"]
        return cls(vectorizer)


class Projection:
    """The few directions in which the training embeddings differ most.

    300 of 896 dimensions rank nearest examples as well as all, at a third of the memory traffic,
    which is what a search among thousands of examples costs.
    """

    def __init__(self, directions: Matrix, spread: Matrix) -> None:
        self.directions = directions  # [n_dims, n_kept]
        self.spread = spread  # [n_kept], the square root of each direction's deviation

    @classmethod
    def fit(cls, rows: Matrix, kept: int) -> Projection:
        _, strengths, directions = np.linalg.svd(rows.T @ rows)
        spread = (strengths[:kept] / len(rows)) ** 0.25
        kept_directions = directions[:kept].T.astype(np.float32).copy()
        return cls(kept_directions, np.maximum(spread, _SMALL).astype(np.float32))

    def transform(self, rows: Matrix) -> Matrix:
        """Return shape [n_rows, n_kept]; lengths shrink to what the directions hold of a row."""
        projected: Matrix = rows @ self.directions
        return projected

    def evened(self, projected: Matrix) -> Matrix:
        """Return unit rows in which no direction drowns the others, shape as `projected`.

        All questions are about one subject, so the strongest directions say little about which
        entry is meant. Half whitened, the nearest example was right for 63 % of held-out
        questions instead of 60 %; wholly whitened for no more.
        """
        even = projected / self.spread
        unit: Matrix = even / np.maximum(np.linalg.norm(even, axis=1, keepdims=True), _SMALL)
        return unit


def stacked(embeddings: Mapping[str, Matrix]) -> Matrix:
    """Return unit rows with all embeddings side by side, shape [n_texts, sum of n_dims].

    The dot product of two rows is the mean of their similarities over the encoders.
    """
    names = sorted(embeddings)
    side_by_side: Matrix = np.hstack([embeddings[name] for name in names]) / np.sqrt(
        np.float32(len(names))
    )
    return side_by_side


def _letter_vectorizer(**options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32, **options
    )


def _word_vectorizer(**options: Any) -> TfidfVectorizer:
    pattern = r"[a-z0-9][a-z0-9'\-]*"
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, token_pattern=pattern, **options)


def _names_of(vectorizer: TfidfVectorizer) -> np.ndarray[Any, Any]:
    vocabulary = vectorizer.vocabulary_
    return np.array(sorted(vocabulary, key=vocabulary.__getitem__))


def _vocabulary(names: np.ndarray[Any, Any]) -> dict[str, int]:
    return {str(name): at for at, name in enumerate(names)}
