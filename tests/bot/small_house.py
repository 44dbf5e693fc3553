"""A bot of four labels with made-up embeddings: trained in a blink, for tests of components."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.decision import Decision
from bot.components.embedding import EMBEDDINGS, Vectors
from bot.components.readings import READINGS, MessageReadings
from bot.components.selector import LabelSelector
from bot.components.verdicts import Thresholds

CARDS = {
    "ask/fever": {"title": "What to do about a fever", "topic": "care", "related": ["bath"]},
    "ask/bath": {"title": "Giving a bath", "topic": "care", "related": []},
}
FOLLOW_UPS = {"ask/bath": [{"text": "how hot is the water", "entries": ["fever", "bath"]}]}
QUESTIONS = {
    "ask/fever": [
        "what do I do about a fever", "fever", "my baby has a fever", "how high is a fever",
        "fever at night", "who do I call about fever",
    ],
    "ask/bath": [
        "can my baby have a bath", "bath", "how do I bathe her", "bathing with a line",
        "is a bath allowed", "how often a bath",
    ],
    "greet": ["hello", "hi there", "good morning", "hey you", "hello there", "hi"],
    "out_of_scope": [
        "the weather", "who won the game", "tell me a joke", "stock prices", "a recipe", "politics",
    ],
    "follow_up": ["why", "how long is it", "is it safe", "and then", "tell me more", "how often"],
}  # fmt: skip
ANSWERS = {
    "utter_ask/fever": [{"text": "Call the team at once. The second is to take the temperature."}],
    "utter_ask/bath": [{"text": "A bath is fine. Keep the line dry with a cover."}],
}
THRESHOLDS = {
    "answer": 0.5, "person": 0.15, "intent": 0.35, "judgement": 0.35, "foreign": 0.5,
    "clarify": 0.3, "clarify_each": 0.1,
}  # fmt: skip
assert THRESHOLDS.keys() == Thresholds.__dataclass_fields__.keys()


def training_data() -> TrainingData:
    """Return fresh examples, as the importer would."""
    examples = [
        Message.build(text=text, intent=label, intent_metadata=_card(label, number))
        for label, texts in QUESTIONS.items()
        for number, text in enumerate(texts)
    ]
    return TrainingData(examples, responses=ANSWERS)


def _card(label: str, number: int) -> dict[str, Any] | None:
    then = FOLLOW_UPS.get(label) if number == 0 else None
    return {**CARDS[label], "follow_ups": then} if then else CARDS.get(label)


def embed(messages: list[Message]) -> None:
    """Give messages vectors made from their words: near when they share some."""
    for message in messages:
        rows = [_vector(reading.text) for reading in message.get(READINGS)]
        message.set(EMBEDDINGS, Vectors({"one": np.stack(rows), "two": np.stack(rows)}))


def _vector(text: str) -> Any:
    total = np.zeros(32, np.float32)
    for word in text.split():
        total += np.random.default_rng(zlib.crc32(word.encode())).normal(size=32)
    return (total / (np.linalg.norm(total) + 1e-9)).astype(np.float32)


class SmallHouse:
    """Readings, selector and decision, trained on the small house and stored in a folder."""

    def __init__(self, folder: Path) -> None:
        self.storage = LocalModelStorage(folder)
        self.context = ExecutionContext(GraphSchema({}), node_name="node")
        self.readings = self._new(MessageReadings, MessageReadings.get_default_config())
        settings = {**LabelSelector.get_default_config(), "foreign": ["out_of_scope"]}
        self.selector = self._new(LabelSelector, settings)
        self.decision = self._new(Decision, THRESHOLDS)
        data = training_data()
        self.readings.train(data)
        data = self.readings.process_training_data(data)
        embed([m for m in data.training_examples if m.get(READINGS)])
        self.selector.train(data)
        self.decision.train(data)

    def _new(self, component: Any, config: dict[str, Any]) -> Any:
        resource = Resource(component.__name__)
        return component.create(config, self.storage, resource, self.context)

    def loaded(self, component: Any) -> Any:
        """Return a component as it comes back from storage."""
        resource = Resource(type(component).__name__)
        return type(component).load(component._config, self.storage, resource, self.context)

    def judge(self, text: str, selector: Any = None, **metadata: Any) -> Message:
        """Return a message after readings and selector."""
        message = Message(data={"text": text, "metadata": metadata})
        self.readings.process([message])
        embed([message])
        (selector or self.selector).process([message])
        return message

    def parse(self, text: str, **metadata: Any) -> Message:
        """Return a message after all three components."""
        message = self.judge(text, **metadata)
        self.decision.process([message])
        return message
