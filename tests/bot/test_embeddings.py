"""The common family of checks, for each sentence embedding."""

from collections.abc import Callable

import pytest

from bot.components.adapted import AdaptedMiniLMEmbedding
from bot.components.embedding import SentenceEmbedding
from bot.components.minilm import MiniLMEmbedding
from bot.components.universal import UniversalSentenceEmbedding
from tests.bot.component_checks import EMBEDDING_CHECKS


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
