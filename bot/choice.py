"""Fits the weights of a choice model: which of several does a text mean?

Source: conditional logit, McFadden (1974).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import fmin_l_bfgs_b

from encoder.arrays import Matrix

_FOLDS = 5
_CONSIDERED = 60  # Of those further down a few drawn at random stand for all.
_DRAWN = 40


@dataclass(frozen=True)
class Choices:
    """What speaks for each choice of some texts, and which are right.

    Attributes:
        inputs: shape [n_texts, n_choices, n_weights].
        is_right: 1 where a choice is right, shape [n_texts, n_choices].
        importance: shape [n_texts].
    """

    inputs: Matrix
    is_right: Matrix
    importance: Matrix

    def only(self, chosen: np.ndarray[Any, Any]) -> Choices:
        """Return some of the texts, by mask."""
        return Choices(self.inputs[chosen], self.is_right[chosen], self.importance[chosen])


def gather(
    inputs: Iterable[Matrix], is_right: Sequence[Sequence[bool]], importance: Matrix, start: Matrix
) -> Choices:
    """Return the choices of some texts: of each the likeliest, all that are right, and the last.

    The rest is drawn at random: a choice that no text brought up would be weighed by nothing.

    Args:
        inputs: of each text, shape [n_choices, n_weights]; read one by one.
        is_right: of each text, for each choice.
        importance: shape [n_texts].
        start: weights that say which choices are likely, shape [n_weights].
    """
    found, right = [], []
    draw = np.random.default_rng(5)
    for own, wanted in zip(inputs, is_right, strict=True):
        marks = np.array(wanted, np.float32)
        kept = own @ start.astype(np.float32) + np.where(marks > 0, 1e6, 0)
        kept[-1] = 1e6
        order = np.argsort(-kept, kind="stable")
        best = np.concatenate([order[:_CONSIDERED], draw.permutation(order[_CONSIDERED:])[:_DRAWN]])
        found.append(own[best])
        right.append(marks[best])
    return Choices(np.stack(found), np.stack(right), importance)


def fit(choices: Choices, start: Matrix, penalty: float) -> Matrix:
    """Return the weights under which right choices are most likely, shape [n_weights].

    Args:
        choices: at least one text.
        start: first guess, shape [n_weights].
        penalty: how much the squares of the weights cost.
    """

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        chances = _chances(choices.inputs, weights)
        right = chances * choices.is_right
        share = right.sum(axis=1, keepdims=True) + 1e-9
        slope = (chances - right / share) * choices.importance[:, None] / len(chances)
        flat = choices.inputs.reshape(-1, choices.inputs.shape[-1])
        slopes = (slope.ravel() @ flat).astype(np.float64)
        value = -float((choices.importance * np.log(share[:, 0])).mean())
        return value + penalty * float(weights @ weights), slopes + 2 * penalty * weights

    best, _, _ = fmin_l_bfgs_b(loss, start.astype(np.float64), maxiter=300)
    return np.asarray(best)


def right_when_left_out(
    choices: Choices, texts: list[str], start: Matrix, penalty: float
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each text whether weights fitted without it choose rightly, shape [n_texts]."""
    number = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    fold = np.array([number[text] % _FOLDS for text in texts])
    found = np.zeros(len(texts), dtype=bool)
    for part in range(_FOLDS):
        own = np.flatnonzero(fold == part)
        weights = fit(choices.only(fold != part), start, penalty)
        best = _chances(choices.inputs[own], weights).argmax(axis=1)
        found[own] = choices.is_right[own, best] > 0
    return found


def _chances(inputs: Matrix, weights: Matrix) -> Matrix:
    strengths = inputs @ weights.astype(np.float32)
    raised = np.exp(strengths - strengths.max(axis=1, keepdims=True))
    chances: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return chances
