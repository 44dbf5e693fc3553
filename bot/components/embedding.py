"""What every sentence embedding has in common; a model is a class with `encode` and a line."""

from __future__ import annotations

import hashlib
import os
from abc import abstractmethod
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it has no types

from bot.components.readings import READINGS, Reading
from encoder.arrays import Matrix

EMBEDDINGS = "embeddings"
"""Where the `Vectors` of a message stand in its data."""

_GROUP = 500  # Texts embedded together by one core; enough to share the work.


@dataclass(frozen=True)
class Vectors:
    """Embeddings of a message's readings: encoder name to shape [n_readings, n_dims]."""

    by_encoder: Mapping[str, Matrix]

    def fingerprint(self) -> str:
        """Return a digest for Rasa's cache, which would otherwise print every number."""
        digest = hashlib.sha256()
        for name, rows in sorted(self.by_encoder.items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(rows).tobytes())
        return digest.hexdigest()


class WeightsChanged(ValueError):
    """The installed weights are not those that the configuration names."""


class SentenceEmbedding(GraphComponent):
    """Puts a unit vector for each reading of a message into its data.

    A subclass names its weights files and turns texts into vectors. The configuration must name
    the version of the weights, `weights: <first 12 hex digits of their SHA-256>`: Rasa's
    fingerprint of a trained model covers the configuration and not an installed package, so a
    model trained on other weights would otherwise be taken for current.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        """Load the weights.

        Raises:
            WeightsChanged: the installed weights are not those of the configuration.
        """
        installed = weights_version(*self.weights_files())
        if config.get("weights") != installed:
            raise WeightsChanged(
                f"{type(self).__name__}: the weights here are version '{installed}' and "
                f"config.yml says '{config.get('weights')}'. Write 'weights: {installed}' and "
                "train again, or put back the files of that version: "
                f"{', '.join(file.name for file in self.weights_files())}."
            )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        return cls(config)

    @classmethod
    @abstractmethod
    def weights_files(cls) -> tuple[Path, ...]:
        """Return the files that decide what the vectors are."""

    @abstractmethod
    def encode(self, texts: list[str]) -> Matrix:
        """Return a vector of unit length for each text, shape [n_texts, n_dims].

        Several threads may call it at once.
        """

    def encode_many(self, texts: Set[str]) -> dict[str, Matrix]:
        """Return the vector of each text, shape [n_dims], with all cores at work."""
        # Long ones first: texts of one length share the work, and the last groups are short.
        ordered = sorted(texts, key=_longest_first)
        groups = [ordered[at : at + _GROUP] for at in range(0, len(ordered), _GROUP)]
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
            vectors = [vector for rows in pool.map(self.encode, groups) for vector in rows]
        return dict(zip(ordered, vectors, strict=True))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed all examples and passages, each distinct text once."""
        messages = [m for m in training_data.training_examples if m.get(READINGS)]
        vector_of = self.encode_many({text for m in messages for text in _texts_of(m)})
        for message in messages:
            self._keep(message, np.stack([vector_of[text] for text in _texts_of(message)]))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed every reading of the messages."""
        for message in messages:
            self._keep(message, self.encode(_texts_of(message)))
        return messages

    def _keep(self, message: Message, vectors: Matrix) -> None:
        known = message.get(EMBEDDINGS)
        others = known.by_encoder if known else {}
        message.set(EMBEDDINGS, Vectors({**others, type(self).__name__: vectors}))


def _texts_of(message: Message) -> list[str]:
    readings: list[Reading] = message.get(READINGS)
    return [reading.text for reading in readings]


def _longest_first(text: str) -> tuple[int, str]:
    return -len(text), text


def weights_version(*files: Path) -> str:
    """Return the first 12 hex digits of the SHA-256 of some files, one behind the other."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:12]
