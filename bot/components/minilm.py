"""The sentence encoder all-MiniLM-L6-v2 as a component."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.components.embedding import SentenceEmbedding
from encoder.arrays import Matrix
from encoder.minilm import MiniLM, weights_file


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MiniLMEmbedding(SentenceEmbedding):
    """The encoder as its package stores it, in eight bits."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._encoder = MiniLM(self.changes())

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnx", "onnxruntime", "tokenizers"]

    @classmethod
    def weights_files(cls) -> tuple[Path, ...]:
        return (weights_file(),)

    @classmethod
    def changes(cls) -> Mapping[str, Matrix] | None:
        """Return what is added to the package's weights."""
        return None

    def encode(self, texts: list[str]) -> Matrix:
        """Return unit vectors, shape [n_texts, 384]."""
        return self._encoder.encode(texts)
