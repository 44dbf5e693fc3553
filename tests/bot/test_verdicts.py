"""Deciding is total, and each zone does what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.context import ContextModel, Neighbourhood
from bot.components.follow_ups import FollowUps
from bot.components.readings import Reading
from bot.components.verdicts import (
    FALLBACKS,
    Outcome,
    Thresholds,
    decide,
)
from bot.names import FOREIGN, JUDGEMENTS, entry_id
from bot.turn import Metadata
from tests.bot.evidence import evidence_of

LABELS = [
    "advice", "ask/a", "ask/b", "ask/c", "ask/far", "empathy", "follow_up", "gibberish", "greet",
    "out_of_scope", "outlook", "request_person", "robot", "thanks",
]  # fmt: skip
THRESHOLDS = Thresholds(
    answer=0.68, person=0.15, intent=0.35, judgement=0.35, foreign=0.5, clarify=0.4,
    clarify_each=0.08,
)  # fmt: skip
NEAR = Neighbourhood(
    related={"a": ["b"], "b": [], "c": [], "far": []},
    topics={"a": "one", "b": "two", "c": "one", "far": "three"},
)
# Weights of one fit, kept: what has been fitted since is measured on messages, here are the rules.
FITTED_ONCE = json.loads((Path(__file__).parent / "context_weights.json").read_text("utf-8"))
CONTEXT = ContextModel(LABELS, NEAR, np.array(FITTED_ONCE["weights"], np.float32), FollowUps.none())


def reading(text: str = "what is it about", **given: Any) -> Reading:
    known: dict[str, Any] = {"role": "whole", "part": -1, "has_topic": True, "is_question": True}
    return Reading(text, **{**known, **given})


def row(**chances: float) -> list[float]:
    named = {name.replace("ask_", "ask/"): chance for name, chance in chances.items()}
    return [named.get(label, 0.0) for label in LABELS]


def outcome(*rows: tuple[Reading, list[float]], **metadata: Any) -> Outcome:
    readings = [reading for reading, _ in rows]
    confidences = np.array([chances for _, chances in rows], dtype=np.float32)
    evidence = evidence_of(confidences)
    about = Metadata(**metadata)
    vectors = np.zeros((len(rows), 1), np.float32)
    return decide(readings, LABELS, confidences, evidence, vectors, about, CONTEXT, THRESHOLDS)


def part(number: int, chances: list[float], **given: Any) -> tuple[Reading, list[float]]:
    return reading(role="part", part=number, **given), chances


def test_a_sure_entry_is_answered() -> None:
    assert outcome((reading(), row(ask_a=0.8, ask_b=0.1))).intent == "ask/a"


def test_two_close_entries_are_offered() -> None:
    found = outcome((reading(), row(ask_a=0.4, ask_b=0.35, greet=0.1)))
    assert (found.intent, found.choices) == ("clarify", ("ask/a", "ask/b"))


def test_nothing_likely_is_a_fallback() -> None:
    assert outcome((reading(), row(ask_a=0.2, greet=0.1))).intent == "nlu_fallback"


def test_a_second_fallback_offers_a_person() -> None:
    chances = row(ask_a=0.2)
    assert outcome((reading(), chances), fallbacks_in_a_row=1).intent == "fallback_again"


@pytest.mark.parametrize("fallbacks", [1, 2, 5])
@pytest.mark.parametrize("chances", [row(follow_up=0.9), row(ask_a=0.9), row(greet=0.9)])
def test_a_yes_after_a_fallback_is_a_wish_for_the_person_it_offered(
    chances: list[float], fallbacks: int
) -> None:
    found = outcome((reading("yes please"), chances), fallbacks_in_a_row=fallbacks)
    assert (found.intent, found.choices, found.after) == ("request_person", (), ())


def test_a_no_after_a_fallback_is_taken_kindly() -> None:
    assert outcome((reading("no"), row(follow_up=0.9)), fallbacks_in_a_row=2).intent == "okay"


def test_without_a_fallback_a_yes_answers_nothing() -> None:
    assert outcome((reading("yes"), row(greet=0.9))).intent == "greet"


def test_a_bare_reply_is_no_second_fallback() -> None:
    assert "bare_reply" not in FALLBACKS


def test_an_answer_after_a_fallback_is_an_answer() -> None:
    chances = row(ask_a=0.9)
    assert outcome((reading(), chances), fallbacks_in_a_row=3).intent == "ask/a"


def test_judgements_count_together() -> None:
    chances = row(ask_a=0.4, advice=0.2, outlook=0.25)
    assert outcome((reading(), chances)).intent == "outlook"


def test_a_judgement_beats_an_entry_that_is_not_plainly_meant() -> None:
    assert outcome((reading(), row(ask_a=0.94, advice=0.36))).intent == "advice"
    assert outcome((reading(), row(ask_a=0.96, advice=0.36))).intent == "ask/a"


def test_a_refused_judgement_offers_what_is_known_in_general() -> None:
    found = outcome((reading(), row(advice=0.7, ask_a=0.01, ask_b=0.1, ask_c=0.05)))
    assert (found.intent, found.choices) == ("advice", ("ask/b", "ask/c"))
    beside = outcome((reading(), row(ask_b=0.5)), part(0, row(ask_a=0.9)), part(1, row(advice=0.8)))
    assert (beside.before, beside.intent, beside.choices) == (("a",), "advice", ())
    general = part(1, row(advice=0.8, ask_a=0.1, ask_b=0.05))
    beside = outcome((reading(), row(ask_b=0.5)), part(0, row(ask_a=0.9)), general)
    assert (beside.before, beside.intent, beside.choices) == (("a",), "advice", ("ask/b",))
    general = part(1, row(advice=0.8, ask_a=0.1, ask_b=0.05, ask_c=0.03))
    beside = outcome((reading(), row(ask_b=0.5)), part(0, row(ask_a=0.9)), general)
    assert beside.choices == ("ask/b", "ask/c")


def test_pieces_of_one_plain_question_are_no_questions() -> None:
    pieces = part(0, row(ask_b=0.9)), part(1, row(ask_c=0.9))
    assert outcome((reading(), row(ask_a=0.92)), *pieces).intent == "ask/a"
    assert outcome((reading(), row(advice=0.92)), *pieces).intent == "advice"
    assert outcome((reading(), row(ask_b=0.92)), *pieces).after == ("c",)


def test_a_wish_that_the_whole_does_not_hold_was_misread() -> None:
    wish = part(0, row(request_person=0.95))
    assert outcome((reading(), row(ask_a=0.95, request_person=0.01)), wish).intent == "ask/a"
    found = outcome((reading(), row(ask_a=0.95, request_person=0.03)), wish)
    assert found.intent == "request_person"


def test_a_hint_of_a_wish_for_a_person_is_enough() -> None:
    chances = row(ask_a=0.6, request_person=0.2)
    assert outcome((reading(), chances)).intent == "request_person"
    assert outcome((reading(), row(ask_a=0.84, request_person=0.15))).intent == "ask/a"


def test_what_is_none_of_ours_counts_together() -> None:
    """Two kinds of it are more than the entry; which kind it is nobody knows."""
    chances = row(ask_a=0.3, gibberish=0.2, out_of_scope=0.32)
    assert outcome((reading(), chances)).intent == "nlu_fallback"


def test_a_choice_is_followed() -> None:
    found = outcome((reading(), row(greet=0.9)), choice="ask/b")
    assert (found.intent, found.candidates) == ("ask/b", (("ask/b", 1.0),))


@pytest.mark.parametrize("choice", ["ask/unknown", "greet", "handoff", ""])
def test_an_unknown_choice_is_read_as_text(choice: str) -> None:
    assert outcome((reading(), row(ask_a=0.9)), choice=choice).intent == "ask/a"


def test_two_questions_get_two_answers_in_order() -> None:
    found = outcome((reading(), row(ask_a=0.5)), part(0, row(ask_b=0.9)), part(1, row(ask_a=0.9)))
    assert (found.intent, found.before, found.after) == ("ask/b", (), ("a",))


def test_the_same_entry_is_not_given_twice() -> None:
    found = outcome((reading(), row(ask_a=0.8)), part(0, row(ask_a=0.9)), part(1, row(ask_a=0.8)))
    assert (found.intent, found.after) == ("ask/a", ())


def test_at_most_three_answers() -> None:
    found = outcome(
        (reading(), row()),
        *(part(n, row(**{f"ask_{name}": 0.9})) for n, name in enumerate(["a", "b", "c", "far"])),
    )
    assert (found.intent, found.after, found.has_more) == ("ask/a", ("b", "c"), True)


def test_thanks_are_no_answer_to_a_question_behind_them() -> None:
    found = outcome((reading(), row(thanks=0.8)), part(0, row(thanks=0.9)), part(1, row(ask_a=0.7)))
    assert found.intent == "ask/a"


def test_thanks_are_no_answer_to_a_question_about_the_bot() -> None:
    found = outcome((reading(), row(thanks=0.8)), part(0, row(thanks=0.9)), part(1, row(robot=0.9)))
    assert found.intent == "robot"


def test_an_unclear_question_beside_an_answer_is_asked_back() -> None:
    unclear = part(1, row(ask_b=0.5, ask_c=0.45))
    found = outcome((reading(), row(ask_a=0.5)), part(0, row(ask_a=0.9)), unclear)
    assert (found.intent, found.before) == ("clarify_rest", ("a",))
    assert found.choices == ("ask/b", "ask/c")


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("what is it about", row(ask_a=0.5, ask_b=0.45)),  # It may ask for the same.
        ("what is it about", row(ask_b=0.4, ask_c=0.35)),  # It may ask for nothing we have.
        (60 * "word ", row(ask_b=0.5, ask_c=0.45)),  # A sentence of a story.
    ],
)
def test_choices_beside_an_answer_are_for_a_question_of_its_own(
    text: str, second: list[float]
) -> None:
    found = outcome((reading(text), row(ask_a=0.7)), part(0, row(ask_a=0.9)), part(1, second))
    assert (found.intent, found.before) == ("ask/a", ())


def test_three_answers_leave_nothing_over() -> None:
    found = outcome(
        (reading(), row()),
        *(part(n, row(**{f"ask_{name}": 0.9})) for n, name in enumerate(["a", "b", "c", "a"])),
    )
    assert (found.intent, found.after, found.has_more) == ("ask/a", ("b", "c"), False)


def test_beside_a_judgement_what_is_left_over_is_known_too() -> None:
    found = outcome(
        (reading(), row()),
        part(0, row(ask_a=0.9)),
        part(1, row(advice=0.9)),
        *(part(n, row(**{f"ask_{name}": 0.9})) for n, name in enumerate(["b", "c"], start=2)),
    )
    assert (found.before, found.intent, found.after) == (("a",), "advice", ("b",))
    assert found.has_more


def test_a_judgement_keeps_its_place_among_answers() -> None:
    found = outcome(
        (reading(), row()), part(0, row(ask_a=0.9)), part(1, row(advice=0.9)),
        part(2, row(ask_b=0.9)),
    )  # fmt: skip
    assert (found.intent, found.before, found.after) == ("advice", ("a",), ("b",))


def test_a_piece_of_a_judgement_is_not_answered_beside_it() -> None:
    found = outcome(
        (reading(), row(outlook=0.95, ask_a=0.03)), part(0, row(ask_a=0.9)),
        part(1, row(outlook=0.9)),
    )  # fmt: skip
    assert (found.intent, found.before, found.choices) == ("outlook", (), ("ask/a",))


def test_a_kind_word_before_the_answer() -> None:
    found = outcome(
        (reading(), row()),
        part(0, row(empathy=0.9), is_question=False),
        part(1, row(ask_a=0.9)),
    )
    assert (found.intent, found.after) == ("empathy", ("a",))


def test_a_wish_for_a_person_decides_the_whole_message() -> None:
    found = outcome(
        (reading(), row(ask_a=0.9)), part(0, row(ask_a=0.9)), part(1, row(request_person=0.95))
    )
    assert (found.intent, found.after) == ("request_person", ())


def test_an_odd_remark_is_no_wish_for_a_person() -> None:
    found = outcome(
        (reading(), row(ask_a=0.9)), part(0, row(request_person=0.6)), part(1, row(ask_a=0.9))
    )
    assert (found.intent, found.after) == ("ask/a", ())


def test_a_short_part_that_names_an_entry_wants_it() -> None:
    parts = (
        part(0, row(ask_b=0.97), is_question=False, text="powder formula or ready made"),
        part(1, row(ask_a=0.9)),
    )
    found = outcome((reading(), row(ask_a=0.9)), *parts)
    assert (found.intent, found.after) == ("ask/b", ("a",))
    refused = outcome((reading(), row(ask_a=0.9)), *parts, part(2, row(advice=0.9)))
    assert "b" not in (*refused.before, *refused.after)


def named(*rows: list[float]) -> list[tuple[Reading, list[float]]]:
    return [(reading(role="named"), chances) for chances in rows]


def test_two_entries_named_side_by_side_are_both_answered() -> None:
    both = named(row(ask_b=0.8), row(ask_a=0.9))
    found = outcome((reading(), row(ask_a=0.5, ask_b=0.4)), *both)
    assert (found.intent, found.after) == ("ask/b", ("a",))
    found = outcome((reading(), row(ask_a=0.55, ask_b=0.44)), *both)
    assert (found.intent, found.after) == ("ask/b", ("a",))


@pytest.mark.parametrize(
    ("whole", "second"),
    [
        (row(ask_a=0.95, ask_b=0.05), row(ask_b=0.9)),
        (row(ask_a=0.5, ask_b=0.4), row(ask_c=0.9)),
        (row(ask_a=0.5, ask_b=0.4), row(ask_b=0.5)),
        (row(ask_a=0.5, ask_b=0.4), row(advice=0.9)),
    ],
    ids=["plain whole", "entry the whole does not hold", "unsure name", "judgement"],
)
def test_names_alone_make_no_second_answer(whole: list[float], second: list[float]) -> None:
    found = outcome((reading(), whole), *named(row(ask_a=0.9), second))
    assert found.after == ()


def test_what_is_plainly_named_is_answered_though_the_whole_holds_one() -> None:
    whole, both = row(ask_a=0.95), named(row(ask_a=0.99), row(ask_b=0.99))
    found = outcome((reading(), whole), *both)
    assert (found.intent, found.after) == ("ask/a", ("b",))
    assert outcome((reading(), row(ask_c=0.95)), *both).intent == "ask/c"
    assert outcome((reading(), row(ask_a=0.99)), *both).after == ()


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (row(ask_a=0.5, ask_b=0.4), ("ask/b", ("a",))),
        (row(ask_a=0.5, ask_b=0.2), ("clarify", ())),
        (row(ask_a=0.4, ask_b=0.3), ("clarify", ())),
    ],
    ids=["little else", "hardly one", "something else as likely"],
)
def test_two_questions_that_the_whole_makes_plain(
    whole: list[float], expected: tuple[str, tuple[str, ...]]
) -> None:
    """Neither is plain alone: "how common is it and what are the signs"."""
    asked = part(0, row(ask_b=0.5, ask_c=0.3)), part(1, row(ask_a=0.3, follow_up=0.2))
    found = outcome((reading(), whole), *asked)
    assert (found.intent, found.after) == expected


@pytest.mark.parametrize(
    "second",
    [
        row(ask_c=0.3),
        row(ask_a=0.3, advice=0.4),
        row(ask_a=0.3, empathy=0.5),
        row(ask_c=0.9, ask_a=0.08),
    ],
    ids=["one question in two pieces", "judgement", "feeling", "plainly something else"],
)
def test_two_entries_are_offered_where_not_both_are_asked_for(second: list[float]) -> None:
    asked = part(0, row(ask_b=0.5, ask_c=0.3)), part(1, second)
    found = outcome((reading(), row(ask_a=0.5, ask_b=0.4)), *asked)
    assert found.after == ()
    assert found.intent in ("clarify", "ask/c")


def test_of_three_questions_none_is_lost_on_a_guess() -> None:
    asked = [part(at, row(ask_a=0.3, ask_b=0.3, ask_c=0.3)) for at in range(3)]
    assert outcome((reading(), row(ask_a=0.5, ask_b=0.4)), *asked).intent == "clarify"


def test_a_question_with_a_topic_of_its_own_stands_alone() -> None:
    """ "Can our cat stay and can the neighbours pop in" is not about the cat twice."""
    found = outcome(
        (reading(), row(ask_a=0.97)),
        part(0, row(ask_a=0.99)),
        part(1, row(ask_b=0.85)),
        (reading(role="joined", part=1), row(ask_a=0.98)),
        (reading(role="joined_subject", part=1), row(ask_a=0.97)),
    )
    assert (found.intent, found.after) == ("ask/a", ("b",))


def test_a_story_is_no_question() -> None:
    """What a sentence tells is not answered when another one asks."""
    found = outcome(
        (reading(), row(ask_c=0.3)),
        part(0, row(ask_b=0.9), is_question=False),
        part(1, row(ask_a=0.7)),
    )
    assert (found.intent, found.after) == ("ask/a", ())


def follow_up(own: list[float], beside_last: list[float], **given: Any) -> Outcome:
    known = {"has_topic": False, "text": "how long does it take", **given}
    return outcome(
        (reading(**known), own),
        (reading(role="context", has_topic=True), beside_last),
        (reading(role="subject", has_topic=True), beside_last),
        last_entry="a",
    )


def test_a_text_without_a_topic_follows_the_last_entry() -> None:
    assert follow_up(row(follow_up=0.9), row(ask_a=0.5, ask_b=0.45)).intent == "ask/b"


def test_an_unclear_follow_up_offers_what_is_near() -> None:
    found = follow_up(row(follow_up=0.9), row(ask_b=0.02, ask_c=0.02, ask_far=0.02))
    assert found.intent in ("clarify", "follow_up")
    assert "ask/far" not in found.choices[:2]


def test_a_question_refers_to_the_one_before_it() -> None:
    """The second is judged beside the first, as if the first had just been answered."""
    found = outcome(
        (reading(), row(ask_a=0.4)),
        part(0, row(ask_a=0.9), text="what is a port"),
        part(1, row(follow_up=0.9), text="how do i clean it", has_topic=False),
        (reading(role="joined", part=1), row(ask_a=0.5, ask_b=0.4)),
        (reading(role="joined_subject", part=1), row(ask_a=0.3, ask_b=0.6)),
    )
    assert (found.intent, found.after) == ("ask/a", ("b",))


def test_what_is_asked_about_the_bot_leaves_room_for_an_answer() -> None:
    found = outcome(
        (reading(), row(robot=0.4)),
        part(0, row(robot=0.9)),
        part(1, row(ask_b=0.9)),
    )
    assert (found.intent, found.after) == ("robot", ("b",))


def test_without_a_past_it_asks_what_is_meant() -> None:
    found = outcome((reading(has_topic=False), row(follow_up=0.9)))
    assert (found.intent, found.choices) == ("follow_up", ())


def test_without_a_past_it_may_offer_entries() -> None:
    found = outcome((reading(has_topic=False), row(follow_up=0.5, ask_a=0.2, ask_b=0.2)))
    assert (found.intent, found.choices) == ("follow_up", ("ask/a", "ask/b"))


def test_a_new_topic_starts_afresh() -> None:
    text = "how do i take a temperature at home"
    clear = row(ask_far=0.97, ask_b=0.02)
    found = follow_up(clear, row(ask_b=0.99), has_topic=True, text=text)
    assert found.intent == "ask/far"


def test_a_topic_may_lie_near_the_last_entry() -> None:
    found = follow_up(row(ask_far=0.2, ask_b=0.2), row(ask_b=0.95), has_topic=True)
    assert found.intent == "ask/b"


def test_an_unknown_last_entry_changes_nothing() -> None:
    found = outcome((reading(), row(ask_a=0.8)), last_entry="gone")
    assert found.intent == "ask/a"


readings = st.lists(
    st.builds(
        Reading,
        text=st.sampled_from(["why?", "is it safe", "hello there"]),
        role=st.sampled_from(["part", "context", "subject", "joined", "joined_subject", "named"]),
        part=st.integers(-1, 3),
        has_topic=st.booleans(),
        is_question=st.booleans(),
    ),
    max_size=6,
)
metadata = st.builds(
    Metadata,
    last_entry=st.none() | st.sampled_from(["a", "far", "gone"]),
    choice=st.none() | st.sampled_from(["ask/a", "nonsense"]),
    fallbacks_in_a_row=st.integers(0, 3),
)


@given(readings, metadata, st.integers(0, 2**32 - 1))
def test_deciding_is_total(some: list[Reading], about: Metadata, seed: int) -> None:
    """Any readings and confidences: one outcome that has a rule, choices and ids that exist."""
    parts = {r.part for r in some if r.role == "part"}
    kept = [r for r in some if r.part in parts or r.part == -1 or r.role == "part"]
    all_readings = [reading(), *(r for r in kept if r.role != "part" or r.part >= 0)]
    drawn = np.random.default_rng(seed).dirichlet(np.full(len(LABELS), 0.2), len(all_readings))
    chances = drawn.astype(np.float32)
    evidence = evidence_of(chances)
    vectors = np.zeros((len(all_readings), 1), np.float32)
    found = decide(all_readings, LABELS, chances, evidence, vectors, about, CONTEXT, THRESHOLDS)
    known = {*LABELS, "clarify", "clarify_rest", "nlu_fallback", "fallback_again"}
    assert found.intent in known
    assert len(found.choices) in ((0, 1, 2) if found.intent in JUDGEMENTS else (0, 2, 3))
    assert len(set(found.choices)) == len(found.choices)
    assert all(choice in LABELS for choice in found.choices)
    shown = [*found.before, *found.after]
    assert len(shown) + (entry_id(found.intent) is not None) <= 3
    assert all(f"ask/{entry}" in LABELS for entry in shown)
    confidences = [confidence for _, confidence in found.candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert len(found.candidates) <= 5


def test_groups_are_disjoint() -> None:
    assert not JUDGEMENTS & FOREIGN


def test_a_question_asked_twice_is_answered_where_it_is_asked_first() -> None:
    asked = [part(0, row(ask_a=0.9)), part(1, row(ask_b=0.9)), part(2, row(ask_a=0.95))]
    found = outcome((reading(), row(ask_a=0.5)), *asked)
    assert (found.before, found.intent, found.after) == ((), "ask/a", ("b",))


@pytest.mark.parametrize("own", [0.0, 0.5])
def test_a_text_without_a_topic_is_a_judgement_only_by_itself(own: float) -> None:
    asked = {"part": -1, "has_topic": False}
    rows = (
        (reading("why not?", **asked), row(follow_up=0.9 - own, advice=0.01 + own)),
        (reading("a: why not?", role="context", **asked), row(ask_a=0.01, advice=0.9)),
        (reading("why not? a", role="subject", **asked), row(ask_a=0.01, advice=0.9)),
    )
    assert (outcome(*rows, last_entry="a").intent == "advice") is bool(own)
