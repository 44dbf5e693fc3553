"""The encoder's adapter: what is kept, what it does in eight bits, and that it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.adapter import ADAPTER, LowRank, read_changes, write_changes
from bot.components.adapted import AdaptedMiniLMEmbedding
from bot.components.minilm import MiniLMEmbedding
from bot.eight_bits import with_eight_bit_products
from bot.fit_adapter import fit, texts_of
from bot.transformer import Transformer, padded
from bot.wordpieces import load_tokenizer
from tests.bot.component_checks import make

PACKAGE = MiniLMEmbedding.weights_files()[0]
ROWS = [
    ("is blinatumomab safe for babies", "ask/safe", 1.0),
    ("how safe is the drug in infants", "ask/safe", 1.0),
    ("does it harm a baby", "ask/safe", 1.0),
    ("is blinatumomab safe for my son", "advice", 1.0),
    ("is it safe for her with these liver values", "advice", 1.0),
    ("will it harm my girl, her count is low", "advice", 1.0),
]


def pieces(*texts: str) -> list[list[int]]:
    tokenizer = load_tokenizer()
    tokenizer.no_padding()
    return [encoded.ids for encoded in tokenizer.encode_batch(list(texts))]


def test_kept_changes_are_read_back(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    thin = LowRank(*(random.normal(size=size).astype(np.float32) for size in ((6, 2), (2, 4))))
    write_changes(tmp_path / "a.npz", {"val_1": thin})

    found = read_changes(tmp_path / "a.npz")

    assert list(found) == ["val_1"]
    assert found["val_1"] == pytest.approx(thin.down @ thin.up, abs=0.01)
    with pytest.raises(FileNotFoundError):
        read_changes(tmp_path / "b.npz")


def test_the_kept_adapter_changes_every_product_and_keeps_meaning() -> None:
    assert len(read_changes(ADAPTER)) == 36
    texts = ["is it safe for babies", "is it safe for my son with his liver values"]

    plain, adapted = make(MiniLMEmbedding).encode(texts), make(AdaptedMiniLMEmbedding).encode(texts)

    assert adapted[0] @ adapted[1] < plain[0] @ plain[1] - 0.2


def test_an_adapter_of_nothing_leaves_the_package_as_it_is() -> None:
    encoder = Transformer(PACKAGE, rank=2, seed=1)
    texts = ["is blinatumomab safe for babies?", "he will not eat", "how long does it take"]

    found = encoder(*padded(pieces(*texts))).numpy()

    wanted = make(MiniLMEmbedding).encode(texts)
    assert (found * wanted).sum(axis=1) == pytest.approx(1, abs=0.03)


def test_what_is_learned_in_full_precision_is_said_in_eight_bits(tmp_path: Path) -> None:
    encoder = fit(texts_of(ROWS), PACKAGE, passes=100)
    write_changes(tmp_path / "a.npz", encoder.changes())

    class Learned(MiniLMEmbedding):
        @classmethod
        def model(cls) -> bytes:
            return with_eight_bit_products(PACKAGE, read_changes(tmp_path / "a.npz"))

    texts = [text for text, *_ in ROWS]
    wide = encoder(*padded(pieces(*texts))).numpy()
    small, plain = make(Learned).encode(texts), make(MiniLMEmbedding).encode(texts)
    assert (wide * small).sum(axis=1) == pytest.approx(1, abs=0.04)
    assert (wide * plain).sum(axis=1).min() < 0.9


def test_texts_of_one_label_come_closer_and_others_move_apart() -> None:
    before = Transformer(PACKAGE, rank=2, seed=1)
    batch = padded(pieces(*(text for text, *_ in ROWS)))
    same = np.array([[one[1] == other[1] for one in ROWS] for other in ROWS])

    def gap(encoder: Transformer) -> float:
        vectors = encoder(*batch).numpy()
        alike = vectors @ vectors.T
        return float(alike[same].mean() - alike[~same].mean())

    # Of two labels alone, a tenth shared by all would be half of what tells them apart.
    assert gap(fit(texts_of(ROWS), PACKAGE, passes=100, smooth=0)) > gap(before) + 0.3
