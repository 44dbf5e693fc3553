"""How an adapter learns from texts with labels; TensorFlow, so the bot's environment alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from encoder.arrays import Matrix, Numbers
from encoder.transformer import Tensor, Transformer, padded
from encoder.wordpieces import load_tokenizer

BATCH = 32
_RATE = 1e-3
_LEAST_SHARE, _RISING_STEPS = 0.02, 100  # Of the rate: what it falls to, and its first steps.
_DROPOUT = 0.1
_MOST_PIECES = 64
_SORTED = 50  # Batches sorted by length at a time, so that few are filled up.
_TOLD = 200  # Steps between two lines of what the loss is.


@dataclass(frozen=True)
class Texts:
    """What is learned from.

    Attributes:
        pieces: word pieces of each text, of a long one the first.
        labels: number of the label of each, shape [n_texts].
        counts: how much each counts, 1 on the mean, shape [n_texts].
    """

    pieces: Sequence[Sequence[int]]
    labels: Numbers
    counts: Matrix

    @classmethod
    def of(cls, texts: Sequence[str], labels: Numbers, counts: Matrix) -> Texts:
        """Return texts in the form that is learned from; `counts` may have any mean."""
        encoded = load_tokenizer(_MOST_PIECES).encode_batch(list(texts))
        return cls([text.ids for text in encoded], labels, counts / counts.mean())


class Head(Protocol):
    """What stands on the encoder while it learns."""

    @property
    def variables(self) -> list[Any]:
        """What can learn."""

    def __call__(self, vectors: Tensor) -> Tensor:
        """Return what speaks for each label, shape [n_texts, n_labels]."""


def learn(
    texts: Texts,
    encoder: Transformer,
    head: Head,
    passes: int,
    smooth: float,
    random: np.random.Generator,
) -> None:
    """Change the encoder's adapter and what stands on it until texts have their labels.

    Prints the loss as it falls.

    Args:
        texts: what to learn from.
        encoder: with an adapter.
        head: what stands on it.
        passes: how often each text is seen.
        smooth: share of the truth that all labels have together.
        random: draws the order.
    """
    learning = [*encoder.variables, *head.variables]
    optimizer = tf.keras.optimizers.legacy.Adam(_RATE, clipnorm=1.0)

    def step(ids: Tensor, mask: Tensor, wanted: Tensor, counts: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            found = head(encoder(ids, mask, _DROPOUT))
            losses = tf.nn.softmax_cross_entropy_with_logits(wanted, found)
            loss = tf.reduce_mean(counts * losses)
        slopes = tape.gradient(loss, learning)
        optimizer.apply_gradients([(slopes[at], part) for at, part in enumerate(learning)])
        return loss

    quick_step = tf.function(step, reduce_retracing=True)
    n_steps = passes * -(-len(texts.pieces) // BATCH)
    n_labels = int(texts.labels.max()) + 1
    truth = np.eye(n_labels, dtype=np.float32) * (1 - smooth) + np.float32(smooth / n_labels)
    losses: list[float] = []
    for number, chosen in zip(range(n_steps), _batches(texts, random), strict=False):
        optimizer.learning_rate.assign(_rate(number, n_steps))
        batch = padded([texts.pieces[at] for at in chosen])
        wanted = tf.constant(truth[texts.labels[chosen]])
        losses.append(float(quick_step(*batch, wanted, tf.constant(texts.counts[chosen]))))
        if (number + 1) % _TOLD == 0:
            sys.stdout.write(f"{number + 1} of {n_steps}: loss {np.mean(losses[-_TOLD:]):.3f}\n")
            sys.stdout.flush()


def _rate(number: int, n_steps: int) -> float:
    """Return the size of a step: rising at first, then falling as a cosine does."""
    falling = (1 + np.cos(np.pi * number / n_steps)) / 2
    return _RATE * min(1.0, (number + 1) / _RISING_STEPS) * max(_LEAST_SHARE, float(falling))


def _batches(texts: Texts, random: np.random.Generator) -> Iterator[Numbers]:
    """Yield the numbers of texts to be learned together, of about one length, without end."""
    lengths = np.array([len(pieces) for pieces in texts.pieces])
    while True:
        order = random.permutation(len(lengths))
        found = []
        for start in range(0, len(order), BATCH * _SORTED):
            some = order[start : start + BATCH * _SORTED]
            some = some[np.argsort(lengths[some], kind="stable")]
            found += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
        for at in random.permutation(len(found)):
            yield found[at]
