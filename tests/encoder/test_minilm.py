"""MiniLM in eight bits, in both environments."""

import numpy as np
import onnxruntime
import pytest

from encoder.adapter import LowRank, read_changes, write_changes
from encoder.minilm import N_DIMENSIONS, MiniLM, weights_file
from encoder.wordpieces import MOST_PIECES, everyday_words, load_tokenizer

TEXTS = ["is blinatumomab safe for babies?", "he will not eat", "how long does it take"]


def test_a_vector_does_not_change_with_its_neighbours():
    encoder = MiniLM()
    long = "what does it do to her " * 6
    together = encoder.encode(["why", long, "is it safe"])

    assert together[0] == pytest.approx(encoder.encode(["why"])[0], abs=1e-6)
    assert together[1] == pytest.approx(encoder.encode([long])[0], abs=1e-6)


def test_eight_bits_say_what_the_stored_weights_say():
    wide = onnxruntime.InferenceSession(str(weights_file()))
    tokenizer = load_tokenizer(MOST_PIECES)
    for row, text in zip(MiniLM().encode(TEXTS), TEXTS, strict=True):
        ids = np.array([tokenizer.encode(text).ids])
        feed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        total = wide.run(None, feed)[0][0].sum(axis=0)
        assert row @ (total / np.linalg.norm(total)) > 0.97


@pytest.mark.parametrize("text", ["", "?!", "a word " * 1_000, "\U0001f642", "x" * 70_000])
def test_any_text_has_a_vector_of_length_one(text):
    vectors = MiniLM().encode([text])

    assert vectors.shape == (1, N_DIMENSIONS)
    assert np.linalg.norm(vectors) == pytest.approx(1, abs=1e-4)


def test_no_texts_have_no_vectors():
    assert MiniLM().encode([]).shape == (0, N_DIMENSIONS)


def test_kept_changes_are_read_back(tmp_path):
    random = np.random.default_rng(2)
    thin = LowRank(*(random.normal(size=size).astype(np.float32) for size in ((6, 2), (2, 4))))
    write_changes(tmp_path / "a.npz", {"val_1": thin})

    found = read_changes(tmp_path / "a.npz")

    assert list(found) == ["val_1"]
    assert found["val_1"] == pytest.approx(thin.down @ thin.up, abs=0.01)
    with pytest.raises(FileNotFoundError):
        read_changes(tmp_path / "b.npz")


def test_everyday_words_are_english():
    words = everyday_words()

    assert {"baby", "breathing", "tomorrow"} <= words
    assert not {"behandlung", "traitement", "respira"} & words
