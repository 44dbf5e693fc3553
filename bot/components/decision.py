"""Answers, asks back or falls back: the last word on what a message means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.context import ContextModel, Neighbourhood
from bot.components.follow_ups import FollowUps, follow_ups_of
from bot.components.labels import Labels
from bot.components.message import MessageModel
from bot.components.output import set_intent
from bot.components.readings import READINGS, Reading
from bot.components.selector import JUDGED, Judged
from bot.components.verdicts import Outcome, Thresholds, decide
from bot.components.weights import read_weights
from bot.names import entry_id
from bot.turn import Metadata
from encoder.arrays import Matrix

DECISION = "decision"
"""Where the outcome stands in the output of Rasa's NLU, for the text generator."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Decision(IntentClassifier, GraphComponent):
    """Takes the place of Rasa's FallbackClassifier, which cannot tell two entries apart.

    All thresholds come from the configuration. Training stores which entries belong together, and
    what people ask after each.
    """

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._thresholds = Thresholds(
            **{name: config[name] for name in Thresholds.__dataclass_fields__}
        )
        self._model_storage = model_storage
        self._resource = resource
        self.neighbourhood = Neighbourhood()
        self.follow_ups = FollowUps.none()
        self._context: ContextModel | None = None
        self._message: MessageModel | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return nothing that decides: a threshold without its reason stands nowhere."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Decision:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Store which entries belong together, and what is asked after each."""
        related: dict[str, list[str]] = {}
        topics: dict[str, str] = {}
        for example in training_data.intent_examples:
            entry = entry_id(example.get_full_intent() or "")
            card = (example.get(METADATA) or {}).get(METADATA_INTENT)
            if entry and card:
                related[entry], topics[entry] = card["related"], card["topic"]
        self.neighbourhood = Neighbourhood(related, topics)
        self.follow_ups = follow_ups_of(training_data)
        with self._model_storage.write_to(self._resource) as folder:
            learned = json.dumps({"related": related, "topics": topics})
            (folder / "neighbourhood.json").write_text(learned, "utf-8")
            self.follow_ups.save(folder / "follow_ups.npz")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Decision:
        """Return the trained component.

        Raises:
            ValueError: nothing was trained under this resource.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            learned = json.loads((folder / "neighbourhood.json").read_text("utf-8"))
            component.follow_ups = FollowUps.load(folder / "follow_ups.npz")
        component.neighbourhood = Neighbourhood(**learned)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as they are: no component after this one trains on them."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and decision of the messages."""
        for message in messages:
            judged: Judged = message.get(JUDGED)
            confidences = self.confidences(message.get(READINGS), judged)
            outcome = decide(
                message.get(READINGS),
                judged.labels,
                confidences,
                judged.evidence,
                judged.vectors,
                Metadata.from_data(message.get(METADATA)),
                self._context_of(judged.labels),
                self._thresholds,
            )
            set_intent(message, judged.labels, confidences[outcome.row], outcome.intent)
            message.set(DECISION, _as_data(outcome), add_to_output=True)
        return messages

    def confidences(self, readings: Sequence[Reading], judged: Judged) -> Matrix:
        """Return the confidences, shape [n_readings, n_labels].

        Those of the whole message say what it means with all its parts. A message that is a
        training question word for word keeps its own.
        """
        if judged.is_known[0]:
            return judged.confidences
        if self._message is None:
            self._message = MessageModel(judged.labels, read_weights("message"))
        found = judged.confidences.copy()
        found[0] = self._message.chances(readings, judged.confidences, judged.evidence)
        return found

    def _context_of(self, labels: Labels) -> ContextModel:
        """Return the context model, which is put together once the labels are known."""
        if self._context is None:
            self._context = ContextModel(
                labels, self.neighbourhood, read_weights("context"), self.follow_ups
            )
        return self._context


def _as_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "choices": list(outcome.choices),
        "before": list(outcome.before),
        "after": list(outcome.after),
        "has_more": outcome.has_more,
        "candidates": [
            {"label": label, "confidence": confidence} for label, confidence in outcome.candidates
        ],
    }
