"""The sentence encoder once more in TensorFlow, which comes with Rasa: it can learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
from onnx import numpy_helper

from encoder.adapter import LowRank
from encoder.arrays import Matrix
from encoder.minilm import N_DIMENSIONS

Tensor = Any  # TensorFlow's types are not read.

_LAYERS, _HEADS, _DIMS = 6, 12, N_DIMENSIONS
_SMALL = 1e-12
_STRETCH = 2.0  # An adapter's share; with more, it learns in larger steps.
_FAR = -1e9  # Added to what must not be looked at.
# The products of a layer in the order of the network: query, key, value, what attention gives,
# and the two of the feed-forward part. A stored product has no name but a number that rises.
_PRODUCTS = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip
_NORMS = ("attention.output", "output")


@dataclass(frozen=True)
class _Product:
    """One product of the network and its low-rank change."""

    name: str
    weight: Tensor
    bias: Tensor
    down: Tensor
    up: Tensor

    def __call__(self, rows: Tensor, left_out: float) -> Tensor:
        seen = tf.nn.dropout(rows, left_out) if left_out else rows
        change = tf.matmul(tf.matmul(seen, self.down), self.up)
        return tf.matmul(rows, self.weight) + self.bias + _STRETCH * change


class Transformer:
    """all-MiniLM-L6-v2 as its package stores it, widened, with an adapter that begins as nothing.

    Source: Devlin et al., BERT (2019), for the network; Hu et al., LoRA (2022), for the adapter.
    """

    def __init__(self, file: Path, rank: int, seed: int) -> None:
        """Read the weights.

        Args:
            file: the package's ONNX model.
            rank: of each change.
            seed: of what the changes begin with.

        Raises:
            KeyError: it is another model.
        """
        stored = {
            tensor.name: numpy_helper.to_array(tensor)
            for tensor in onnx.load(str(file)).graph.initializer
        }
        random = np.random.default_rng(seed)
        self._words = tf.constant(_widened(stored, "inner.embeddings.word_embeddings.weight"))
        self._places = tf.constant(_widened(stored, "inner.embeddings.position_embeddings.weight"))
        self._kind = tf.constant(stored["inner.embeddings.token_type_embeddings.weight"][0])
        self._first = _norm_of(stored, "inner.embeddings.LayerNorm")
        numbered = sorted(
            (
                name.removesuffix("_q")
                for name in stored
                if name.startswith("val_") and name.endswith("_q")
            ),
            key=lambda name: int(name.removeprefix("val_")),
        )
        self._layers = []
        for layer in range(_LAYERS):
            own = numbered[layer * len(_PRODUCTS) : (layer + 1) * len(_PRODUCTS)]
            prefix = f"inner.encoder.layer.{layer}."
            products = [
                _product(stored, name, f"{prefix}{part}.bias", rank, random)
                for name, part in zip(own, _PRODUCTS, strict=True)
            ]
            norms = [_norm_of(stored, f"{prefix}{part}.LayerNorm") for part in _NORMS]
            self._layers.append((products, norms))

    def __call__(self, ids: Tensor, mask: Tensor, left_out: float = 0.0) -> Tensor:
        """Return a vector of unit length for each text, shape [n_texts, 384].

        Args:
            ids: word pieces, shape [n_texts, n_tokens].
            mask: 1 where there is one, 0 where a shorter text was filled up; of the same shape.
            left_out: share of what an adapter sees that is left out at random, while it learns.
        """
        n_texts, n_tokens = tf.shape(ids)[0], tf.shape(ids)[1]
        places = self._places[:n_tokens][None]
        rows = _normed(tf.gather(self._words, ids) + places + self._kind, self._first)
        rows = tf.reshape(rows, (-1, _DIMS))
        unseen = (1 - mask)[:, None, None, :] * _FAR

        def by_head(of_tokens: Tensor) -> Tensor:
            heads = tf.reshape(of_tokens, (n_texts, n_tokens, _HEADS, _DIMS // _HEADS))
            return tf.transpose(heads, (0, 2, 1, 3))

        for products, norms in self._layers:
            *asking, attended, widen, narrow = products
            query, key, value = (by_head(each(rows, left_out)) for each in asking)
            scores = tf.matmul(query, key, transpose_b=True) / np.sqrt(_DIMS // _HEADS)
            seen = tf.matmul(tf.nn.softmax(scores + unseen), value)
            seen = tf.reshape(tf.transpose(seen, (0, 2, 1, 3)), (-1, _DIMS))
            rows = _normed(attended(seen, left_out) + rows, norms[0])
            wide = tf.nn.gelu(widen(rows, left_out))
            rows = _normed(narrow(wide, left_out) + rows, norms[1])
        tokens = tf.reshape(rows, (n_texts, n_tokens, _DIMS)) * mask[..., None]
        return tf.math.l2_normalize(tf.reduce_sum(tokens, axis=1), axis=-1)

    @property
    def variables(self) -> list[Any]:
        """What can learn."""
        return [part for product in self._products() for part in (product.down, product.up)]

    def changes(self) -> dict[str, LowRank]:
        """Return what has been learned, by the name of the weight that it is added to."""
        return {
            product.name: LowRank(product.down.numpy(), _STRETCH * product.up.numpy())
            for product in self._products()
        }

    def _products(self) -> list[_Product]:
        return [product for products, _ in self._layers for product in products]


def padded(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return the word pieces of some texts as ids and mask, both shape [n_texts, n_tokens]."""
    longest = -(-max(map(len, texts)) // 4) * 4  # Few shapes: each new one is planned anew.
    ids = np.zeros((len(texts), longest), np.int32)
    mask = np.zeros((len(texts), longest), np.float32)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return tf.constant(ids), tf.constant(mask)


def _widened(stored: dict[str, Any], name: str) -> Matrix:
    wide: Matrix = stored[f"{name}_q"].astype(np.float32) * stored[f"{name}_scale"]
    return wide


def _product(
    stored: dict[str, Any], name: str, bias: str, rank: int, random: np.random.Generator
) -> _Product:
    weight = _widened(stored, name)
    down = random.normal(0, len(weight) ** -0.5, (len(weight), rank)).astype(np.float32)
    up = np.zeros((rank, weight.shape[1]), np.float32)
    return _Product(
        name,
        tf.constant(weight),
        tf.constant(stored[bias]),
        tf.Variable(down),
        tf.Variable(up),
    )


def _norm_of(stored: dict[str, Any], name: str) -> tuple[Tensor, Tensor]:
    return tf.constant(stored[f"{name}.weight"]), tf.constant(stored[f"{name}.bias"])


def _normed(rows: Tensor, norm: tuple[Tensor, Tensor]) -> Tensor:
    """Return rows with mean 0 and deviation 1, stretched and moved as the layer wants it."""
    centred = rows - tf.reduce_mean(rows, axis=-1, keepdims=True)
    spread = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
    return centred * tf.math.rsqrt(spread + _SMALL) * norm[0] + norm[1]
