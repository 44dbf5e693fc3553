"""Fits the adapter of the bot's encoder: `python -m bot.fit_adapter` from the project's root.

Questions, answers' sentences and follow-ups behind the title before them learn to lie near others
of their label. It takes some 30 minutes on two cores and is run when many questions have come in;
`rasa train` only adds the changes. Afterwards: the version that is printed goes into `config.yml`,
the model is trained, `python -m bot.fit_context` follows, and the model is trained once more, since
weights count for its name. `bot.fit_message` is left as it is (docs/decisions/0008). No test set
is read.

What has been learned from is known: a fold of training questions that is left out of the
classifiers is easier for them than a family's words. Only what others wrote says how good it is.

Source: Hu et al., LoRA (2022); Movshovitz-Attias et al., No Fuss Distance Metric Learning using
Proxies (2017), for the loss: each label has a direction that its texts are drawn to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.adapted import ADAPTER, AdaptedMiniLMEmbedding
from bot.components.embedding import weights_version
from bot.components.readings import FOLLOW_UP_TO, PASSAGE_OF, READINGS, WANTED
from bot.trained import training_data_of
from encoder.adapter import write_changes
from encoder.arrays import Matrix
from encoder.learning import BATCH, Texts, learn
from encoder.minilm import weights_file
from encoder.transformer import Tensor, Transformer, padded

_RANK, _PASSES = 8, 3
_STEEP = 20.0  # Cosines before the softmax: the larger, the smaller a lead is enough.
_SMOOTH = 0.1  # So much of the truth is shared by all labels: some texts fit two.
_PASSAGE_COUNTS = 0.3  # An answer's sentence is nobody's question.


def main() -> int:
    """Fit to the training data of the project; print the loss as it falls."""
    data, readings = training_data_of(Path("config.yml"))
    rows = list(_rows(data, readings.titles))
    learned = fit(texts_of(rows), _PASSES)
    write_changes(ADAPTER, learned.changes())
    version = weights_version(*AdaptedMiniLMEmbedding.weights_files())
    sys.stdout.write(f"wrote {ADAPTER.name}; config.yml: weights: {version}\n")
    return 0


def _rows(data: TrainingData, titles: dict[str, str]) -> Iterator[tuple[str, str, float]]:
    """Yield each text with its label and what it counts."""
    known = {message.get_full_intent() for message in data.intent_examples}
    for message in data.training_examples:
        found = message.get(READINGS)
        if not found:
            continue
        text = found[0].text
        if message.get(FOLLOW_UP_TO):
            title, wanted = titles.get(message.get(FOLLOW_UP_TO)), message.get(WANTED)[0]
            if title and wanted in known:
                yield f"{title}: {text}", wanted, 1.0
        elif message.get(PASSAGE_OF):
            if message.get(PASSAGE_OF) in known:
                yield text, message.get(PASSAGE_OF), _PASSAGE_COUNTS
        elif message.get_full_intent():
            yield text, message.get_full_intent(), 1.0


def texts_of(rows: Sequence[tuple[str, str, float]]) -> Texts:
    """Return texts with their label and what they count in the form that is learned from.

    A label with many texts counts for more than one with few, but not in proportion.
    """
    _, labels = np.unique([label for _, label, _ in rows], return_inverse=True)
    counts = np.array([count for _, _, count in rows], np.float32)
    counts *= 1 / np.sqrt(np.maximum(np.bincount(labels, counts), 1))[labels]
    return Texts.of([text for text, *_ in rows], labels, counts)


class _Directions:
    """A direction for each label, which its texts are drawn to."""

    def __init__(self, means: Matrix) -> None:
        self._each = tf.Variable(means)

    @property
    def variables(self) -> list[Any]:
        return [self._each]

    def __call__(self, vectors: Tensor) -> Tensor:
        towards = tf.math.l2_normalize(self._each, -1)
        return _STEEP * tf.matmul(vectors, towards, transpose_b=True)


def fit(texts: Texts, passes: int, smooth: float = _SMOOTH, seed: int = 1) -> Transformer:
    """Return the encoder with an adapter under which each text is nearest to its own label.

    Args:
        texts: what to learn from.
        passes: how often each text is seen.
        smooth: share of the truth that all labels have together.
        seed: of what is drawn at random.
    """
    tf.random.set_seed(seed)
    encoder = Transformer(weights_file(), _RANK, seed)
    head = _Directions(_means(encoder, texts))
    learn(texts, encoder, head, passes, smooth, np.random.default_rng(seed))
    return encoder


def _means(encoder: Transformer, texts: Texts) -> Matrix:
    """Return the mean vector of each label's texts, of unit length, shape [n_labels, n_dims]."""
    encode = tf.function(encoder, reduce_retracing=True)
    order = np.argsort([len(pieces) for pieces in texts.pieces], kind="stable")
    sums: dict[int, Any] = {}
    for start in range(0, len(order), 4 * BATCH):
        chosen = order[start : start + 4 * BATCH]
        vectors = encode(*padded([texts.pieces[at] for at in chosen])).numpy()
        for at, vector in zip(chosen, vectors, strict=True):
            label = int(texts.labels[at])
            sums[label] = sums.get(label, 0) + vector
    means = np.stack([sums[label] for label in sorted(sums)]).astype(np.float32)
    unit: Matrix = means / np.linalg.norm(means, axis=1, keepdims=True)
    return unit


if __name__ == "__main__":
    raise SystemExit(main())
