"""Ranks all labels, entries and other intents alike, for every reading of a message."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
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
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it has no types

from bot.components.embedding import EMBEDDINGS
from bot.components.features import stacked
from bot.components.label_model import Embeddings, Examples, FitSettings, LabelModel
from bot.components.labels import Labels
from bot.components.output import set_intent
from bot.components.ranker import Ranker, hold_out
from bot.components.readings import PASSAGE_OF, READINGS, Reading
from encoder.arrays import Matrix

_WORDS = re.compile(r"[a-z0-9]+")
JUDGED = "judged"
"""Where the confidences of a message's readings stand in its data."""

_SURE = 0.99
"""Chance of the label whose own example a text is, word for word."""


@dataclass(frozen=True)
class Judged:
    """What all readings of a message may mean.

    Attributes:
        labels: all labels, n_labels of them.
        confidences: shape [n_readings, n_labels].
        evidence: what they rest on, shape [n_readings, n_labels, len(EVIDENCE)].
        is_known: whether each reading is a training question, word for word.
        vectors: the readings' embeddings side by side, unit rows, shape [n_readings, n_dims].
    """

    labels: Labels
    confidences: Matrix
    evidence: Matrix
    is_known: list[bool]
    vectors: Matrix


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
            # Inverse strength of the penalty: 5 and 60 were right less often on held-out
            # questions (tried on 8,877 examples of 315 labels).
            "regularisation": 20.0,
            # More steps of the optimiser change nothing on held-out questions.
            "steps": 30,
            # 500 dimensions and longer n-grams were right as often and four times the size.
            "letter_dims": 300,
            # Letters at half the weight of an embedding: 1.0 cost 1.5 points, 0 cost 0.7.
            "letter_weight": 0.5,
            # A sentence of an answer counts as a third of a question: with it 1.5 points more
            # questions find their entry, at the same weight as questions 2 points fewer do.
            "passage_weight": 0.3,
            # With 128 of 896 dimensions the nearest example was right 5 points less often.
            "nearest_dims": 300,
            # Share of the questions that the evidence is weighed on; the final model sees all.
            "held_out": 0.25,
            # Fitted by likelihood to the held-out set of 2026-11-23, which serves as validation.
            "sharpness": 1.4,
            # Labels for what is none of ours: hidden, they teach what "none of these" looks like.
            "foreign": [],
        }

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: LabelModel | None = None
        self._ranker: Ranker | None = None
        self._asked: dict[str, str] = {}

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
        """Fit the model on all examples and its weighing on held-out ones, and store both.

        Raises:
            ValueError: fewer than two labels have examples.
        """
        examples, settings = examples_of(training_data), self._settings()
        foreign = frozenset(self._config["foreign"])
        # Two fits side by side with one thread each: much of a fit is no matrix product.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(1) as pool:
            pending = pool.submit(hold_out, examples, settings, self._config["held_out"], foreign)
            self._model = LabelModel.fit(examples, settings)
            held_out = pending.result()
        self._ranker = Ranker.fit(held_out, self._model.has_passages().astype(np.int64))
        self._ranker.sharpness = self._config["sharpness"]
        self._asked = _asked_once(examples)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / "selector.npz")
            learned = {"ranker": self._ranker.as_data(), "asked": self._asked}
            (folder / "selector.json").write_text(json.dumps(learned), "utf-8")
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
        # The matrices of one message are small: a second thread costs more than it saves, and takes
        # the core that the desk needs. Training comes before loading and keeps all threads.
        threadpool_limits(1, user_api="blas")
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = LabelModel.load(folder / "selector.npz")
            learned = json.loads((folder / "selector.json").read_text("utf-8"))
        component._ranker = Ranker.from_data(learned["ranker"])
        component._ranker.sharpness = config["sharpness"]
        component._asked = learned["asked"]
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Rank the labels of all examples that have a text."""
        self.process([m for m in training_data.training_examples if m.get(READINGS)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge every reading of the messages; intent and ranking follow the whole message."""
        for message in messages:
            readings: list[Reading] = message.get(READINGS)
            judged = self.judge(
                [reading.text for reading in readings], message.get(EMBEDDINGS).by_encoder
            )
            message.set(JUDGED, judged)
            set_intent(message, judged.labels, judged.confidences[0])
        return messages

    def judge(self, texts: list[str], embeddings: Embeddings) -> Judged:
        """Return the confidences of all labels for some texts.

        Args:
            texts: normalised.
            embeddings: for each encoder, unit rows, shape [n_texts, n_dims].

        Raises:
            RuntimeError: the component was neither trained nor loaded.
        """
        if self._model is None or self._ranker is None:
            raise RuntimeError("the selector has to be trained first: run `rasa train`")
        evidence = self._model.evidence(texts, embeddings)
        chances = self._ranker.chances(evidence)
        known = [self._asked.get(_bare(text)) for text in texts]
        for row, label in enumerate(known):
            if label is not None:
                chances[row] *= 1 - _SURE
                chances[row, self._model.labels.column[label]] = _SURE
        is_known = [label is not None for label in known]
        return Judged(self._model.labels, chances, evidence, is_known, stacked(embeddings))

    def _settings(self) -> FitSettings:
        names = FitSettings.__dataclass_fields__.keys() - {"seed"}
        return FitSettings(**{name: self._config[name] for name in names})


def examples_of(training_data: TrainingData) -> Examples:
    """Return all questions and passages with their embeddings.

    Raises:
        ValueError: there are none.
    """
    questions = [m for m in training_data.intent_examples if m.get(READINGS)]
    passages = [m for m in training_data.training_examples if m.get(PASSAGE_OF)]
    if not questions:
        raise ValueError("there are no training examples: is the knowledge folder in place?")
    asked = {message.get_full_intent() for message in questions}
    passages = [message for message in passages if message.get(PASSAGE_OF) in asked]
    messages = [*questions, *passages]
    encoders = questions[0].get(EMBEDDINGS).by_encoder.keys()
    return Examples(
        texts=[message.get(READINGS)[0].text for message in messages],
        embeddings={
            name: np.vstack([message.get(EMBEDDINGS).by_encoder[name] for message in messages])
            for name in encoders
        },
        labels=np.array([m.get(PASSAGE_OF) or m.get_full_intent() for m in messages]),
        is_passage=np.array([bool(message.get(PASSAGE_OF)) for message in messages]),
    )


def _asked_once(examples: Examples) -> dict[str, str]:
    """Return label by bare question, for questions that stand under one label alone."""
    found: dict[str, set[str]] = {}
    for at in np.flatnonzero(~examples.is_passage):
        found.setdefault(_bare(examples.texts[at]), set()).add(str(examples.labels[at]))
    return {text: labels.pop() for text, labels in found.items() if text and len(labels) == 1}


def _bare(text: str) -> str:
    """Return the words of a normalised text alone, as a question is compared."""
    return " ".join(_WORDS.findall(text))
