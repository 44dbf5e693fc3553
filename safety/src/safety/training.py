"""Learns the classifier's weights from the examples; run it after changing an example.

`python -m safety.training` writes data/weights.npz; with `--check` it only says whether the
stored weights are those of the examples.
"""

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from importlib import resources
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.classifier import LABELS, N_FEATURES, features, share_of, softmax
from safety.lexicon import read_data
from safety.reading import read
from safety.rules import rules

EXAMPLE_FILES = (
    "life",
    "infection",
    "device",
    "swallowed",
    "suicide",
    "violence",
    "harm_to_child",
    "spanish",
    "questions",
    "stories",
    "everyday",
)
# A line with many choices must not outweigh twenty lines without.
MOST_PER_LINE = 24
ROUNDS, RATE, MOMENTUM, DECAY = 250, 10.0, 0.9, 3e-5
_NOT_A_WORD = re.compile(r"[^a-z0-9#]+")
_CHOICE = re.compile(r"\{([^{}]*)\}")


def expand(line: str) -> list[str]:
    """Write out the choices of one example line, at most `MOST_PER_LINE`, evenly spread."""
    parts = _CHOICE.split(line)
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    total = int(np.prod([len(c) for c in choices]))
    written: list[str] = []
    stride = max(1, total // MOST_PER_LINE) | 1
    combinations = list(product(*choices)) if total <= 20_000 else []
    if not combinations:
        raise ValueError(f"too many choices in {line[:40]!r}; split the line")
    for i in range(min(total, MOST_PER_LINE)):
        text = " ".join("".join(combinations[(i * stride) % total]).split())
        if text not in written:
            written.append(text)
    return written


def examples() -> Iterator[tuple[str, str]]:
    """Give every training text with its category, or "none".

    Left out are the texts of `left_out.yml`, which the tests measure.
    """
    left_out = {normalised(text) for text in read_data("examples/left_out.yml")["texts"]}
    for name in EXAMPLE_FILES:
        data = read_data(f"examples/{name}.yml")
        by_category = data.get("examples_by_category") or {data["category"]: data["examples"]}
        for category, lines in by_category.items():
            for line in lines:
                for text in expand(str(line)):
                    if normalised(text) not in left_out:
                        yield text, category


def normalised(text: str) -> str:
    """Give a text by which two may be compared: lower case, words alone."""
    return _NOT_A_WORD.sub(" ", text.lower()).strip()


def _table() -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Give the features and the label number of each training text."""
    rows, labels = [], []
    for text, category in examples():
        families = features(read(text, rules().lexicon))
        rows.append(np.concatenate([family.buckets for family in families]))
        labels.append(LABELS.index(category))
    return rows, np.array(labels)


def fit(
    rows: list[NDArray[np.int64]], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a multinomial logistic regression by gradient descent with momentum.

    Nothing is drawn at random and no threaded library is used, so that the same examples give
    the same weights.

    Args:
        rows: feature buckets of each text.
        labels: label number of each text, shape [n].

    Returns:
        Weights of shape [N_FEATURES, n_labels] and bias of shape [n_labels].
    """
    lengths = np.array([len(row) for row in rows])
    buckets = np.concatenate(rows)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    share = share_of(lengths)
    per_feature = np.repeat(share, lengths)
    owner = np.repeat(np.arange(len(rows)), lengths)
    wanted = np.eye(len(LABELS))[labels]
    # Each label counts as much as the root of its number of texts, so that the small ones are
    # heard and the large ones not drowned.
    counts = wanted.sum(axis=0)
    importance = (np.sqrt(counts.max() / counts))[labels]
    importance /= importance.mean()
    weights = np.zeros((N_FEATURES, len(LABELS)))
    bias = np.zeros(len(LABELS))
    speed, bias_speed = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(ROUNDS):
        scores = np.add.reduceat(weights[buckets], starts, axis=0) * share[:, None] + bias
        error = (softmax(scores) - wanted) * importance[:, None] / len(rows)
        spread = error[owner] * per_feature[:, None]
        slope = np.stack(
            [np.bincount(buckets, spread[:, k], N_FEATURES) for k in range(len(LABELS))], axis=1
        )
        speed = MOMENTUM * speed - RATE * (slope + DECAY * weights)
        bias_speed = MOMENTUM * bias_speed - RATE * error.sum(axis=0)
        weights += speed
        bias += bias_speed
    return weights, bias


def packed(weights: NDArray[np.float64], bias: NDArray[np.float64]) -> bytes:
    """Write weights as a small .npz, the same bytes for the same weights."""
    scale = np.float32(f"{np.abs(weights).max() / 127:.4g}")
    arrays = {
        "weights": np.rint(weights / scale).clip(-127, 127).astype(np.int8),
        "scale": scale,
        "bias": np.round(bias, 3).astype(np.float32),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            inner = io.BytesIO()
            np.save(inner, np.asarray(array), allow_pickle=False)
            # NumPy's own savez stamps the time into the file.
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), inner.getvalue()
            )
    return file.getvalue()


def train() -> bytes:
    """Train on the package's examples and give the bytes of `data/weights.npz`."""
    return packed(*fit(*_table()))


def main(arguments: list[str] | None = None) -> int:
    """Write the weights, or check that the stored ones are those of the examples."""
    parser = argparse.ArgumentParser(prog="python -m safety.training", description=__doc__)
    parser.add_argument("--check", action="store_true")
    path = Path(str(resources.files("safety").joinpath("data/weights.npz")))
    wanted = train()
    if parser.parse_args(arguments).check:
        if path.exists() and path.read_bytes() == wanted:
            print("safety: the stored weights are those of the examples.")
            return 0
        print("safety: the examples have changed; run `python -m safety.training`.")
        return 1
    path.write_bytes(wanted)
    print(f"safety: wrote {path.name}, {len(wanted) // 1024} kB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
