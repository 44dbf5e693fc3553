"""A small linear classifier over hashed letter and word groups: the second look.

It sees what the rules have no pattern for. Alone it only ever raises doubt.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from safety.lexicon import UNKNOWN
from safety.reading import ASKED, STOP, Reading
from safety.verdict import CATEGORIES

LABELS = ("none", *CATEGORIES)
N_FEATURES = 1 << 15
_SHIFT = np.uint64(64 - 15)
_LETTER_GROUPS = (3, 4, 5)
# Odd 64-bit constants; the second from Steele, Lea and Flood, Fast splittable pseudorandom
# number generators, 2014.
_STEP = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)

# Our words that say nothing by themselves; pairs reach over them.
_SKIPPED = frozenset({UNKNOWN, STOP, ASKED, "be", "it", "and", "in", "for", "with"})

# Features of about 30 words; beyond that, the same again says nothing new.
_FULL_TEXT = 600.0


@dataclass(frozen=True, slots=True)
class Family:
    """Hashed features of one sort, in reading order.

    Attributes:
        buckets: shape [n], each in [0, N_FEATURES).
        starts: shape [n], rising: offset in the text where the first letter or word begins.
        ends: shape [n], rising: offset where the last letter or word begins.
    """

    buckets: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _buckets(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(31))) * _MIX
    return (mixed >> _SHIFT).astype(np.int64)


def features(reading: Reading) -> list[Family]:
    """Hash a message's groups of 3 to 5 letters, its words and pairs of words.

    Words are taken twice: as typed, and as our words, whose pairs reach over words that carry no
    meaning, so that "he went limp" and "my baby is all floppy" have a feature in common.
    """
    found: list[Family] = []
    data = np.frombuffer(reading.plain.encode("ascii", "replace"), np.uint8).astype(np.uint64)
    running = np.zeros(len(data), np.uint64)
    for size in range(1, _LETTER_GROUPS[-1] + 1):
        running = (
            running[: max(0, len(data) - size + 1)] * _STEP + data[size - 1 :] + np.uint64(size)
        )
        if size in _LETTER_GROUPS:
            at = np.arange(len(running))
            found.append(Family(_buckets(running), at, at + size - 1))
    for words, places, salt in (_typed(reading.plain), _ours(reading)):
        hashes = np.array([zlib.crc32(word.encode()) for word in words], np.uint64) + salt
        found.append(Family(_buckets(hashes), places, places))
        pairs = hashes[:-1] * _STEP + hashes[1:]
        found.append(Family(_buckets(pairs), places[:-1], places[1:]))
    return found


type _Placed = tuple[list[str], NDArray[np.int64], np.uint64]


def _typed(plain: str) -> _Placed:
    words = plain.split(" ")
    lengths = np.array([len(word) + 1 for word in words], np.int64)
    return words, np.cumsum(lengths) - lengths, np.uint64(1 << 40)


def _ours(reading: Reading) -> _Placed:
    kept = [
        (word, place)
        for word, place in zip(reading.words, reading.places, strict=True)
        if word not in _SKIPPED
    ]
    words = [word for word, _ in kept]
    return words, np.array([place for _, place in kept], np.int64), np.uint64(1 << 41)


class Classifier:
    """The stored weights, ready to score.

    Args:
        weights: shape [N_FEATURES, n_labels].
        bias: shape [n_labels].
    """

    def __init__(self, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        if weights.shape != (N_FEATURES, len(LABELS)) or bias.shape != (len(LABELS),):
            raise ValueError(
                f"weights of shape {weights.shape} and bias of shape {bias.shape} do not fit "
                f"{N_FEATURES} features and {len(LABELS)} labels; run `python -m safety.training`"
            )
        self._weights = weights
        self._bias = bias

    def score(self, reading: Reading) -> NDArray[np.float64]:
        """Give the confidence of each label for each sentence of a message.

        Returns:
            Shape [n_sentences, n_labels], rows sum to 1; no rows for a text without words.
        """
        if not reading.sentences:
            return np.zeros((0, len(LABELS)))
        parts = np.array([(s.start, s.end) for s in reading.sentences], np.int64)
        sums = np.zeros((len(parts), len(LABELS)))
        counts = np.zeros(len(parts))
        for family in features(reading):
            first = np.searchsorted(family.starts, parts[:, 0])
            last = np.maximum(first, np.searchsorted(family.ends, parts[:, 1]))
            running = np.zeros((len(family.buckets) + 1, len(LABELS)))
            np.cumsum(self._weights[family.buckets], axis=0, out=running[1:])
            sums += running[last] - running[first]
            counts += last - first
        return softmax(sums * share_of(counts)[:, None] + self._bias)


def share_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what one feature counts in a text of so many: 1 / sqrt(n), and 1 / n in long ones."""
    full = np.maximum(counts, 1)
    share: NDArray[np.float64] = np.sqrt(np.minimum(full, _FULL_TEXT)) / full
    return share


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn rows of scores into rows that sum to 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return result


@lru_cache(maxsize=1)
def classifier() -> Classifier:
    """Give the package's classifier, its weights read once."""
    with resources.files("safety").joinpath("data/weights.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        weights = stored["weights"].astype(np.float32) * stored["scale"]
        return Classifier(weights, stored["bias"])
