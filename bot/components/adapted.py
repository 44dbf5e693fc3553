"""MiniLM as the house's own questions have taught it: the encoder of the package and an adapter."""

from __future__ import annotations

from pathlib import Path

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.adapter import ADAPTER, read_changes
from bot.components.minilm import MiniLMEmbedding
from bot.eight_bits import with_eight_bit_products


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
    def model(cls) -> bytes:
        """Return the ONNX model that multiplies in eight bits, with the changes in its weights."""
        package, adapter = cls.weights_files()
        return with_eight_bit_products(package, read_changes(adapter))
