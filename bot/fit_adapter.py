"""Fits the adapter of the bot's encoder: `python -m bot.fit_adapter` from the project's root.

Questions, answers' sentences and follow-ups behind the title before them learn to lie near others
of their label. It takes some 20 minutes on two cores and is run when many questions have come in;
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.adapter import ADAPTER, write_changes
from bot.components.adapted import AdaptedMiniLMEmbedding
from bot.components.embedding import weights_version
from bot.components.minilm import MiniLMEmbedding
from bot.components.readings import FOLLOW_UP_TO, PASSAGE_OF, READINGS, WANTED
from bot.components.regression import Matrix
from bot.trained import training_data_of
from bot.transformer import Transformer, padded
from bot.wordpieces import load_tokenizer

_RANK, _PASSES, _BATCH = 8, 2, 32
_RATE = 1e-3
_LEAST_SHARE, _RISING_STEPS = 0.02, 100  # Of the rate: what it falls to, and its first steps.
_DROPOUT = 0.1
_STEEP = 20.0  # Cosines before the softmax: the larger, the smaller a lead is enough.
_SMOOTH = 0.1  # So much of the truth is shared by all labels: some texts fit two.
_MOST_PIECES = 64
_PASSAGE_COUNTS = 0.3  # An answer's sentence is nobody's question.
_SORTED = 50  # Batches sorted by length at a time, so that few are filled up.


@dataclass(frozen=True)
class Texts:
    """What is learned from.

    Attributes:
        pieces: word pieces of each text.
        labels: number of the label of each, shape [n_texts].
        counts: how much each counts, 1 on the mean, shape [n_texts].
    """

    pieces: Sequence[Sequence[int]]
    labels: np.ndarray[Any, np.dtype[np.int64]]
    counts: Matrix


def main() -> int:
    """Fit to the training data of the project; print the loss as it falls."""
    data, readings = training_data_of(Path("config.yml"))
    rows = list(_rows(data, readings.titles))
    learned = fit(texts_of(rows), MiniLMEmbedding.weights_files()[0], _PASSES)
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
    tokenizer = load_tokenizer()
    tokenizer.enable_truncation(_MOST_PIECES)
    tokenizer.no_padding()
    _, labels = np.unique([label for _, label, _ in rows], return_inverse=True)
    counts = np.array([count for _, _, count in rows], np.float32)
    counts *= 1 / np.sqrt(np.maximum(np.bincount(labels, counts), 1))[labels]
    pieces = [encoded.ids for encoded in tokenizer.encode_batch([text for text, _, _ in rows])]
    return Texts(pieces, labels, counts / counts.mean())


def fit(
    texts: Texts, file: Path, passes: int, smooth: float = _SMOOTH, seed: int = 1
) -> Transformer:
    """Return the encoder with an adapter under which each text is nearest to its own label.

    Args:
        texts: what to learn from.
        file: the package's ONNX model.
        passes: how often each text is seen.
        smooth: share of the truth that all labels have together.
        seed: of what is drawn at random.
    """
    tf.random.set_seed(seed)
    random = np.random.default_rng(seed)
    encoder = Transformer(file, _RANK, seed)
    directions = tf.Variable(_means(encoder, texts))
    learning = [*encoder.variables, directions]
    optimizer = tf.keras.optimizers.legacy.Adam(_RATE, clipnorm=1.0)

    def step(ids: Any, mask: Any, wanted: Any, counts: Any) -> Any:
        with tf.GradientTape() as tape:
            vectors = encoder(ids, mask, _DROPOUT)
            towards = tf.math.l2_normalize(directions, -1)
            nearness = _STEEP * tf.matmul(vectors, towards, transpose_b=True)
            losses = tf.nn.softmax_cross_entropy_with_logits(wanted, nearness)
            loss = tf.reduce_mean(counts * losses)
        slopes = tape.gradient(loss, learning)
        optimizer.apply_gradients([(slopes[at], part) for at, part in enumerate(learning)])
        return loss

    quick_step = tf.function(step, reduce_retracing=True)
    n_steps = passes * -(-len(texts.pieces) // _BATCH)
    n_labels = int(texts.labels.max()) + 1
    truth = np.eye(n_labels, dtype=np.float32) * (1 - smooth) + np.float32(smooth / n_labels)
    losses: list[float] = []
    for number, chosen in zip(range(n_steps), _batches(texts, random), strict=False):
        optimizer.learning_rate.assign(_rate(number, n_steps))
        batch = padded([texts.pieces[at] for at in chosen])
        wanted = tf.constant(truth[texts.labels[chosen]])
        losses.append(float(quick_step(*batch, wanted, tf.constant(texts.counts[chosen]))))
        if (number + 1) % 200 == 0:
            sys.stdout.write(f"{number + 1} of {n_steps}: loss {np.mean(losses[-200:]):.3f}\n")
    return encoder


def _rate(number: int, n_steps: int) -> float:
    """Return the size of a step: rising at first, then falling as a cosine does."""
    falling = (1 + np.cos(np.pi * number / n_steps)) / 2
    return _RATE * min(1.0, (number + 1) / _RISING_STEPS) * max(_LEAST_SHARE, float(falling))


def _batches(texts: Texts, random: np.random.Generator) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the numbers of texts to be learned together, of about one length, without end."""
    lengths = np.array([len(pieces) for pieces in texts.pieces])
    while True:
        order = random.permutation(len(lengths))
        found = []
        for start in range(0, len(order), _BATCH * _SORTED):
            some = order[start : start + _BATCH * _SORTED]
            some = some[np.argsort(lengths[some], kind="stable")]
            found += [some[at : at + _BATCH] for at in range(0, len(some), _BATCH)]
        for at in random.permutation(len(found)):
            yield found[at]


def _means(encoder: Transformer, texts: Texts) -> Matrix:
    """Return the mean vector of each label's texts, of unit length, shape [n_labels, n_dims]."""
    encode = tf.function(encoder, reduce_retracing=True)
    order = np.argsort([len(pieces) for pieces in texts.pieces], kind="stable")
    sums: dict[int, Any] = {}
    for start in range(0, len(order), 4 * _BATCH):
        chosen = order[start : start + 4 * _BATCH]
        vectors = encode(*padded([texts.pieces[at] for at in chosen])).numpy()
        for at, vector in zip(chosen, vectors, strict=True):
            label = int(texts.labels[at])
            sums[label] = sums.get(label, 0) + vector
    means = np.stack([sums[label] for label in sorted(sums)]).astype(np.float32)
    unit: Matrix = means / np.linalg.norm(means, axis=1, keepdims=True)
    return unit


if __name__ == "__main__":
    raise SystemExit(main())
