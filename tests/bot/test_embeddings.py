"""The common family of checks, for each sentence embedding."""

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest

from bot.components.adapted import AdaptedMiniLMEmbedding
from bot.components.embedding import SentenceEmbedding
from bot.components.minilm import MiniLMEmbedding
from bot.components.universal import UniversalSentenceEmbedding
from tests.bot.component_checks import EMBEDDING_CHECKS, make


@pytest.mark.parametrize("check", EMBEDDING_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(
    "embedding",
    [AdaptedMiniLMEmbedding, MiniLMEmbedding, UniversalSentenceEmbedding],
    ids=lambda e: e.__name__,
)
def test_embedding(
    embedding: type[SentenceEmbedding], check: Callable[[type[SentenceEmbedding]], None]
) -> None:
    check(embedding)


def test_a_vector_does_not_change_with_its_neighbours() -> None:
    encoder = make(MiniLMEmbedding)
    long = "what does it do to her " * 6
    together = encoder.encode(["why", long, "is it safe"])

    assert together[0] == pytest.approx(encoder.encode(["why"])[0], abs=1e-6)
    assert together[1] == pytest.approx(encoder.encode([long])[0], abs=1e-6)


def test_eight_bits_say_what_the_stored_weights_say() -> None:
    encoder = make(MiniLMEmbedding)
    wide = onnxruntime.InferenceSession(str(MiniLMEmbedding.weights_files()[0]))
    texts = ["is blinatumomab safe for babies?", "he will not eat", "how long does it take"]
    found = encoder.encode(texts)
    for row, text in zip(found, texts, strict=True):
        ids = np.array([encoder._tokenizer.encode(text).ids])
        feed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        total = wide.run(None, feed)[0][0].sum(axis=0)
        assert row @ (total / np.linalg.norm(total)) > 0.97
