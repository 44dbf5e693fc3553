import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import matthews_corrcoef

from ops.bench.scores import (
    OUTSIDE,
    Guess,
    best_matthews,
    cheapest_threshold,
    foreign_refused,
    in_scope_right,
    matthews,
    matthews_at,
    percentile,
    threshold_for_both,
)

LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2)


def ours(label, found, confidence):
    return Guess(frozenset({label}), found, confidence)


def foreign(confidence):
    return Guess(frozenset(), "a", confidence)


def test_matthews_of_two_classes_is_that_of_the_textbook():
    # 6 true and 1 false positives, 3 true and 2 false negatives.
    wanted = ["p"] * 6 + ["n"] + ["n"] * 3 + ["p"] * 2
    found = ["p"] * 6 + ["p"] + ["n"] * 3 + ["n"] * 2

    assert matthews(wanted, found) == pytest.approx((6 * 3 - 1 * 2) / (7 * 8 * 4 * 5) ** 0.5)


@given(LABELS)
def test_matthews_agrees_with_scikit_learn(pairs):
    wanted, found = zip(*pairs, strict=True)

    assert matthews(wanted, found) == pytest.approx(matthews_corrcoef(wanted, found), abs=1e-9)


def test_a_constant_answer_has_no_correlation():
    assert matthews(["a", "b", "c"], ["a", "a", "a"]) == 0.0


def test_below_the_threshold_counts_as_outside():
    guesses = [ours("a", "a", 0.9), ours("b", "b", 0.8), foreign(0.3)]

    assert matthews_at(guesses, 0.5) == 1.0
    assert matthews_at(guesses, 0.0) == matthews(["a", "b", OUTSIDE], ["a", "b", "a"]) < 1.0


def test_the_best_threshold_lies_between_ours_and_foreign():
    guesses = [ours("a", "a", 0.9), ours("b", "b", 0.8), foreign(0.3), foreign(0.4)]

    score, threshold = best_matthews(guesses)

    assert score == 1.0
    assert 0.4 < threshold <= 0.8


def test_shares_look_at_their_own_messages_only():
    guesses = [ours("a", "a", 0.9), ours("a", "b", 0.9), ours("a", "a", 0.1), foreign(0.3)]

    assert in_scope_right(guesses, 0.5) == pytest.approx(1 / 3)
    assert foreign_refused(guesses, 0.5) == 1.0
    assert foreign_refused(guesses, 0.2) == 0.0


def test_the_threshold_for_both_leaves_room_on_both_sides():
    guesses = [ours("a", "a", 0.8), ours("b", "b", 0.9), foreign(0.2), foreign(0.3)]

    assert threshold_for_both(guesses, 1.0, 1.0) == pytest.approx(0.55, abs=0.01)


def test_where_both_goals_fail_the_right_answers_are_kept():
    guesses = [ours("a", "a", 0.4), ours("b", "b", 0.9), foreign(0.6), foreign(0.7)]

    assert threshold_for_both(guesses, 1.0, 0.5) == pytest.approx(0.4)


def test_the_cheapest_threshold_refuses_what_is_foreign_and_answers_what_is_right():
    guesses = [ours("a", "a", 0.7), ours("b", "b", 0.9), foreign(0.5), ours("a", "b", 0.4)]

    assert cheapest_threshold(guesses) == 0.7


def test_when_all_is_foreign_nothing_is_answered():
    guesses = [foreign(0.5), foreign(1.0)]

    assert all(guess.confidence < cheapest_threshold(guesses) for guess in guesses)


def test_percentile_is_one_of_the_values():
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([3.0], 0.5) == 3.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)
