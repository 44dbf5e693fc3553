"""After an entry, a text keeps its own meaning or takes one from what belongs to the entry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.context import ContextModel, InContext, Neighbourhood, n_weights
from bot.components.weights import read_weights
from tests.bot.evidence import evidence_of

LABELS = ["ask/a", "ask/b", "ask/far", "follow_up", "greet"]
AROUND = Neighbourhood({"a": ["b"]}, {"a": "one", "b": "one", "far": "two"})


def model() -> ContextModel:
    return ContextModel(LABELS, AROUND, read_weights("context"))


def message(own: list[float], beside: list[float], text: str = "and how long?") -> InContext:
    rows = np.array([own, beside, beside], np.float32)
    return InContext(text, False, "a", rows[0], rows[1], rows[2], evidence_of(rows))


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
    rows = np.random.default_rng(seed).dirichlet(np.full(len(LABELS), 0.3), 3).astype(np.float32)
    found = model().chances(
        InContext(text, bool(seed % 2), "a", rows[0], rows[1], rows[2], evidence_of(rows))
    )
    assert found.min() >= 0
    assert found.sum() <= 1 + 1e-5
    assert found[LABELS.index("follow_up")] == 0


def test_an_entry_that_is_gone_counts_for_nothing() -> None:
    rows = np.full((3, 5), 0.1, np.float32)
    gone = InContext("why?", False, "gone", rows[0], rows[1], rows[2], evidence_of(rows))
    assert np.isfinite(model().chances(gone)).all()


def test_another_number_of_weights_is_refused() -> None:
    with pytest.raises(ValueError, match=f"{n_weights()} weights"):
        ContextModel(LABELS, AROUND, np.zeros(3, np.float32))
