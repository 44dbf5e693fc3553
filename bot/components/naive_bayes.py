"""Which label do a text's words and pairs of words speak for, each by itself?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from bot.components.features import WORD, Arrays, sparse_arrays, sparse_rows
from bot.components.regression import softmax
from encoder.arrays import Matrix, Numbers

_WORD = re.compile(WORD)
_SMOOTHING = 0.05  # Between 0.02 and 0.15 nothing changes by more than half a point.
_MANY = 1000  # With so many texts, a term seen once only takes up room.


class NaiveBayes:
    """Multinomial naive Bayes over words and pairs of words, each counted once in a text.

    The embeddings see what a text is about; which of two sibling entries is meant often hangs on
    one word. With it 2 to 3 of 100 questions more find their entry.

    Source: McCallum and Nigam, A Comparison of Event Models for Naive Bayes Text Classification
    (1998); no prior, since the number of examples says little about how often families ask.
    """

    def __init__(self, terms: Sequence[str], gains: csr_matrix, least: Matrix) -> None:
        """Put a model together.

        Args:
            terms: words, and pairs of words with a space between.
            gains: what a term adds to a label's log likelihood beyond `least`, shape
                [n_terms, n_labels].
            least: log likelihood of a term that was never seen with a label, shape [n_labels].
        """
        self._place = {term: place for place, term in enumerate(terms)}
        self._gains = gains
        self._least = least

    @classmethod
    def fit(cls, texts: Sequence[str], targets: Numbers, n_labels: int) -> NaiveBayes:
        """Return a model of texts and the numbers of their labels, shape [n_texts]."""
        terms_of = [_terms(text) for text in texts]
        seen = Counter(chain.from_iterable(terms_of))
        least_often = 2 if len(texts) > _MANY else 1
        terms = sorted(term for term, count in seen.items() if count >= least_often)
        place = {term: number for number, term in enumerate(terms)}
        pairs = [
            (place[term], target)
            for own, target in zip(terms_of, targets, strict=True)
            for term in own
            if term in place
        ]
        rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
        ones = np.ones(len(pairs), np.float32)
        counts = csr_matrix((ones, (rows, columns)), shape=(len(terms), n_labels))
        whole = np.asarray(counts.sum(axis=0)).ravel() + _SMOOTHING * max(len(terms), 1)
        counts.data = np.log1p(counts.data / _SMOOTHING)
        return cls(terms, counts, np.log(_SMOOTHING / whole).astype(np.float32))

    def shares(self, texts: Sequence[str]) -> Matrix:
        """Return each label's share of the likelihood, shape [n_texts, n_labels]."""
        found = np.zeros((len(texts), len(self._least)), np.float32)
        gains = self._gains
        for row, text in zip(found, texts, strict=True):
            places = [at for term in _terms(text) if (at := self._place.get(term)) is not None]
            row[:] = len(places) * self._least
            for place in places:
                own = slice(gains.indptr[place], gains.indptr[place + 1])
                row[gains.indices[own]] += gains.data[own]
        shares: Matrix = softmax(found)
        return shares

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return what `from_arrays` needs."""
        return {
            "terms": np.array(list(self._place)),
            "least": self._least,
            **sparse_arrays("gains", self._gains),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> NaiveBayes:
        terms = [str(term) for term in arrays["terms"]]
        return cls(terms, sparse_rows(arrays, "gains"), arrays["least"])


def _terms(text: str) -> list[str]:
    words = _WORD.findall(text)
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    return list(dict.fromkeys([*words, *pairs]))
