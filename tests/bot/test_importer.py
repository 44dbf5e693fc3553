"""Entries become training data and responses, beside what Rasa reads itself."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.importer import Example, KnowledgeImporter
from knowledge import KnowledgeError
from tests.knowledge.houses import write_house

CONFIG = """\
recipe: default.v1
importers: [{name: bot.importer.KnowledgeImporter}]
"""
DOMAIN = """\
version: '3.1'
intents: [greet]
responses:
  utter_greet: [{text: Hello}]
"""
NLU = """\
version: '3.1'
nlu:
- intent: greet
  examples: |
    - hello
    - hi
"""
RULES = """\
version: '3.1'
rules:
- rule: answers
  steps: [{intent: ask}, {action: utter_ask}]
- rule: greeting
  steps: [{intent: greet}, {action: utter_greet}]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_house(tmp_path / "knowledge")
    for name, text in (("config.yml", CONFIG), ("domain.yml", DOMAIN)):
        (tmp_path / name).write_text(text)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text(NLU)
    (tmp_path / "data" / "rules.yml").write_text(RULES)
    return tmp_path


def importer(root: Path) -> TrainingDataImporter:
    return TrainingDataImporter.load_from_config(
        str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
    )


def asked(data: TrainingData) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for example in data.intent_examples:
        found.setdefault(example.get_full_intent(), set()).add(example.get("text"))
    return found


def test_questions_and_titles_become_examples(root: Path) -> None:
    examples = asked(importer(root).get_nlu_data())
    assert examples["greet"] == {"hello", "hi"}
    assert "What the study found" in examples["ask/study-good"]
    assert len(examples["ask/study-good"]) >= 8


def test_follow_ups_stand_on_one_example_of_their_entry(root: Path) -> None:
    examples = importer(root).get_nlu_data().intent_examples
    cards = [example.get("metadata", {}).get("intent", {}) for example in examples]
    told = [card["follow_ups"] for card in cards if card.get("follow_ups")]
    assert told == [
        [
            {"text": "and how many babies?", "entries": ["study-good"]},
            {"text": "who can tell me", "entries": ["service-good", "study-good"]},
        ]
    ]


def test_answers_become_responses_byte_for_byte(root: Path) -> None:
    reader = KnowledgeImporter(
        str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
    )
    assert reader._knowledge is not None
    entry = reader._knowledge.entries["study-good"]
    (response,) = importer(root).get_domain().responses["utter_ask/study-good"]
    assert response["text"] == entry.answer
    assert response["metadata"] == {
        "kind": "answer",
        "entry": "study-good",
        "version": entry.version,
        "knowledge_version": reader._knowledge.version,
    }


def test_the_domain_knows_intent_and_action_once(
    root: Path, recwarn: pytest.WarningsRecorder
) -> None:
    domain = importer(root).get_domain()
    assert domain.intents.count("ask") == 1
    assert domain.action_names_or_texts.count("utter_ask") == 1
    assert not [w for w in recwarn if "uplicate" in str(w.message)]


def test_rules_about_ask_are_read_without_a_warning(
    root: Path, recwarn: pytest.WarningsRecorder
) -> None:
    importer(root).get_stories()
    assert not [w for w in recwarn if "ask" in str(w.message)]


def test_the_folder_is_found_from_the_configuration(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from where the command was given; and a fold elsewhere must not find it at all."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    assert "ask/study-good" in asked(importer(root).get_nlu_data())
    (elsewhere / "config.yml").write_text(CONFIG)
    fold = TrainingDataImporter.load_from_config(
        str(elsewhere / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
    )
    assert asked(fold.get_nlu_data()).keys() == {"greet"}


def test_a_broken_entry_is_named(root: Path) -> None:
    path = next((root / "knowledge" / "entries").glob("*.yml"))
    path.write_text(path.read_text().replace("sources:", "sauces:", 1))
    with pytest.raises(KnowledgeError, match=path.name):
        importer(root).get_nlu_data()


def test_an_example_stands_once_and_is_copied_whole() -> None:
    message = Message.build(
        "How long does it take?", "ask/how-long", intent_metadata={"title": "T"}
    )
    first, second = Example.of(message), Example.of(message)
    other = Example.build("How long does it take?", "greet")

    merged = TrainingData([first]).merge(TrainingData([second, other]))

    assert merged.training_examples == [message, other]
    copied = copy.deepcopy(first)
    copied.set("text", "Something else")
    assert copied != first
    assert first.data == message.data
    assert first.output_properties == message.output_properties
