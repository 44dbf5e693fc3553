"""The approved texts: all there, plain, sourced, and the right ones for a verdict."""

import re
from pathlib import Path

import pytest
import textstat
import yaml

from safety import (
    CATEGORIES,
    PERSON_LINES,
    Verdict,
    all_texts,
    bibliography,
    person_line,
    reply_texts,
)
from safety.texts import TextError, _made

ROOT = Path(__file__).parents[2]
# The slots that safety texts may use; the house's whole list is knowledge's.
SLOTS = {"emergency_number", "crisis_line", "maternal_line", "poison_line", "person_line"}
FIRST_WORDS = {
    "emergency_life": "Call {emergency_number} now.",
    "emergency_infection": "Call your care team's urgent line now",
    "emergency_device": "Call your care team's urgent number now",
    "emergency_swallowed": "Call {emergency_number} now if",
    "crisis_suicide": "Call or text {crisis_line} now.",
    "crisis_violence": "Call {emergency_number} now",
    "crisis_harm_to_child": "Put the baby down in a safe place",
}
NAMES = [*CATEGORIES, *PERSON_LINES]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_is_there_with_its_slots_declared(name, language):
    text = all_texts()[name if language == "en" else f"{name}.es"]
    assert set(re.findall(r"\{(\w+)\}", text.text)) == set(text.slots) <= SLOTS
    assert text.language == language
    assert re.fullmatch(r"\d+-[0-9a-f]{8}", text.version)
    assert text.review == "pending"


def test_no_text_is_there_that_nobody_says():
    assert set(all_texts()) == {f"{name}{end}" for name in NAMES for end in ("", ".es")}


@pytest.mark.parametrize("name", CATEGORIES)
def test_text_names_the_number_first_and_the_person_last(name):
    for text in (all_texts()[name], all_texts()[f"{name}.es"]):
        assert text.text.endswith("\n\n{person_line}")
    assert all_texts()[name].text.startswith(FIRST_WORDS[name])


@pytest.mark.parametrize("name", NAMES)
def test_text_is_easy_to_read(name):
    words = all_texts()[name].text.replace("{person_line}", "")
    words = re.sub(r"\{\w+\}", "988", words)
    assert textstat.flesch_kincaid_grade(words) <= 6
    sentences = re.split(r"(?<=[.!?])\s+", words.strip())
    assert max(len(sentence.split()) for sentence in sentences) <= 25


@pytest.mark.parametrize("name", CATEGORIES)
def test_text_has_sources_and_facts(name):
    text = all_texts()[name]
    assert text.facts
    assert text.sources
    assert set(text.sources) <= set(bibliography())


def test_every_fact_was_read_in_a_source_that_the_text_names():
    """A recalled fact is never said to a family; knowledge keeps the list."""
    facts = {
        fact["id"]: fact
        for fact in yaml.safe_load((ROOT / "knowledge" / "facts.yml").read_text("utf-8"))
    }
    for name in CATEGORIES:
        text = all_texts()[name]
        for fact in text.facts:
            assert facts[fact]["confidence"] == "read", fact
            assert set(facts[fact]["sources"]) & set(text.sources), fact


def test_every_source_is_used():
    used = {source for text in all_texts().values() for source in text.sources}
    assert used == set(bibliography())


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        ((), []),
        (("emergency_device",), ["emergency_device"]),
        (
            ("emergency_life", "emergency_infection"),
            ["emergency_life", "emergency_infection"],
        ),
        (
            ("emergency_life", "emergency_infection", "crisis_suicide"),
            ["emergency_life", "crisis_suicide"],
        ),
        (
            ("crisis_suicide", "crisis_violence", "crisis_harm_to_child"),
            ["crisis_suicide", "crisis_violence"],
        ),
    ],
)
def test_replies_are_the_gravest_and_one_of_the_other_kind(categories, said):
    verdict = Verdict(categories, "certain" if categories else None)
    assert [text.id for text in reply_texts(verdict, "en")] == said


def test_reply_is_spanish_when_the_signs_or_the_conversation_are():
    english = Verdict(("emergency_life",), "certain", "en")
    spanish = Verdict(("emergency_life",), "certain", "es")
    assert [t.id for t in reply_texts(english, "es-MX")] == ["emergency_life.es"]
    assert [t.id for t in reply_texts(spanish, "en")] == ["emergency_life.es"]
    assert person_line("nobody_now", spanish).id == "nobody_now.es"
    assert person_line("nobody_now", english).id == "nobody_now"


def test_a_spanish_text_stays_spanish_whatever_language_is_asked_for():
    text = all_texts()["emergency_life.es"]
    assert text.texts["en"] == text.texts["es"] == text.text


ENTRY = {
    "id": "emergency_life",
    "version": 1,
    "slots": [],
    "sources": ["a"],
    "facts": [],
    "review": "pending",
    "en": "Call.",
    "es": "Llame.",
}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "emergency_flood"}, "neither a category"),
        ({"es": ""}, "no text in es"),
        ({"en": "Call {phone}."}, "exactly the slots"),
        ({"slots": ["phone"]}, "exactly the slots"),
        ({"sources": ["b"]}, "unknown sources"),
    ],
)
def test_broken_text_is_refused_with_what_to_change(change, problem):
    language = "es" if "es" in change else "en"
    with pytest.raises(TextError, match=problem):
        _made(ENTRY | change, language, frozenset({"a"}))


def test_version_changes_with_the_words():
    before = _made(ENTRY, "en", frozenset({"a"}))
    after = _made(ENTRY | {"en": "Call now."}, "en", frozenset({"a"}))
    assert before.version != after.version
