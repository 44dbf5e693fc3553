"""The content itself: what families may be told, beyond what the reader can refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge import Knowledge, fill_slots, load_knowledge, normalise_question
from knowledge.__main__ import main

FOLDER = Path(__file__).resolve().parents[2] / "knowledge"

NOTICES = {
    "greeting_open",
    "greeting_closed",
    "greeting_nobody",
    "language_not_supported",
    "handoff_queued",
    "callback_offer_closed",
    "callback_offer_nobody",
    "callback_form",
    "callback_saved",
    "specialist_joined",
    "specialist_left_queue",
    "specialist_left_bot",
    "back_to_bot",
    "kept_waiting",
    "still_waiting",
    "ask_while_waiting_on",
    "queue_left",
    "closed_by_visitor",
    "closed_by_specialist",
    "closed_idle",
    "idle_warning",
    "still_here",
    "bot_unavailable",
    "turn_failed",
    "consent",
    "review_pending",
    "review_done",
    "urgent_flagged",
}
# What the desk can fill: facts of the organisation and of the moment.
LIVE = {"opens_at": "Monday at 9 a.m.", "specialist_name": "Ana", "reference": "K7-42"}


@pytest.fixture(scope="module")
def house() -> Knowledge:
    return load_knowledge(FOLDER)


def test_the_check_for_editors_passes() -> None:
    assert main(["check", str(FOLDER)]) == 0


def test_there_are_at_least_ninety_entries(house: Knowledge) -> None:
    assert len(house.entries) >= 90


def test_every_notice_of_the_desk_is_there_and_can_be_filled(house: Knowledge) -> None:
    values = house.organisation.slots() | LIVE

    assert set(house.notices) >= NOTICES
    for notice in house.notices.values():
        filled = fill_slots(notice.texts["en"], values)
        assert "{" not in filled
        assert filled.strip() == filled


def test_consent_says_what_a_family_has_to_know(house: Knowledge) -> None:
    consent = house.notices["consent"].texts["en"].lower()

    for told in ("not a person", "has not checked", "not for emergencies", "save", "delete"):
        assert told in consent


def test_numbers_for_danger_are_verified(house: Knowledge) -> None:
    slots = house.organisation.slots()

    assert slots["emergency_number"] == "911"
    assert slots["crisis_line"] == "988"
    assert slots["maternal_line"] == "1-833-852-6262"
    assert slots["poison_line"] == "1-800-222-1222"


def test_what_is_not_confirmed_is_not_stated(house: Knowledge) -> None:
    assert house.organisation.is_demonstration
    assert "phone" not in house.organisation.slots()
    unconfirmed = house.organisation.phone.value
    assert unconfirmed is not None
    assert not [e.id for e in house.entries.values() if unconfirmed in e.answer]


def test_the_main_result_names_both_figures_and_what_they_compare(house: Knowledge) -> None:
    answer = house.entries["study-result-82"].answer

    assert "about 8 in 10" in answer.lower()
    assert "(82%)" in answer
    assert "about 5 in 10 (49%)" in answer
    assert "treated earlier" in answer
    assert "30 babies" in answer
    assert {"lls-pr-2023", "astct-2023"} <= set(house.entries["study-result-82"].sources)


def test_the_clock_of_the_press_release_is_never_repeated(house: Knowledge) -> None:
    for entry in house.entries.values():
        assert not re.search(r"treatment completion|since the end of treatment", entry.answer), (
            entry.id
        )


def test_a_one_time_infusion_is_never_named_without_the_four_weeks(house: Knowledge) -> None:
    naming = [e for e in house.entries.values() if re.search(r"one.time infusion", e.answer)]

    assert naming
    for entry in naming:
        assert "28 days" in entry.answer, entry.id
    for entry in house.entries.values():
        assert not re.search(r"single dose of blina|one-day infusion", entry.answer), entry.id


def test_sources_with_known_errors_or_unread_are_never_cited(house: Knowledge) -> None:
    assert "medsum-2023" not in house.sources
    assert all("medsum-2023" not in fact.sources for fact in house.facts.values())


def test_every_entry_is_pending_until_a_clinician_signs(house: Knowledge) -> None:
    signed = [e.id for e in house.entries.values() if e.review.status == "reviewed"]

    # No clinician has signed anything yet. Take an id out of this list only with the signature.
    assert signed == []


def test_a_press_release_question_has_its_entry(house: Knowledge) -> None:
    asked = {
        normalise_question(question): entry.id
        for entry in house.entries.values()
        for question in entry.questions
    }

    assert asked["what did the study find"] == "study-result-82"
    assert asked["what is pedal"] == "pedal-what"
    assert asked[normalise_question("where does 49% come from")] == "study-comparison"
    assert asked[normalise_question("What is KMT2A?")] == "kmt2a-what"
    assert asked[normalise_question("Was the drug safe in the study?")] == "study-safety"
