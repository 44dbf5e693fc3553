"""A small linear classifier over hashed letter and word groups: the second look.

It sees what the rules have no pattern for. Alone it only ever raises doubt.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from safety.reading import ASKED, STOP
from safety.verdict import CATEGORIES

LABELS = ("none", *CATEGORIES)
N_FEATURES = 1 << 15
_SHIFT = np.uint64(64 - 15)
_LETTER_GROUPS = (3, 4, 5)
# Odd 64-bit constants; the second from Steele, Lea and Flood, Fast splittable pseudorandom
# number generators, 2014.
_STEP = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)

LONGEST_WINDOW = 30  # words; longer sentences are seen in overlapping windows
_WINDOW, _WINDOW_STEP = 24, 12


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of a text and where each starts and ends.

    Attributes:
        buckets: shape [n], each in [0, N_FEATURES).
        starts, ends: shape [n], offsets in the text.
    """

    buckets: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _buckets(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(31))) * _MIX
    return (mixed >> _SHIFT).astype(np.int64)


def features(plain: str) -> Features:
    """Hash every group of 3 to 5 letters, every word and every pair of words of a text.

    Args:
        plain: `Reading.plain`, or one window of it.
    """
    data = np.frombuffer(plain.encode("ascii", "replace"), np.uint8).astype(np.uint64)
    found: list[NDArray[np.uint64]] = []
    starts: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []
    running = np.zeros(len(data), np.uint64)
    for size in range(1, max(_LETTER_GROUPS) + 1):
        if len(data) < size:
            break
        running = running[: len(data) - size + 1] * _STEP + data[size - 1 :] + np.uint64(size)
        if size in _LETTER_GROUPS:
            at = np.arange(len(running))
            found.append(running)
            starts.append(at)
            ends.append(at + size)
    words, word_starts, word_ends = _word_hashes(plain)
    found += [words, words[:-1] * _STEP + words[1:]]
    starts += [word_starts, word_starts[:-1]]
    ends += [word_ends, word_ends[1:]]
    return Features(_buckets(np.concatenate(found)), np.concatenate(starts), np.concatenate(ends))


def _word_hashes(
    plain: str,
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    hashes, starts, ends = [], [], []
    at = 0
    for word in plain.split(" "):
        hashes.append(zlib.crc32(word.encode("ascii", "replace")) + (1 << 40))
        starts.append(at)
        at += len(word)
        ends.append(at)
        at += 1
    return np.array(hashes, np.uint64), np.array(starts, np.int64), np.array(ends, np.int64)


def windows(plain: str) -> list[tuple[int, int]]:
    """Give the parts of a text that are judged apart: its sentences, long ones in windows."""
    found: list[tuple[int, int]] = []
    sentence: list[tuple[int, int]] = []
    at = 0
    for word in [*plain.split(" "), STOP]:
        if word in (STOP, ASKED):
            if sentence:
                found.extend(_parts(sentence))
            sentence = []
        else:
            sentence.append((at, at + len(word)))
        at += len(word) + 1
    return found


def _parts(sentence: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(sentence) <= LONGEST_WINDOW:
        return [(sentence[0][0], sentence[-1][1])]
    starts = range(0, len(sentence) - _WINDOW_STEP, _WINDOW_STEP)
    return [(sentence[i][0], sentence[min(i + _WINDOW, len(sentence)) - 1][1]) for i in starts]


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

    def score(self, plain: str) -> NDArray[np.float64]:
        """Give the confidence of each label for each window of a text.

        Returns:
            Shape [n_windows, n_labels], rows sum to 1; no rows for a text without words.
        """
        parts = windows(plain)
        if not parts:
            return np.zeros((0, len(LABELS)))
        seen = features(plain)
        rows = []
        for start, end in parts:
            inside = (seen.starts >= start) & (seen.ends <= end)
            buckets = seen.buckets[inside]
            rows.append(self._weights[buckets].sum(axis=0) / np.sqrt(len(buckets) or 1))
        return softmax(np.array(rows, np.float64) + self._bias)


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
