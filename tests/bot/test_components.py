"""Readings, selector and decision as Rasa's graph uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.readings import READINGS, MessageReadings, Reading, beside_last
from bot.components.selector import JUDGED, LabelSelector
from bot.turn import Metadata
from tests.bot.small_house import QUESTIONS, SmallHouse, embed, training_data

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> SmallHouse:
    return SmallHouse(tmp_path_factory.mktemp("small"))


def texts(readings: list[Reading]) -> list[tuple[str, str]]:
    return [(reading.role, reading.text) for reading in readings]


# Readings


def test_one_sentence_has_one_reading(house: SmallHouse) -> None:
    assert texts(house.readings.readings("Fever??", Metadata())) == [("whole", "fever?")]


def test_two_questions_have_readings_of_their_own(house: SmallHouse) -> None:
    found = house.readings.readings("What is a fever? Is a bath allowed?", Metadata())
    assert texts(found)[1:3] == [("part", "what is a fever?"), ("part", "is a bath allowed?")]
    assert [role for role, _ in texts(found)[3:]] == ["joined", "joined_subject"]


def test_a_text_without_a_topic_is_read_behind_the_last_title(house: SmallHouse) -> None:
    found = house.readings.readings("is it safe?", Metadata(last_entry="bath"))
    assert texts(found) == [
        ("whole", "is it safe?"),
        ("context", "giving a bath: is it safe?"),
        ("subject", "is it safe? giving a bath"),
    ]
    assert [reading.has_topic for reading in found] == [False, True, True]


def test_a_text_that_names_an_item_is_read_with_it(house: SmallHouse) -> None:
    found = house.readings.readings("is it number 2?", Metadata(last_entry="fever"))
    assert texts(found)[-1] == ("item", "is it to take the temperature?")
    assert not found[0].has_topic


def test_of_a_story_the_last_question_is_read_beside_the_last_entry(house: SmallHouse) -> None:
    story = "We went home on Monday with the whole family and all the bags and toys. Is it safe?"
    found = house.readings.readings(story, Metadata(last_entry="bath"))
    beside = beside_last(found, -1)
    assert beside is not None
    assert found[beside.behind].text == "giving a bath: is it safe?"
    assert beside_last(found, 0) is None


def test_a_sentence_without_a_topic_is_read_behind_the_one_before(house: SmallHouse) -> None:
    found = house.readings.readings("We want to give a bath. Is it safe?", Metadata())
    assert ("joined", "we want to give a bath. is it safe?") in texts(found)


def test_a_question_behind_a_story_is_read_behind_the_last_title_too(house: SmallHouse) -> None:
    text = "We want to go home. Is it safe?"
    found = house.readings.readings(text, Metadata(last_entry="bath"))
    assert ("context", "giving a bath: is it safe?") in texts(found)


def test_things_named_side_by_side_are_read_behind_the_words_of_the_first(
    house: SmallHouse,
) -> None:
    found = house.readings.readings("how often is fever or bath", Metadata())
    named = [text for role, text in texts(found) if role == "named"]
    assert named == ["how often is fever", "how often is bath"]


def test_an_unknown_last_entry_adds_nothing(house: SmallHouse) -> None:
    assert len(house.readings.readings("why", Metadata(last_entry="gone"))) == 1


def test_a_long_story_keeps_within_bounds(house: SmallHouse) -> None:
    story = " ".join(f"This is sentence {number} about our day." for number in range(60))
    found = house.readings.readings(f"{story} How high is a fever?", Metadata())
    assert len(found) <= house.readings._config["most_parts"] + 3  # Only what asks is read thrice.
    assert any(r.role == "part" and r.text == "how high is a fever?" for r in found)
    assert len(found[0].text.split()) <= house.readings._config["whole_words"]


def test_answers_become_passages(house: SmallHouse) -> None:
    data = house.readings.process_training_data(training_data())
    passages = [m for m in data.training_examples if m.get("passage_of")]
    assert {m.get("passage_of") for m in passages} == {"ask/fever", "ask/bath"}
    assert not any(m.get("text") or m.get("intent") for m in passages)


@given(st.text(max_size=200), st.none() | st.just("bath"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_readings_are_total(house: SmallHouse, text: str, last_entry: str | None) -> None:
    found = house.readings.readings(text, Metadata(last_entry=last_entry))
    assert found[0].role == "whole"
    assert all(reading.text for reading in found)


# Selector


@given(st.text(max_size=60) | st.sampled_from([t for ts in QUESTIONS.values() for t in ts]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_rankings_fall_and_confidences_are_chances(house: SmallHouse, text: str) -> None:
    message = house.judge(text)
    intents = message.get("intent_ranking")
    entries = message.get("response_selector")["ask"]["ranking"]
    for ranking in (intents, entries):
        confidences = [item["confidence"] for item in ranking]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
    assert message.get(JUDGED).confidences.sum(axis=1).max() <= 1 + 1e-4
    assert message.get("intent") == intents[0]


def test_the_response_selector_contract(house: SmallHouse) -> None:
    """Set on every message, in plain values, or `utter_ask` and the tracker go without."""
    for text in ("fever", "hello"):
        message = house.judge(text)
        assert {"intent", "intent_ranking", "response_selector"} <= message.output_properties
        selected = message.get("response_selector")
        assert selected["all_retrieval_intents"] == ["ask"]
        response = selected["ask"]["response"]
        assert response["utter_action"] == f"utter_{response['intent_response_key']}"
        assert response["responses"] == []
        json.dumps([message.get("intent_ranking"), selected])


def test_an_example_finds_its_label(house: SmallHouse) -> None:
    right = [
        house.judge(text).get("intent_ranking")[0]["name"] == label.partition("/")[0]
        for label, questions in QUESTIONS.items()
        for text in questions
    ]
    assert all(right)


def test_the_own_question_word_for_word_is_sure(house: SmallHouse) -> None:
    message = house.judge("  IS a bath allowed?? ")
    assert message.get("response_selector")["ask"]["response"]["intent_response_key"] == "ask/bath"
    assert message.get("intent")["confidence"] == pytest.approx(0.99)


@pytest.mark.parametrize("text", ["how do I bathe her now", "joke please", "why", "zzz"])
def test_loaded_equals_trained(house: SmallHouse, text: str) -> None:
    trained = house.judge(text).get(JUDGED)
    loaded = house.judge(text, house.loaded(house.selector)).get(JUDGED)
    assert loaded.labels == trained.labels
    np.testing.assert_allclose(loaded.confidences, trained.confidences, rtol=1e-5)


def test_loaded_readings_equal_trained(house: SmallHouse) -> None:
    about = Metadata(last_entry="bath")
    text = "How long is it? And the feaver?"
    assert house.loaded(house.readings).readings(text, about) == house.readings.readings(
        text, about
    )


def test_nothing_stored_can_run(house: SmallHouse, tmp_path: Path) -> None:
    with house.storage.read_from(Resource("LabelSelector")) as folder:
        assert {path.suffix for path in folder.iterdir()} == {".npz", ".json"}
        with np.load(folder / "selector.npz", allow_pickle=False) as arrays:
            assert all(arrays[name].dtype != object for name in arrays.files)


def test_an_untrained_selector_says_what_to_do(house: SmallHouse) -> None:
    empty = LabelSelector(LabelSelector.get_default_config(), house.storage, Resource("untrained"))
    with pytest.raises(RuntimeError, match="rasa train"):
        empty.judge(["x"], {})


def test_training_without_examples_says_what_to_do(house: SmallHouse) -> None:
    with pytest.raises(ValueError, match="knowledge folder"):
        house._new(LabelSelector, LabelSelector.get_default_config()).train(TrainingData())


def test_readings_load_raises_when_nothing_was_trained(house: SmallHouse) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        MessageReadings.load({}, house.storage, Resource("nowhere"), house.context)


# Decision


def decision(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = message.get("decision")
    return found


def test_an_answer_is_in_the_output(house: SmallHouse) -> None:
    message = house.parse("is a bath allowed")
    assert message.get("intent")["name"] == "ask"
    assert "decision" in message.output_properties
    assert decision(message)["candidates"][0]["label"] == "ask/bath"


def test_a_choice_is_read_once(house: SmallHouse) -> None:
    text = "what about fever? and a bath?"
    tapped = Metadata(last_entry="bath", choice="ask/fever")
    unknown = Metadata(last_entry="bath", choice="ask/nowhere")

    assert [reading.role for reading in house.readings.readings(text, tapped)] == ["whole"]
    assert len(house.readings.readings(text, unknown)) > 1


def test_a_choice_needs_no_words(house: SmallHouse) -> None:
    message = house.parse("whatever", choice="ask/fever")
    assert message.get("intent")["name"] == "ask"
    response = message.get("response_selector")["ask"]["response"]
    assert response["intent_response_key"] == "ask/fever"
    assert decision(message)["candidates"] == [{"label": "ask/fever", "confidence": 1.0}]


def test_what_is_decided_comes_first(house: SmallHouse) -> None:
    message = house.parse("qqq", fallbacks_in_a_row=1)
    name = message.get("intent")["name"]
    assert message.get("intent_ranking")[0]["name"] == name
    confidences = [item["confidence"] for item in message.get("intent_ranking")]
    assert confidences == sorted(confidences, reverse=True)


def test_without_metadata_it_decides_all_the_same(house: SmallHouse) -> None:
    message = Message(data={"text": "hello"})
    house.readings.process([message])
    embed([message])
    house.selector.process([message])
    house.decision.process([message])
    assert message.get("intent")["name"] == "greet"


def test_loaded_decision_equals_trained(house: SmallHouse) -> None:
    loaded = house.loaded(house.decision)
    for text, last in (("why", "fever"), ("is it safe", None), ("bath and fever", None)):
        message = house.parse(text, last_entry=last)
        again = house.judge(text, last_entry=last)
        loaded.process([again])
        assert decision(again) == decision(message)


def test_every_message_has_readings_before_it_is_judged(house: SmallHouse) -> None:
    message = Message(data={"text": "hello"})
    house.readings.process([message])
    assert message.get(READINGS)[0].text == "hello"
