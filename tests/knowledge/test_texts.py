"""Slots, and the responses of the dialogue domain."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import SLOT_NAMES, KnowledgeError, fill_slots, load_responses

SLOTS = sorted(SLOT_NAMES)
PLAIN = st.text().map(lambda text: text.replace("{", "").replace("}", ""))

DOMAIN = """\
version: "3.1"
intents: [greet]
responses:
  utter_smalltalk_greet:
  - text: Hello. In an emergency, call {emergency_number}.
  utter_open_now:
  - text: |-
      We are open.

      - Until {closes_at}.
    metadata: {kind: smalltalk}
"""


@given(PLAIN)
def test_a_text_without_slots_comes_back_byte_for_byte(text: str) -> None:
    assert fill_slots(text, {}).encode("utf-8", "surrogatepass") == text.encode(
        "utf-8", "surrogatepass"
    )
    assert fill_slots(text, {"phone": "1"}) == text


@given(PLAIN, PLAIN, st.sampled_from(SLOTS), st.text())
def test_a_slot_is_filled_once_and_the_rest_is_untouched(
    before: str, after: str, slot: str, value: str
) -> None:
    assert fill_slots(f"{before}{{{slot}}}{after}", {slot: value}) == before + value + after


def test_a_value_that_looks_like_a_slot_is_not_filled_again() -> None:
    values = {"specialist_name": "{phone}", "phone": "123"}

    assert fill_slots("{specialist_name} has joined.", values) == "{phone} has joined."


def test_one_set_of_values_serves_every_text() -> None:
    values = {"emergency_number": "911", "crisis_line": "988"}

    assert fill_slots("Call {emergency_number}.", values) == "Call 911."


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("Call {emergency_number}.", {}, "give a value for 'emergency_number'"),
        ("Call {emergency_number}.", {"crisis_line": "988"}, "give a value for 'emergency_number'"),
        ("Call {ambulance}.", {}, "replace the slot {ambulance}"),
        ("Call.", {"ambulance": "1"}, "remove 'ambulance'"),
        ("Call {.", {}, "braces only"),
        ("Call {{phone}}.", {"phone": "1"}, "braces only"),
        ("Call {Phone}.", {"phone": "1"}, "braces only"),
        ("Call {phone!r}.", {"phone": "1"}, "braces only"),
    ],
)
def test_a_missing_or_undeclared_slot_is_refused(
    text: str, values: dict[str, str], says: str
) -> None:
    with pytest.raises(KnowledgeError, match=r".") as refusal:
        fill_slots(text, values)
    assert says in str(refusal.value)


def write_domain(folder: Path, content: str) -> Path:
    path = folder / "domain.yml"
    path.write_text(content, encoding="utf-8")
    return path


def test_responses_come_with_text_slots_and_version(tmp_path: Path) -> None:
    responses = load_responses(write_domain(tmp_path, DOMAIN))

    assert sorted(responses) == ["utter_open_now", "utter_smalltalk_greet"]
    assert responses["utter_open_now"].texts == {"en": "We are open.\n\n- Until {closes_at}."}
    assert responses["utter_open_now"].slots == ("closes_at",)


def test_the_version_of_a_response_shows_a_changed_letter(tmp_path: Path) -> None:
    before = load_responses(write_domain(tmp_path, DOMAIN))
    after = load_responses(write_domain(tmp_path, DOMAIN.replace("Hello.", "Hallo.")))

    assert before["utter_smalltalk_greet"].version != after["utter_smalltalk_greet"].version
    assert before["utter_open_now"].version == after["utter_open_now"].version


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  utter_open_now:", "  answer_open_now:", "start the id with 'utter_'"),
        ("  - text: Hello.", "  - text: Hi.\n  - text: Hello.", "exactly one text (has 2)"),
        ("{closes_at}", "{until}", "no such slot"),
        ("    metadata: {kind: smalltalk}", "    buttons: []", "remove the field 'buttons'"),
        ("responses:", "replies:", "add the field 'responses'"),
        ("  - text: Hello.", "  - image: x  # ", "add the field 'text'"),
        ("  - text: Hello.", "  - text: ' '  # ", "write something in 'text'"),
        ("  utter_open_now:", "  utter_smalltalk_greet:", "keep only one field"),
    ],
)
def test_a_response_that_could_not_be_reviewed_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    load_responses(write_domain(tmp_path, DOMAIN))
    assert DOMAIN.count(old) == 1

    with pytest.raises(KnowledgeError) as refusal:
        load_responses(write_domain(tmp_path, DOMAIN.replace(old, new)))

    assert any(p.startswith("domain.yml:") and says in p for p in refusal.value.problems)


def test_a_missing_domain_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError) as refusal:
        load_responses(tmp_path / "domain.yml")
    assert len(refusal.value.problems) == 1
