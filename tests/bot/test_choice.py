"""Fitting a choice model finds what decides, and leaving out is really leaving out."""

from __future__ import annotations

import numpy as np
import pytest

from bot.choice import Choices, fit, gather, right_when_left_out

START = np.zeros(2, np.float32)


def drawn(n_texts: int = 60, noise: bool = False) -> Choices:
    """Texts with four choices; the first input points at the right one, the second nowhere."""
    random = np.random.default_rng(4)
    right = random.integers(0, 4, n_texts)
    inputs = random.normal(size=(n_texts, 4, 2)).astype(np.float32)
    if not noise:
        inputs[np.arange(n_texts), right, 0] += 4
    is_right = np.zeros((n_texts, 4), np.float32)
    is_right[np.arange(n_texts), right] = 1
    return Choices(inputs, is_right, np.ones(n_texts, np.float32))


def test_what_decides_gets_the_weight() -> None:
    found = fit(drawn(), START, penalty=1e-3)
    assert found[0] > 1
    assert abs(found[1]) < found[0] / 3


def test_a_penalty_keeps_weights_small() -> None:
    assert np.abs(fit(drawn(), START, penalty=100.0)).max() < 0.1


def test_any_right_choice_will_do() -> None:
    """Where every choice is right there is nothing to learn."""
    choices = drawn()
    all_right = Choices(choices.inputs, np.ones_like(choices.is_right), choices.importance)
    assert np.abs(fit(all_right, START, penalty=1e-3)).max() == pytest.approx(0, abs=1e-6)


def test_what_counts_for_nothing_teaches_nothing() -> None:
    choices = drawn()
    weightless = Choices(choices.inputs, choices.is_right, np.zeros(60, np.float32))
    assert np.abs(fit(weightless, START, penalty=1e-3)).max() == pytest.approx(0, abs=1e-6)


def test_folds_left_out_tell_learning_from_luck() -> None:
    texts = [str(at) for at in range(60)]
    assert right_when_left_out(drawn(), texts, START, 1e-3).mean() > 0.9
    assert right_when_left_out(drawn(noise=True), texts, START, 1e-3).mean() < 0.5


def test_gathering_keeps_the_right_and_the_last_however_unlikely() -> None:
    inputs = np.linspace(1, 0, 200, dtype=np.float32)[:, None]
    is_right = [at == 150 for at in range(200)]
    found = gather([inputs], [is_right], np.ones(1, np.float32), np.ones(1, np.float32))
    assert found.is_right.sum() == 1
    assert found.inputs.shape[1] < 150
    assert {inputs[150, 0], inputs[199, 0]} <= set(found.inputs.ravel())
