"""MiniLM as the house's own questions have taught it: the encoder of the package and an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.components.minilm import MiniLMEmbedding
from encoder.adapter import read_changes
from encoder.arrays import Matrix

ADAPTER = Path(__file__).parent / "minilm_adapter.npz"
"""Where the adapter stands."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class AdaptedMiniLMEmbedding(MiniLMEmbedding):
    """The same network with small changes to its weights, fitted by `python -m bot.fit_adapter`.

    The package's encoder puts "is it safe?" and "is it safe for my son with his liver values?" side
    by side, since they speak of the same; here they mean different things. The changes are added
    before the weights are rounded, so that a sentence takes no longer.

    Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2022).
    """

    @classmethod
    def weights_files(cls) -> tuple[Path, ...]:
        return (*super().weights_files(), ADAPTER)

    @classmethod
    def changes(cls) -> Mapping[str, Matrix]:
        """Return what has been learned."""
        return read_changes(ADAPTER)
