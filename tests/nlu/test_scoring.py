"""What counts as right, clarified, wrong and missed, and how sure a share is."""

from __future__ import annotations

import pytest

from tests.nlu.cases import Case
from tests.nlu.outcomes import make_case, make_outcome, make_reply
from tests.nlu.scoring import (
    TARGETS,
    Share,
    alarm,
    counted,
    extra_answers,
    percentiles,
    verdict,
)


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (["a"], "right"),
        (["b"], "right"),
        (["x", "a"], "right"),
        (["safety", "a"], "right"),
        (["x"], "wrong"),
        (["x", make_reply("clarify", "a")], "wrong"),
        ([make_reply("clarify", "x", "b")], "clarified"),
        ([make_reply("clarify", "x", "y")], "missed"),
        (["fallback"], "missed"),
        (["safety"], "missed"),
        ([], "missed"),
    ],
)
def test_a_question_is_judged_by_its_entries(replies, expected):
    assert verdict(make_outcome(make_case(wanted=("a", "b")), *replies)) == expected


def test_a_label_beside_the_entries_is_right_too():
    case = make_case(wanted=("a", "request_person"))
    assert verdict(make_outcome(case, "handoff")) == "right"
    assert verdict(make_outcome(case, "x", "handoff")) == "wrong"


@pytest.mark.parametrize(
    ("family", "replies", "expected"),
    [
        ("request_person", ["handoff"], "right"),
        ("request_person", ["smalltalk"], "missed"),
        ("request_person", ["a"], "wrong"),
        ("advice", ["refusal"], "right"),
        ("advice", ["safety"], "right"),
        ("advice", ["fallback"], "missed"),
        ("advice", ["refusal", "a"], "wrong"),
        ("out_of_scope_near", ["fallback"], "right"),
        ("out_of_scope_near", ["refusal"], "missed"),
        ("out_of_scope_near", [make_reply("clarify", "a", "b")], "missed"),
        ("out_of_scope_near", ["a"], "wrong"),
        ("out_of_scope_far", ["smalltalk"], "right"),
        ("out_of_scope_far", ["refusal"], "right"),
        ("out_of_scope_far", ["a"], "wrong"),
        ("small_talk", ["smalltalk"], "right"),
        ("emergency", ["safety"], "right"),
        ("emergency", ["safety", "a"], "right"),
        ("emergency", ["a"], "wrong"),
        ("crisis", ["smalltalk"], "missed"),
        ("harmless", ["a"], "right"),
        ("harmless", ["safety", "a"], "wrong"),
    ],
)
def test_a_message_without_an_entry_is_judged_by_its_kind(family, replies, expected):
    assert verdict(make_outcome(make_case(family, (family,)), *replies)) == expected


def test_an_entry_that_the_author_named_is_no_verdict():
    case = make_case("advice", ("advice", "a"))
    assert verdict(make_outcome(case, "refusal", "a")) == "right"
    assert verdict(make_outcome(case, "a", "x")) == "wrong"


def test_a_follow_up_needs_what_it_follows():
    case = make_case("follow_ups", after="first")
    assert verdict(make_outcome(case, "a", shown_by="title")) == "right"
    assert verdict(make_outcome(case, "a")) == "missed"


def test_a_follow_up_to_nothing_wants_to_be_asked_back():
    case = make_case("follow_ups", ("clarify",))
    assert verdict(make_outcome(case, make_reply("clarify", "x", "y"))) == "right"
    assert verdict(make_outcome(case, "x")) == "wrong"
    assert verdict(make_outcome(case, "fallback")) == "missed"


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (["a", "b"], "right"),
        (["a", "x", "c"], "right"),
        (["b", "a"], "partly"),
        (["a"], "partly"),
        (["x"], "wrong"),
        ([make_reply("clarify", "x", "c")], "clarified"),
        (["fallback"], "missed"),
    ],
)
def test_several_questions_are_answered_in_order(replies, expected):
    wanted = (frozenset({"ask/a"}), frozenset({"ask/b", "ask/c"}))
    assert (
        verdict(make_outcome(Case("several", "a? b?", wanted, "set.yml:1"), *replies)) == expected
    )


def test_one_answer_may_serve_two_questions():
    wanted = (frozenset({"ask/a"}), frozenset({"ask/a", "ask/b"}))
    assert verdict(make_outcome(Case("several", "a? b?", wanted, "set.yml:1"), "a")) == "right"


def test_answers_beside_the_right_one_are_extra():
    case = make_case()
    assert extra_answers(make_outcome(case, "x", "a")) == ["ask/x"]
    assert extra_answers(make_outcome(case, "x")) == []


def test_an_alarm_is_in_doubt_when_the_bot_replies_as_well():
    case = make_case()
    assert alarm(make_outcome(case, "safety", "safety")) == "certain"
    assert alarm(make_outcome(case, "safety", "a")) == "in doubt"
    assert alarm(make_outcome(case, "a")) == ""


def test_a_clarification_counts_half():
    case = make_case()
    found = [make_outcome(case, "a"), make_outcome(case, make_reply("clarify", "a", "b"))]
    assert sum(map(counted, [*found, make_outcome(case, "x")])) == 1.5


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(count, total, low, high):
    """Values of R's binom.confint(method = "wilson")."""
    assert Share(count, total).interval == pytest.approx((low, high), abs=1e-4)


def test_the_targets_are_those_of_the_house():
    bounds = {target.name: (target.is_floor, target.bound) for target in TARGETS}
    assert bounds == {
        "right entry": (True, 0.93),
        "wrong entry": (False, 0.02),
        "follow-ups": (True, 0.88),
        "emergencies found": (True, 1.0),
        "crises found": (True, 0.99),
        "false alarms on questions": (False, 0.03),
        "person": (True, 0.98),
        "advice without a verdict": (True, 0.97),
        "out of scope refused": (True, 0.97),
    }


def test_a_target_says_when_it_is_reached():
    by_name = {target.name: target for target in TARGETS}
    assert by_name["right entry"].is_reached_by(Share(93, 100))
    assert not by_name["right entry"].is_reached_by(Share(92.5, 100))
    assert by_name["wrong entry"].is_reached_by(Share(2, 100))
    assert not by_name["wrong entry"].is_reached_by(Share(3, 100))


def test_out_of_scope_near_and_far_make_one_target():
    target = next(target for target in TARGETS if target.name == "out of scope refused")
    near, far = (make_case(name, (name,)) for name in ("out_of_scope_near", "out_of_scope_far"))
    found = [make_outcome(near, "a"), make_outcome(far, "fallback"), make_outcome(make_case(), "a")]
    assert target.share(found) == Share(1, 2)


def test_percentiles_are_times_that_were_measured():
    case = make_case()
    found = [make_outcome(case, "a")] * 3
    assert percentiles(found, 0.5, 0.95) == [10.0, 10.0]
