"""Says in which ways a message may be read, before anything judges what it means."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.names import FOLLOW_UP, entry_id, entry_label
from bot.pointing import Pointing, without_ordinals
from bot.spelling import Spelling, words_of
from bot.text import Part, asks, named, normalise, sentences, split_parts
from bot.turn import Metadata
from encoder.wordpieces import everyday_words

READINGS = "readings"
"""Where the readings of a message stand in its data."""

PASSAGE_OF = "passage_of"
"""Where a passage of an answer, made for training, names the label it speaks for."""

FOLLOW_UP_TO = "follow_up_to"
"""Where a follow-up, made for training, names the entry that it is typed after."""

WANTED = "wanted"
"""Where it names the labels that it means, best first."""

Role = Literal["whole", "part", "context", "subject", "joined", "joined_subject", "named", "item"]


@dataclass(frozen=True)
class Reading:
    """One text to be judged.

    Attributes:
        text: normalised, in the house's spelling.
        role: the whole message, a part of it, or either with what it may refer to: behind the
            title of the entry shown last (context) and before what that is about (subject), or
            the same with the sentence before (joined, joined_subject); with what it points at in
            the answer shown last (item); or one of several things named side by side (named).
        part: number of the part, from 0; -1 for the whole message.
        has_topic: whether a word says what it is about; "how long does it take?" has none.
        is_question: whether it asks something.
    """

    text: str
    role: Role
    part: int
    has_topic: bool
    is_question: bool


@dataclass(frozen=True)
class Beside:
    """The rows of a text's readings beside what it may refer to; see `Role`."""

    behind: int
    with_subject: int
    items: tuple[int, ...] = ()


def beside_last(readings: Sequence[Reading], part: int) -> Beside | None:
    """Return the rows of a part, or of the whole (-1), beside the entry shown last, if any.

    A story is too long to be read beside it; its last question is.
    """
    rows = {
        role: [row for row, r in enumerate(readings) if r.role == role and part in (-1, r.part)]
        for role in ("context", "subject", "item")
    }
    both = {readings[row].part for row in rows["context"]} & {
        readings[row].part for row in rows["subject"]
    }
    if not both:
        return None
    at = -1 if -1 in both else max(both)
    context, subject, item = (
        tuple(row for row in found if readings[row].part == at) for found in rows.values()
    )
    return Beside(context[0], subject[0], item)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class MessageReadings(GraphComponent):
    """Puts the readings of a message into its data, the whole message first.

    A message of one sentence has one reading. One of several has a reading for each sentence or
    joined question as well, since two questions deserve two answers and a long story asks at its
    end. A text that may refer back gets two more readings beside what it may refer to: the
    sentence before it, or the entry shown last.

    Training learns the words of the entries, to see through misspellings; the titles; and, from
    the examples of the intent `follow_up`, the words that carry no topic.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # A text of more words than this is not put beside the last entry unless it has no
            # topic at all: people refer back in short messages.
            "longest_follow_up_words": 12,
            # Most parts of one message to look at; the encoders take about 3 ms for each.
            "most_parts": 8,
            # Of a long story the end alone is read as a whole.
            "whole_words": 60,
        }

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self.titles: dict[str, str] = {}
        self._topicless: frozenset[str] = frozenset()
        self._learn(words=[], titles={}, follow_ups=[], answers={})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageReadings:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn words and titles, and store them."""
        texts = list(_texts_of(training_data))
        words = [word for text in texts for word in words_of(text)]
        follow_ups = [
            normalise(example.get(TEXT))
            for example in training_data.intent_examples
            if example.get_full_intent() == FOLLOW_UP and example.get(TEXT)
        ]
        titles = _titles_of(training_data)
        learned: dict[str, Any] = {
            "words": words,
            "titles": titles,
            "follow_ups": follow_ups,
            "answers": dict(_answers_of(training_data)),
        }
        self._learn(**learned)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "readings.json").write_text(json.dumps(learned), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MessageReadings:
        """Return the trained component.

        Raises:
            ValueError: nothing was trained under this resource.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            learned = json.loads((folder / "readings.json").read_text("utf-8"))
        component._learn(**learned)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Give each example one reading, its own text, and add answers' passages and follow-ups."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                message.set(READINGS, [self._reading(message.get(TEXT))])
        made = [*self._passages(training_data), *self._follow_ups(training_data)]
        training_data.training_examples.extend(made)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message its readings."""
        for message in messages:
            metadata = Metadata.from_data(message.get(METADATA))
            message.set(READINGS, self.readings(message.get(TEXT) or "", metadata))
        return messages

    def readings(self, text: str, metadata: Metadata) -> list[Reading]:
        """Return the readings of a text, the whole text first; at least one.

        A tapped entry needs no more: the tap says what is meant.
        """
        if entry_id(metadata.choice or "") in self.titles:
            return [self._reading(text)]
        last = metadata.last_entry
        parts = split_parts(text)
        if len(parts) < 2:
            whole = self._reading(text)
            return [whole, *self._after(whole, last), *self._named(whole)]
        whole = self._reading(_last_words(text, self._config["whole_words"]))
        readings = [whole, *self._after(whole, last)]
        before = ""
        for number, part in enumerate(parts):
            if self._is_worth_reading(number, parts):
                readings += self._readings_of_part(number, part, before, last)
            if not before or self._reading(part.text).has_topic:
                before = part.text
        return readings

    def _passages(self, training_data: TrainingData) -> Iterator[Message]:
        """Yield each sentence of each answer as a message without text or intent."""
        for entry, answer in _answers_of(training_data):
            for sentence in sentences(answer):
                data = {READINGS: [self._reading(sentence)], PASSAGE_OF: entry_label(entry)}
                yield Message(data=data)

    def _follow_ups(self, training_data: TrainingData) -> Iterator[Message]:
        """Yield what is asked after each answer as a message without text or intent."""
        for example in training_data.intent_examples:
            card = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
            for then in card.get("follow_ups", ()):
                wanted = [entry_label(entry) for entry in then["entries"]]
                after = entry_id(example.get_full_intent() or "")
                readings = [self._reading(then["text"])]
                yield Message(data={READINGS: readings, FOLLOW_UP_TO: after, WANTED: wanted})

    def _is_worth_reading(self, number: int, parts: list[Part]) -> bool:
        most = self._config["most_parts"]
        asking = [at for at, part in enumerate(parts) if part.is_question][-most:]
        telling = [at for at, part in enumerate(parts) if not part.is_question]
        return number in asking or number in telling[-max(1, most - len(asking)) :]

    def _readings_of_part(
        self, number: int, part: Part, before: str, last: str | None
    ) -> list[Reading]:
        own = self._reading(part.text, "part", number, part.is_question)
        if before and not part.is_question:
            return [own]
        joined: list[Reading] = []
        if before:
            joined = self._beside(own, self._reading(before).text, "joined", "joined_subject")
        return [own, *joined, *self._after(own, last)]

    def _named(self, whole: Reading) -> list[Reading]:
        """Return a reading for each thing named side by side, all behind the words of the first.

        "What is a port and a pump" asks what a pump is.
        """
        names = named(whole.text)
        if not names:
            return []
        first = names[0].split()
        topics = [at for at, word in enumerate(first) if self._reading(word).has_topic]
        head = first[: topics[0]] if topics else []
        texts = [names[0], *(" ".join([*head, name]) for name in names[1:])]
        return [self._reading(text, "named", -1, is_question=True) for text in texts]

    def _after(self, own: Reading, last: str | None) -> list[Reading]:
        """Return a text beside the entry shown last and what it points at in that."""
        title = self.titles.get(last or "")
        if last is None or title is None:
            return []
        beside = self._beside(own, f"{title}:", "context", "subject")
        pointed = self._pointing.readings(own.text, last) if beside else []
        return beside + [Reading(text, "item", own.part, True, own.is_question) for text in pointed]

    def _beside(self, own: Reading, before: str, behind: Role, with_subject: Role) -> list[Reading]:
        """Return a text behind what stood before it, and with the words that say what that is."""
        is_short = len(own.text.split()) <= self._config["longest_follow_up_words"]
        if own.has_topic and not is_short:
            return []
        subject = " ".join(word for word in words_of(before) if word not in self._topicless)
        return [
            Reading(f"{before} {own.text}", behind, own.part, True, own.is_question),
            Reading(f"{own.text} {subject}", with_subject, own.part, True, own.is_question),
        ]

    def _reading(
        self, text: str, role: Role = "whole", part: int = -1, is_question: bool | None = None
    ) -> Reading:
        plain = self._plain(text)
        bare = without_ordinals(plain)
        has_topic = any(word not in self._topicless for word in words_of(bare)) or any(
            character.isdigit() for character in bare
        )
        asking = asks(plain) if is_question is None else is_question
        return Reading(plain, role, part, has_topic, asking)

    def _learn(
        self,
        words: Iterable[str],
        titles: Mapping[str, str],
        follow_ups: Iterable[str],
        answers: Mapping[str, str],
    ) -> None:
        self._spelling = Spelling(words, everyday_words())
        self.titles = {entry: self._spelling.rewrite(title) for entry, title in titles.items()}
        plain = (self._spelling.rewrite(text) for text in follow_ups)
        self._topicless = frozenset(word for text in plain for word in words_of(text))
        self._pointing = Pointing(answers, self.titles, self._plain, self._topicless)

    def _plain(self, text: str) -> str:
        return self._spelling.rewrite(normalise(text))


def _titles_of(training_data: TrainingData) -> dict[str, str]:
    titles = {}
    for example in training_data.intent_examples:
        card = (example.get(METADATA) or {}).get(METADATA_INTENT)
        entry = entry_id(example.get_full_intent() or "")
        if entry and card:
            titles[entry] = normalise(card["title"])
    return titles


def _answers_of(training_data: TrainingData) -> Iterator[tuple[str, str]]:
    """Yield the entries that have an answer, with its text."""
    for name, variations in training_data.responses.items():
        entry = entry_id(name.removeprefix("utter_"))
        if entry:
            yield entry, variations[0]["text"]


def _texts_of(training_data: TrainingData) -> Iterable[str]:
    """Yield texts whose spelling can be trusted: titles and answers, not the questions."""
    yield from _titles_of(training_data).values()
    for variations in training_data.responses.values():
        for variation in variations:
            yield normalise(variation.get("text") or "")


def _last_words(text: str, words: int) -> str:
    return " ".join(text.split()[-words:])
