"""Learns the classifiers' weights from the examples; run it after changing an example.

`python -m safety.training` writes data/weights.npz (letters and words), data/meaning.npz (vectors
of any language) and data/meaning_adapted.npz (vectors of English, by an encoder that has learned
from the examples itself); with `--check` it only says whether the stored weights are those of the
examples.

The second encoder's adapter is fitted now and then, when many examples have come in, by TensorFlow
in the bot's environment. From the project's root, some 20 minutes:

    .venvs/desk/bin/python -m safety.training --texts /tmp/texts.json
    .venvs/bot/bin/python -m encoder.classes /tmp/texts.json safety/src/safety/data/adapter.npz
    .venvs/desk/bin/python -m safety.training
"""

import argparse
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise, product
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from safety import network
from safety.classifier import LABELS, N_FEATURES, features, share_of, softmax
from safety.lexicon import read_data
from safety.meaning import (
    NETWORKS,
    OF_ANY_LANGUAGE,
    OF_ENGLISH,
    Encode,
    Meaning,
    Vectors,
    load_adapted,
    load_encoder,
    parts_of,
    weights_version,
)
from safety.network import archive
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
    *(FAMILY_FILES := ("families_danger", "families_harmless")),
    ORDINARY_FILE := "ordinary",
    TOLD_FILE := "told",
)
# A line with many choices must not outweigh twenty lines without.
MOST_PER_LINE = 24
ROUNDS, RATE, MOMENTUM, DECAY = 120, 10.0, 0.9, 3e-5
# Vectors: a text of the moulds counts a tenth of one that a family might have written, and of a
# mould's many texts every fourth is learned.
MOULD_SHARE, MOULD_STEP, ORDINARY_SHARE = 0.1, 4, 1.0
# A story has many harmless sentences and one that is none; each is also learned with its neighbour.
TOLD_SHARE, TOLD_DANGER_SHARE = 0.4, 3.0
SHORTEST_TOLD = 3  # words
TOGETHER = 64  # Texts encoded together.
# Another processor's rounding grows in a network that learns; what it says stays nearly the same.
TOLERANCE = 0.02
COMPARED = 20  # Every so many of the texts are enough to compare two networks.
LOADED_BY: dict[str, Callable[[], Encode]] = {
    OF_ANY_LANGUAGE: load_encoder,
    OF_ENGLISH: load_adapted,
}
_NOT_A_WORD = re.compile(r"[^a-z0-9#]+")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_MARK = re.compile(r"[\[\]]")


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


def examples(files: Sequence[str] = EXAMPLE_FILES) -> Iterator[tuple[str, str]]:
    """Give every training text of some files with its category, or "none".

    Left out are the texts of `left_out.yml`, which the tests measure.
    """
    left_out = {normalised(text) for text in read_data("examples/left_out.yml")["texts"]}
    for name in files:
        data = read_data(f"examples/{name}.yml")
        by_category = data.get("examples_by_category") or {data["category"]: data["examples"]}
        for category, lines in by_category.items():
            for line in lines:
                if name == TOLD_FILE:
                    yield from sentences_of(line, category)
                    continue
                for text in expand(str(line)):
                    if normalised(text) not in left_out:
                        yield text, category


def sentences_of(story: str, category: str) -> list[tuple[str, str]]:
    """Give each sentence of a long story with its category, which only those in brackets have.

    One or two words ("And then?") are left out: alone they say nothing.
    """
    found: list[tuple[str, str]] = []
    for number, piece in enumerate(_MARK.split(story)):
        label = category if number % 2 else "none"
        found.extend((p, label) for p in parts_of(piece) if p.count(" ") >= SHORTEST_TOLD - 1)
    return found


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
    arrays: dict[str, ArrayLike] = {
        "weights": np.rint(weights / scale).clip(-127, 127).astype(np.int8),
        "scale": scale,
        "bias": np.round(bias, 3).astype(np.float32),
    }
    return archive(arrays)


def train() -> bytes:
    """Train on the package's examples and give the bytes of `data/weights.npz`."""
    return packed(*fit(*_table()))


def _told_rows() -> Iterator[tuple[str, str, float]]:
    """Give the sentences of the long stories and each two neighbours, as windows hold them."""
    for category, stories in read_data(f"examples/{TOLD_FILE}.yml")["examples_by_category"].items():
        for story in stories:
            parts = sentences_of(story, category)
            neighbours = [
                (f"{text} {after}", label_after if label == "none" else label)
                for (text, label), (after, label_after) in pairwise(parts)
            ]
            for text, label in parts + neighbours:
                yield text, label, TOLD_SHARE if label == "none" else TOLD_DANGER_SHARE


@lru_cache(maxsize=1)
def _meaning_table() -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
    """Give the texts for the sentence vectors, their label numbers and what each counts."""
    whole = (*FAMILY_FILES, ORDINARY_FILE, TOLD_FILE)
    moulds = [name for name in EXAMPLE_FILES if name not in whole]
    rows = [(*row, MOULD_SHARE) for row in list(examples(moulds))[::MOULD_STEP]]
    for files, share in ((FAMILY_FILES, 1.0), ([ORDINARY_FILE], ORDINARY_SHARE)):
        for text, category in examples(files):
            rows.append((text, category, share))
            parts = parts_of(text)
            if category == "none" and len(parts) > 1:
                # What is harmless as a whole is so in its parts; of a danger nobody knows which
                # part.
                rows.extend((part, category, share) for part in parts)
    rows.extend(_told_rows())
    labels = np.array([LABELS.index(category) for _, category, _ in rows])
    return [text for text, _, _ in rows], labels, np.array([row[2] for row in rows])


def train_meaning(name: str) -> bytes:
    """Train on the vectors of the examples and give the bytes of a network, one of `NETWORKS`.

    Raises:
        SystemExit: its encoder is missing, so nothing can be learned.
    """
    try:
        encode = LOADED_BY[name]()
    except ImportError as missing:
        message = f"safety: run `make setup`, then train again; {missing.name} is missing."
        raise SystemExit(message) from missing
    texts, labels, share = _meaning_table()
    learned = network.fit(_vectors_of(encode, texts), labels, share)
    return network.packed(learned, weights_version(name))


def _write_texts(file: Path) -> None:
    """Write the texts with their label numbers and what each counts, for `encoder.classes`."""
    texts, labels, share = _meaning_table()
    counts = np.where(labels > 0, network.DANGER_SHARE, 1.0) * share
    rows = list(zip(texts, labels.tolist(), counts.tolist(), strict=True))
    file.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


def _vectors_of(encode: Encode, texts: Sequence[str]) -> Vectors:
    """Give the vectors of many texts, those of about one length together."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    each: list[Vectors] = []
    for start in range(0, len(order), TOGETHER):
        each.append(encode([texts[at] for at in order[start : start + TOGETHER]]))
    return np.concatenate(each)[np.argsort(order)]


def are_alike(one: bytes, other: bytes, vectors: Vectors) -> bool:
    """Tell whether two stored networks say nearly the same of some vectors."""
    scores = [Meaning.stored(io.BytesIO(data)).score(vectors)[:, 0] for data in (one, other)]
    return bool(np.abs(scores[0] - scores[1]).mean() <= TOLERANCE)


def _is_current(data: Path, name: str, wanted: bytes) -> bool:
    """Tell whether a stored network says of some examples what one learned anew says."""
    file = data / f"{name}.npz"
    if not file.exists():
        return False
    texts, _, _ = _meaning_table()
    return are_alike(file.read_bytes(), wanted, _vectors_of(LOADED_BY[name](), texts[::COMPARED]))


def main(arguments: list[str] | None = None) -> int:
    """Write the weights, or check that the stored ones are those of the examples."""
    parser = argparse.ArgumentParser(prog="python -m safety.training", description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--texts", type=Path, help="only write what `encoder.classes` learns from")
    asked = parser.parse_args(arguments)
    if asked.texts:
        _write_texts(asked.texts)
        return 0
    data = Path(str(resources.files("safety").joinpath("data")))
    letters, wanted = data / "weights.npz", train()
    networks = {name: train_meaning(name) for name in NETWORKS}
    if asked.check:
        is_current = (
            letters.exists()
            and letters.read_bytes() == wanted
            and all(_is_current(data, name, content) for name, content in networks.items())
        )
        if is_current:
            print("safety: the stored weights are those of the examples.")
            return 0
        print("safety: the examples have changed; run `python -m safety.training`.")
        return 1
    written = {letters: wanted} | {data / f"{name}.npz": networks[name] for name in NETWORKS}
    for path, content in written.items():
        path.write_bytes(content)
        print(f"safety: wrote {path.name}, {len(content) // 1024} kB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
