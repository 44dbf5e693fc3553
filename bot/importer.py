"""Turns knowledge entries into Rasa training data and responses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.names import ASK, entry_label
from knowledge import Entry, Knowledge, load_knowledge, normalise_question


class KnowledgeImporter(RasaFileImporter):
    """Rasa's own file importer, with every knowledge entry added.

    An entry becomes examples of the intent `ask/<id>` and the response `utter_ask/<id>`, whose
    metadata carry what the bot needs to know about it. Rasa adds the intent `ask` and the action
    `utter_ask` from the data; naming them here as well would list them twice.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        knowledge: str = "knowledge",
    ) -> None:
        """Read the entries.

        Args:
            config_file: Rasa's configuration file.
            domain_path: Rasa's domain file.
            training_data_paths: Rasa's training data.
            knowledge: folder of the entries. A relative one is resolved from the folder of
                `config_file`, so that a fold of a cross-validation, which brings a
                configuration of its own, does not train on the entries that it is tested on.

        Raises:
            KnowledgeError: an entry breaks a rule; the error names file, line and remedy.
        """
        super().__init__(config_file, domain_path, training_data_paths)
        home = Path(config_file).resolve().parent if config_file else Path.cwd()
        folder = home / knowledge
        self._knowledge = load_knowledge(folder) if folder.is_dir() else None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples in `data/` and those of the entries."""
        data = super().get_nlu_data(language)
        examples = [Example.of(message) for message in data.training_examples]
        if self._knowledge is not None:
            entries = self._knowledge.entries.values()
            asked = {normalise_question(text) for entry in entries for text in entry.questions}
            examples += [example for entry in entries for example in _examples_of(entry, asked)]
        return TrainingData(
            examples,
            data.entity_synonyms,
            data.regex_features,
            data.lookup_tables,
            data.responses,
        )

    def get_domain(self) -> Domain:
        """Return the domain with a response for each entry.

        Never cached: Rasa's merge changes its left side in place.
        """
        domain = super().get_domain()
        if self._knowledge is None:
            return domain
        return domain.merge(Domain.from_dict({"responses": _responses_of(self._knowledge)}))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return rules and stories, read with the intent `ask` known."""
        return utils.story_graph_from_paths(
            self._story_files, self._domain_with_ask(), exclusion_percentage
        )

    def get_conversation_tests(self) -> StoryGraph:
        """Return test dialogues, read with the intent `ask` known."""
        return utils.story_graph_from_paths(self._conversation_test_files, self._domain_with_ask())

    def _domain_with_ask(self) -> Domain:
        return self.get_domain().merge(Domain.from_dict({"intents": [ASK]}))


class Example(Message):
    """A message of the training data that costs little to copy and to compare.

    Rasa copies and merges all training data five times before it trains, and again to check
    them. It copies each message in depth, and hashes every value in it to find the ones that
    stand twice, which took a tenth of the whole training.
    """

    @classmethod
    def of(cls, message: Message) -> Example:
        """Return another message as an example."""
        return cls(message.data, message.output_properties, message.time, message.features)

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """Return an example with the same values; nobody changes a value in place."""
        copied = Example(self.data, set(self.output_properties), self.time, list(self.features))
        copied._cached_fingerprint = self._cached_fingerprint
        return copied

    def __eq__(self, other: object) -> bool:
        """Say whether the other has the same data, as a message does by its fingerprint."""
        return super().__eq__(other)

    def __hash__(self) -> int:
        """Return a hash by text and label; equal examples have both in common."""
        return hash((self.get(TEXT), self.get_full_intent()))


def _examples_of(entry: Entry, asked: set[str]) -> list[Message]:
    """Return a message for each question, and for the title unless some entry asks it.

    What is asked after the answer stands on the first alone: Rasa hashes all that stands on each.
    """
    card = {"title": entry.title, "topic": entry.topic, "related": list(entry.related)}
    then = [{"text": each.text, "entries": list(each.entries)} for each in entry.follow_ups]
    title = [] if normalise_question(entry.title) in asked else [entry.title]
    first, *others = (*entry.questions, *title)
    cards = {first: {**card, "follow_ups": then}}
    return [
        Example.build(
            text=question, intent=entry_label(entry.id), intent_metadata=cards.get(question, card)
        )
        for question in (first, *others)
    ]


def _responses_of(knowledge: Knowledge) -> dict[str, list[dict[str, Any]]]:
    return {
        f"utter_{entry_label(entry.id)}": [
            {
                "text": entry.answer,
                "metadata": {
                    "kind": "answer",
                    "entry": entry.id,
                    "version": entry.version,
                    "knowledge_version": knowledge.version,
                },
            }
        ]
        for entry in knowledge.entries.values()
    }
