"""Confidences are read from the desk's records and held against what was right."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.nlu.cases import ROOT
from tests.nlu.facts import (
    INTENTS,
    Facts,
    believed,
    calibration,
    categories_found,
    read_facts,
)
from tests.nlu.outcomes import make_case, make_outcome
from tests.nlu.scoring import Share

PUT_IN_PLACE = {
    "clarify",
    "clarify_rest",
    "nlu_fallback",
    "fallback_again",
}  # By the decision; no candidates.


def sure(label: str, confidence: float = 0.8) -> Facts:
    return Facts(((label, confidence), ("ask/other", 0.1)))


def test_every_intent_of_the_domain_is_known():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    assert set(INTENTS) == set(domain["intents"]) - PUT_IN_PLACE


def test_the_desks_lines_are_read():
    line = {
        "message": "m1",
        "candidates": [{"label": "ask/a", "confidence": 0.7}],
        "model_version": "house-1",
        "safety": ["crisis_suicide"],
        "certainty": "doubt",
        "texts": ["entry:a@1"],
    }
    assert read_facts(json.dumps(line) + "\n") == {
        "m1": Facts((("ask/a", 0.7),), "house-1", ("crisis_suicide",))
    }


def test_a_desk_without_messages_has_no_facts():
    assert read_facts("\n") == {}


@pytest.mark.parametrize(
    ("family", "wanted", "label", "right"),
    [
        ("answers", "a", "ask/a", True),
        ("answers", "a", "ask/b", False),
        ("answers", "a", "advice", False),
        ("advice", "advice", "outlook", True),
        ("out_of_scope_near", "out_of_scope_near", "gibberish", True),
        ("out_of_scope_near", "out_of_scope_near", "ask/a", False),
        ("small_talk", "small_talk", "grief", True),
    ],
)
def test_the_best_label_is_right_when_the_message_wants_it(family, wanted, label, right):
    outcome = make_outcome(make_case(family, (wanted,)), "fallback", message_id="m1")
    assert believed([outcome], {"m1": sure(label)}) == [(0.8, right)]


def test_what_the_bot_does_not_decide_is_left_out():
    emergency = make_outcome(make_case("emergency", ("emergency",)), "safety", message_id="m1")
    unasked = make_outcome(make_case(), "safety", message_id="m2")
    assert believed([emergency, unasked], {"m1": sure("ask/a"), "m2": Facts()}) == []


def test_entries_alone_leaves_other_labels_out():
    found = [make_outcome(make_case(), "a", message_id=name) for name in ("m1", "m2")]
    facts = {"m1": sure("ask/a"), "m2": sure("advice")}
    assert believed(found, facts, entries_alone=True) == [(0.8, True)]


def test_the_calibration_error_is_the_weighted_gap():
    pairs = [(0.9, True), (0.95, True), (0.92, False), (0.98, True), (0.3, False), (0.35, True)]
    found = calibration(pairs)
    assert [each.right for each in found.bins] == [Share(1, 2), Share(3, 4)]
    assert found.bins[1].confidence == pytest.approx(0.9375)
    assert found.error == pytest.approx((4 * (0.9375 - 0.75) + 2 * (0.5 - 0.325)) / 6)


def test_full_confidence_belongs_to_the_last_bin():
    assert calibration([(1.0, True), (0.95, True)]).bins[0].right == Share(2, 2)


def test_nothing_asked_has_no_error():
    assert calibration([]).bins == ()
    assert calibration([]).error == 0


def test_found_categories_are_counted_beside_those_of_the_set():
    case = make_case("crisis", ("crisis",), category="harm")
    found = [make_outcome(case, "safety", message_id=name) for name in ("m1", "m2", "m3")]
    facts = {"m1": Facts(safety=("crisis_harm_to_child",)), "m2": Facts()}
    assert categories_found(found, facts) == {
        "crisis: harm": {"crisis_harm_to_child": 1, "nothing": 1}
    }
