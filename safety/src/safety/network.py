"""Learns the network that says what sentence vectors mean; a part of `safety.training`."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from safety.classifier import LABELS, softmax

N_HIDDEN = 256  # 512 and 1,024 find as many dangers of messages never seen.
PASSES, TOGETHER = 30, 256
RATE, MOMENTUM, SQUARE_MOMENTUM = 1e-3, 0.9, 0.99
# Units left out at random while it learns (Srivastava et al., Dropout, 2014), of the hidden layer
# and of the vectors: without, it would know the examples by heart.
LEFT_OUT_HIDDEN, LEFT_OUT_INPUT = 0.5, 0.1
DANGER_SHARE = 2.0  # A missed danger is worse than an alarm.
# Networks that begin and draw otherwise err otherwise: their mean is calmer than any of them.
SEEDS = (1, 2, 3, 4)

type Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """Weights of one hidden layer; shapes as `safety.meaning.Meaning` has them."""

    hidden: Floats
    hidden_bias: Floats
    weights: Floats
    bias: Floats


def fit(vectors: Floats, labels: NDArray[np.int64], share: NDArray[np.float64]) -> Network:
    """Fit networks of one hidden layer and give their mean, which is one of a wider layer.

    What is drawn at random comes from fixed seeds, so that the same vectors give the same network
    but for rounding.

    Args:
        vectors: unit vectors, shape [n_texts, n_dimensions].
        labels: label number of each text, shape [n_texts].
        share: what each text counts, shape [n_texts].
    """
    each = [_fit_one(seed, vectors, labels, share) for seed in SEEDS]
    return Network(
        np.hstack([one.hidden for one in each]),
        np.hstack([one.hidden_bias for one in each]),
        np.vstack([one.weights for one in each]) / np.float32(len(each)),
        np.mean([one.bias for one in each], axis=0),
    )


def _fit_one(
    seed: int, vectors: Floats, labels: NDArray[np.int64], share: NDArray[np.float64]
) -> Network:
    """Fit a network by Adam on small batches.

    Adam: Kingma and Ba, A Method for Stochastic Optimization, 2015.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    counts = np.where(labels > 0, DANGER_SHARE, 1.0) * share
    middle = np.average(vectors, axis=0, weights=counts).astype(np.float32)
    stretch = np.float32(1 / vectors.std())
    inputs = (vectors - middle) * stretch
    wanted = np.eye(len(LABELS), dtype=np.float32)[labels]
    counts_of = (counts / counts.mean()).astype(np.float32)[:, None]
    weights = _at_first(random, vectors.shape[1])
    mean, square = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    batches = list(_batches(random, len(inputs)))
    for step, chosen in enumerate(batches, start=1):
        slopes = _slopes(random, weights, inputs[chosen], wanted[chosen], counts_of[chosen])
        # Full steps for the first half, then ever smaller ones.
        rate = RATE * min(1.0, 2 - 2 * step / (len(batches) + 1))
        for k, slope in enumerate(slopes):
            mean[k] = MOMENTUM * mean[k] + (1 - MOMENTUM) * slope
            square[k] = SQUARE_MOMENTUM * square[k] + (1 - SQUARE_MOMENTUM) * slope**2
            size = np.sqrt(square[k] / (1 - SQUARE_MOMENTUM**step)) + 1e-8
            weights[k] -= np.float32(rate) * (mean[k] / (1 - MOMENTUM**step) / size)
    hidden, hidden_bias, out, bias = weights
    hidden = hidden * stretch
    return Network(hidden, hidden_bias - middle @ hidden, out, bias)


def _batches(random: np.random.Generator, n_texts: int) -> Iterator[NDArray[np.int64]]:
    """Give the texts of each step, every text about once in each pass."""
    for _ in range(PASSES):
        order = random.permutation(n_texts)
        for start in range(0, max(1, n_texts - TOGETHER + 1), TOGETHER):
            yield order[start : start + TOGETHER]


def _at_first(random: np.random.Generator, n_dimensions: int) -> list[Floats]:
    """Give small weights to begin with (He et al., Delving Deep into Rectifiers, 2015)."""
    hidden = random.normal(0, np.sqrt(2 / n_dimensions), (n_dimensions, N_HIDDEN))
    out = random.normal(0, np.sqrt(1 / N_HIDDEN), (N_HIDDEN, len(LABELS)))
    return [
        hidden.astype(np.float32),
        np.zeros(N_HIDDEN, np.float32),
        out.astype(np.float32),
        np.zeros(len(LABELS), np.float32),
    ]


def _slopes(
    random: np.random.Generator,
    weights: list[Floats],
    inputs: Floats,
    wanted: Floats,
    counts: Floats,
) -> list[Floats]:
    """Give the loss's slope at each weight for some texts."""
    hidden, hidden_bias, out, bias = weights
    seen = inputs * _kept(random, inputs.shape, LEFT_OUT_INPUT)
    sums = seen @ hidden + hidden_bias
    kept = _kept(random, sums.shape, LEFT_OUT_HIDDEN)
    active = np.maximum(sums, 0) * kept
    confidence = softmax((active @ out + bias).astype(np.float64)).astype(np.float32)
    error = (confidence - wanted) * counts / np.float32(len(inputs))
    back = (error @ out.T) * kept * (sums > 0)
    return [seen.T @ back, back.sum(axis=0), active.T @ error, error.sum(axis=0)]


def _kept(random: np.random.Generator, shape: tuple[int, ...], left_out: float) -> Floats:
    drawn = random.random(shape, dtype=np.float32) >= left_out
    kept: Floats = drawn.astype(np.float32) / np.float32(1 - left_out)
    return kept


def packed(network: Network, learned_on: str = "") -> bytes:
    """Write a network as a small .npz, the hidden layer in eight bits for each of its units.

    Args:
        network: what to write.
        learned_on: as `safety.meaning.Meaning` has it.
    """
    scale = (np.abs(network.hidden).max(axis=0) / 127).astype(np.float32)
    arrays: dict[str, ArrayLike] = {
        "hidden": np.rint(network.hidden / scale).astype(np.int8),
        "scale": scale,
        "hidden_bias": network.hidden_bias.astype(np.float32),
        "weights": network.weights.astype(np.float32),
        "bias": network.bias.astype(np.float32),
        "learned_on": learned_on,
    }
    return archive(arrays)


def archive(arrays: Mapping[str, ArrayLike]) -> bytes:
    """Write arrays as .npz, the same bytes for the same arrays: NumPy's own stamps the time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
        for name, array in arrays.items():
            inner = io.BytesIO()
            np.save(inner, np.asarray(array), allow_pickle=False)
            whole.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), inner.getvalue())
    return file.getvalue()
