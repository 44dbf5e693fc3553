"""Fits an adapter that tells a few classes apart: `python -m encoder.classes TEXTS ADAPTER`.

TEXTS is a JSON list of `[text, number of its class, what it counts]`; ADAPTER is what is written.
Some 15 minutes for 20,000 texts on two cores, in the bot's environment. What has been learned on
the encoder is not kept: whoever reads its vectors learns that from them.

Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2022).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from encoder.adapter import write_changes
from encoder.learning import Texts, learn
from encoder.minilm import N_DIMENSIONS, weights_file
from encoder.transformer import Tensor, Transformer

_RANK, _PASSES = 8, 3
_SMOOTH = 0.05
_N_HIDDEN, _LEFT_OUT = 256, 0.3
_SEED = 1


class _Hidden:
    """One hidden layer on the vectors: a class is no single direction of them."""

    def __init__(self, n_classes: int, random: np.random.Generator) -> None:
        sizes = (N_DIMENSIONS, _N_HIDDEN, n_classes)
        self._weights = [
            tf.Variable(random.normal(0, (2 / n) ** 0.5, (n, m)).astype(np.float32))
            for n, m in pairwise(sizes)
        ]
        self._biases = [tf.Variable(np.zeros(m, np.float32)) for m in sizes[1:]]
        self._stretch = np.float32(N_DIMENSIONS**0.5)  # A unit vector's numbers are small.

    @property
    def variables(self) -> list[Any]:
        return [*self._weights, *self._biases]

    def __call__(self, vectors: Tensor) -> Tensor:
        seen = tf.nn.dropout(vectors * self._stretch, _LEFT_OUT / 3)
        hidden = tf.nn.relu(tf.matmul(seen, self._weights[0]) + self._biases[0])
        return tf.matmul(tf.nn.dropout(hidden, _LEFT_OUT), self._weights[1]) + self._biases[1]


def fit(rows: Sequence[tuple[str, int, float]], passes: int) -> Transformer:
    """Return the encoder with an adapter under which the classes of texts can be told apart.

    Args:
        rows: texts, each with the number of its class and what it counts.
        passes: how often each text is seen.
    """
    tf.random.set_seed(_SEED)
    random = np.random.default_rng(_SEED)
    labels = np.array([label for _, label, _ in rows])
    counts = np.array([count for *_, count in rows], np.float32)
    texts = Texts.of([text for text, *_ in rows], labels, counts)
    encoder = Transformer(weights_file(), _RANK, _SEED)
    learn(texts, encoder, _Hidden(int(labels.max()) + 1, random), passes, _SMOOTH, random)
    return encoder


def main(arguments: Sequence[str]) -> int:
    """Fit to the texts of a file and write the adapter."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m encoder.classes TEXTS ADAPTER\n")
        return 2
    texts, adapter = map(Path, arguments)
    rows = json.loads(texts.read_text("utf-8"))
    write_changes(adapter, fit(rows, _PASSES).changes())
    sys.stdout.write(f"wrote {adapter.name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
