"""The encoder's adapter: what is kept, what it does in eight bits, and that it learns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.components.adapted import ADAPTER
from bot.fit_adapter import fit, texts_of
from encoder import classes
from encoder.adapter import read_changes, write_changes
from encoder.arrays import Matrix
from encoder.learning import Texts
from encoder.minilm import MiniLM, weights_file
from encoder.transformer import Transformer, padded

ROWS = [
    ("is blinatumomab safe for babies", "ask/safe", 1.0),
    ("how safe is the drug in infants", "ask/safe", 1.0),
    ("does it harm a baby", "ask/safe", 1.0),
    ("is blinatumomab safe for my son", "advice", 1.0),
    ("is it safe for her with these liver values", "advice", 1.0),
    ("will it harm my girl, her count is low", "advice", 1.0),
]


TEXTS = [text for text, *_ in ROWS]


def wide(encoder: Transformer, texts: list[str]) -> Matrix:
    """Return what the encoder says in full precision, shape [n_texts, 384]."""
    learned = Texts.of(texts, np.zeros(len(texts), np.int64), np.ones(len(texts), np.float32))
    vectors: Matrix = encoder(*padded(learned.pieces)).numpy()
    return vectors


def test_the_bots_adapter_changes_every_product_and_keeps_meaning() -> None:
    assert len(read_changes(ADAPTER)) == 36
    texts = ["is it safe for babies", "is it safe for my son with his liver values"]

    plain, adapted = MiniLM().encode(texts), MiniLM(read_changes(ADAPTER)).encode(texts)

    assert adapted[0] @ adapted[1] < plain[0] @ plain[1] - 0.2


def test_an_adapter_of_nothing_leaves_the_package_as_it_is() -> None:
    texts = ["is blinatumomab safe for babies?", "he will not eat", "how long does it take"]

    found = wide(Transformer(weights_file(), rank=2, seed=1), texts)

    assert (found * MiniLM().encode(texts)).sum(axis=1) == pytest.approx(1, abs=0.03)


def test_what_is_learned_in_full_precision_is_said_in_eight_bits(tmp_path: Path) -> None:
    encoder = fit(texts_of(ROWS), passes=100)
    write_changes(tmp_path / "a.npz", encoder.changes())

    learned = wide(encoder, TEXTS)
    small, plain = MiniLM(read_changes(tmp_path / "a.npz")).encode(TEXTS), MiniLM().encode(TEXTS)
    assert (learned * small).sum(axis=1) == pytest.approx(1, abs=0.04)
    assert (learned * plain).sum(axis=1).min() < 0.9


def gap(vectors: Matrix) -> float:
    """Return how much closer texts of one label lie than texts of two."""
    same = np.array([[one[1] == other[1] for one in ROWS] for other in ROWS])
    alike = vectors @ vectors.T
    return float(alike[same].mean() - alike[~same].mean())


def test_texts_of_one_label_come_closer_and_others_move_apart() -> None:
    before = gap(wide(Transformer(weights_file(), rank=2, seed=1), TEXTS))

    # Of two labels alone, a tenth shared by all would be half of what tells them apart.
    assert gap(wide(fit(texts_of(ROWS), passes=100, smooth=0), TEXTS)) > before + 0.3


def test_an_adapter_tells_classes_apart() -> None:
    numbers = {"ask/safe": 0, "advice": 1}
    rows = [(text, numbers[label], count) for text, label, count in ROWS]

    encoder = classes.fit(rows, passes=200)

    assert gap(wide(encoder, TEXTS)) > gap(MiniLM().encode(TEXTS)) + 0.05


def test_a_file_of_texts_becomes_an_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, adapter = tmp_path / "texts.json", tmp_path / "adapter.npz"
    texts.write_text(json.dumps([["he is limp", 1, 2.0], ["what is mrd", 0, 1.0]]))
    monkeypatch.setattr(classes, "_PASSES", 1)

    assert classes.main([str(texts), str(adapter)]) == 0
    assert len(read_changes(adapter)) == 36
    assert classes.main([str(texts)]) == 2
    assert "usage" in capsys.readouterr().err
