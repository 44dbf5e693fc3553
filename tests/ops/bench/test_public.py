from collections import Counter

from ops.bench.data import Example
from ops.bench.pipeline import Answer
from ops.bench.public import OUTSIDE_HERE, guesses_of, hidden_splits

ROWS = [Example(f"{label} {at}", label) for label in "abcdefgh" for at in range(8)]


def test_every_label_is_hidden_once():
    hidden = [
        {"abcdefgh"[at] for at in range(8)} - {r.label for r in t} for t, _ in hidden_splits(ROWS)
    ]

    assert sorted(label for labels in hidden for label in labels) == list("abcdefgh")


def test_nothing_is_asked_that_was_trained_on():
    for training, asked in hidden_splits(ROWS):
        assert not {row.text for row in training} & {row.text for row in asked}


def test_a_hidden_label_is_asked_as_from_outside():
    for training, asked in hidden_splits(ROWS):
        known = {row.label for row in training}
        assert {row.label for row in asked} <= known | {OUTSIDE_HERE}
        assert all(row.text[0] not in known for row in asked if row.label == OUTSIDE_HERE)


def test_outside_is_no_more_than_half_of_what_is_asked():
    for _, asked in hidden_splits(ROWS):
        counts = Counter(row.label == OUTSIDE_HERE for row in asked)
        assert 0 < counts[True] <= counts[False]


def test_a_row_from_outside_wants_nothing():
    rows = [Example("x", "a"), Example("y", OUTSIDE_HERE), Example("z", "out_of_scope")]

    guesses = guesses_of(rows, [Answer("a", 0.5, "a")] * 3)

    assert [guess.is_foreign for guess in guesses] == [False, True, True]
