"""After an entry, a text keeps its own meaning or takes one from what belongs to the entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.context import ContextModel, InContext, Neighbourhood, n_weights
from bot.components.follow_ups import FollowUps
from bot.components.readings import Beside, Reading, beside_last
from bot.components.weights import read_weights
from encoder.arrays import Matrix
from tests.bot.evidence import evidence_of

LABELS = ["ask/a", "ask/b", "ask/far", "follow_up", "greet"]
ASKED = FollowUps.of(
    np.eye(3, dtype=np.float32), ["a", "far", "a"], [["ask/far"], ["ask/b"], ["ask/gone"]]
)
NOTHING_ASKED = np.zeros(3, np.float32)
AROUND = Neighbourhood({"a": ["b"]}, {"a": "one", "b": "one", "far": "two"})


def model() -> ContextModel:
    return ContextModel(LABELS, AROUND, read_weights("context"), ASKED)


def message(own: list[float], beside: list[float], text: str = "and how long?") -> InContext:
    return in_context(np.array([own, beside, beside, [0] * len(own)], np.float32), text)


def in_context(rows: Matrix, text: str, last: str = "a", has_topic: bool = False) -> InContext:
    reading = Reading(text, "whole", -1, has_topic, is_question=True)
    return InContext(reading, last, rows, evidence_of(rows), NOTHING_ASKED)


def test_a_bare_follow_up_goes_to_what_is_related() -> None:
    found = model().chances(message([0, 0, 0, 0.9, 0], [0.6, 0.2, 0.01, 0, 0]))
    assert LABELS[int(found.argmax())] == "ask/b"


def test_a_clear_text_keeps_its_meaning() -> None:
    clear = message(
        [0, 0, 0.98, 0, 0], [0.3, 0.4, 0.2, 0, 0], "how do i take a temperature at home"
    )
    assert LABELS[int(model().chances(clear).argmax())] == "ask/far"


@given(st.integers(0, 2**32 - 1), st.sampled_from(["why?", "is it safe", "what is a port"]))
def test_chances_are_chances_and_never_name_the_missing_past(seed: int, text: str) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(len(LABELS), 0.3), 4).astype(np.float32)
    rows[3] *= seed % 3 > 0  # A third points at nothing.
    found = model().chances(in_context(rows, text, has_topic=bool(seed % 2)))
    assert found.min() >= 0
    assert found.sum() <= 1 + 1e-5
    assert found[LABELS.index("follow_up")] == 0


def test_an_entry_that_is_gone_counts_for_nothing() -> None:
    rows = np.full((4, 5), 0.1, np.float32)
    assert np.isfinite(model().chances(in_context(rows, "why?", last="gone"))).all()


def test_what_a_text_points_at_speaks_for_its_entry() -> None:
    """Of two entries around the last, the one that the item names."""
    rows = np.array([[0, 0, 0, 0.9, 0], *[[0.4, 0.1, 0.1, 0, 0]] * 2, [0] * 5], np.float32)
    text = "and the second one?"
    before = model().chances(in_context(rows, text))
    rows[3] = [0.05, 0.9, 0, 0, 0]
    after = model().chances(in_context(rows, text))
    assert after[LABELS.index("ask/b")] > before[LABELS.index("ask/b")]


def test_a_text_is_gathered_from_its_readings() -> None:
    readings = [
        Reading(role, role, -1, has_topic=True, is_question=True)
        for role in ("whole", "context", "subject", "item", "item")
    ]
    chances = np.array([[0.1], [0.2], [0.3], [0.4], [0.5]], np.float32)
    beside = beside_last(readings, -1)
    assert beside == Beside(1, 2, (3, 4))
    vectors = np.eye(5, dtype=np.float32)
    found = InContext.of(readings, 0, beside, "a", chances, evidence_of(chances), vectors)
    np.testing.assert_allclose(found.chances.ravel(), [0.1, 0.2, 0.3, 0.5])
    assert found.points
    assert found.vector.tolist() == [1, 0, 0, 0, 0]
    beside = Beside(1, 2)
    found = InContext.of(readings, 0, beside, "a", chances, evidence_of(chances), vectors)
    assert not found.points


def test_what_is_asked_after_an_entry_speaks_for_what_it_means() -> None:
    unsure = message([0, 0, 0.2, 0.3, 0], [0.3, 0.2, 0.2, 0, 0])
    before = model().chances(unsure)
    after = model().chances(replace(unsure, vector=np.array([1, 0, 0], np.float32)))
    assert after[LABELS.index("ask/far")] > before[LABELS.index("ask/far")]


def test_another_number_of_weights_is_refused() -> None:
    with pytest.raises(ValueError, match=f"{n_weights()} weights"):
        ContextModel(LABELS, AROUND, np.zeros(3, np.float32), ASKED)
