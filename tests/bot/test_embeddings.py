"""The common family of checks, for each sentence embedding."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.components.embedding import SentenceEmbedding
from bot.components.minilm import MiniLMEmbedding
from bot.components.universal import UniversalSentenceEmbedding
from tests.bot.component_checks import EMBEDDING_CHECKS, make


@pytest.mark.parametrize("check", EMBEDDING_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(
    "embedding", [MiniLMEmbedding, UniversalSentenceEmbedding], ids=lambda e: e.__name__
)
def test_embedding(
    embedding: type[SentenceEmbedding], check: Callable[[type[SentenceEmbedding]], None]
) -> None:
    check(embedding)


def test_texts_of_about_one_length_run_together(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = make(MiniLMEmbedding)
    together: list[list[int]] = []
    run = encoder._session.run

    def counted(names: None, feed: dict[str, np.ndarray[Any, Any]]) -> Any:
        together.append(sorted(feed["attention_mask"].sum(axis=1).tolist()))
        return run(names, feed)

    monkeypatch.setattr(encoder, "_session", SimpleNamespace(run=counted))
    short, long = ["why", "why not", "is it safe"], "what does it do to her " * 6
    rows = encoder.encode([short[0], long, *short[1:]])

    assert together == [[38], [3, 4, 5]]
    monkeypatch.undo()
    np.testing.assert_allclose(rows[1], encoder.encode([long])[0], atol=1e-6)
    np.testing.assert_allclose(rows[3], encoder.encode([short[2]])[0], atol=1e-6)
