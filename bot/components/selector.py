"""Ranks all labels, entries and other intents alike, for every reading of a message."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.calibration import Calibration, held_out_scores
from bot.components.embedding import EMBEDDINGS
from bot.components.label_model import Features, FitSettings, LabelModel
from bot.components.output import set_intent
from bot.components.readings import READINGS, Reading
from bot.components.regression import Matrix

JUDGED = "judged"
"""Where the confidences of a message's readings stand in its data."""


@dataclass(frozen=True)
class Judged:
    """Confidences of all labels for all readings of a message, shape [n_readings, n_labels]."""

    labels: list[str]
    confidences: Matrix


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LabelSelector(IntentClassifier, GraphComponent):
    """One model over `ask/<id>` and every other intent, with calibrated confidences.

    Together they are one ranking: a separate model for intents could say that a message is a
    question, but not that no entry answers it. Honours Rasa's response-selector contract, so
    that `utter_ask`, `rasa test` and the tracker work unchanged.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "regularisation": 20.0,
            "ngram_dims": 300,
            "nearest_share": 0.5,
            "held_out": 0.25,
        }

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: LabelModel | None = None
        self._calibration: Calibration | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LabelSelector:
        return cls(config, model_storage, resource)

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on all examples and its calibration on held-out ones, and store both.

        Raises:
            ValueError: fewer than two labels have examples.
        """
        texts, embeddings, labels = _examples_of(training_data)
        settings = self._settings()
        scores, right = held_out_scores(
            texts, embeddings, labels, settings, self._config["held_out"]
        )
        self._calibration = Calibration.fit(scores, right)
        self._model = LabelModel.fit(texts, embeddings, labels, settings)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / "selector.npz")
            curve = json.dumps(dataclasses.asdict(self._calibration))
            (folder / "calibration.json").write_text(curve, "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LabelSelector:
        """Return the trained component.

        Raises:
            ValueError: nothing was trained under this resource, or it is damaged.
            OSError: a file is missing.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = LabelModel.load(folder / "selector.npz")
            curve = json.loads((folder / "calibration.json").read_text("utf-8"))
        component._calibration = Calibration(**curve)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Rank the labels of all examples that have a text."""
        self.process([m for m in training_data.training_examples if m.get(READINGS)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge every reading of the messages; intent and ranking follow the whole message."""
        for message in messages:
            readings: list[Reading] = message.get(READINGS)
            judged = self.judge([reading.text for reading in readings], message.get(EMBEDDINGS))
            message.set(JUDGED, judged)
            set_intent(message, judged.labels, judged.confidences[0])
        return messages

    def judge(self, texts: list[str], embeddings: Features) -> Judged:
        """Return the confidences of all labels for some texts.

        Args:
            texts: normalised.
            embeddings: for each encoder, unit rows, shape [n_texts, n_dims].

        Raises:
            RuntimeError: the component was neither trained nor loaded.
        """
        if self._model is None or self._calibration is None:
            raise RuntimeError("the selector has to be trained first: run `rasa train`")
        scores = self._model.scores(texts, embeddings)
        return Judged(self._model.labels, self._calibration.confidences(scores))

    def _settings(self) -> FitSettings:
        return FitSettings(
            regularisation=self._config["regularisation"],
            ngram_dims=self._config["ngram_dims"],
            nearest_share=self._config["nearest_share"],
        )


def _examples_of(training_data: TrainingData) -> tuple[list[str], Features, list[str]]:
    """Return normalised texts, embeddings and labels of all examples with a text."""
    examples = [m for m in training_data.intent_examples if m.get(READINGS)]
    if not examples:
        raise ValueError("there are no training examples: is the knowledge folder in place?")
    texts = [example.get(READINGS)[0].text for example in examples]
    labels = [example.get_full_intent() for example in examples]
    encoders = examples[0].get(EMBEDDINGS).keys()
    embeddings = {
        name: np.vstack([example.get(EMBEDDINGS)[name] for example in examples])
        for name in encoders
    }
    return texts, embeddings, labels
