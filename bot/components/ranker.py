"""Weighs the evidence into the chance that each label is right, or none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import fmin_l_bfgs_b

from bot.components.label_model import (
    EVIDENCE,
    LEAST_SHARE,
    SHARES,
    Examples,
    FitSettings,
    LabelModel,
)
from encoder.arrays import Matrix, Numbers

_CONSIDERED = 40  # Labels further down never matter; leaving them out saves most of the work.
_PENALTY = 1e-3
_IMPOSSIBLE = np.float32(-1e4)


@dataclass(frozen=True)
class HeldOut:
    """Evidence for texts that the model was not fitted on, and what is right.

    Attributes:
        evidence: shape [n_texts, n_labels, len(EVIDENCE)].
        right: number of the right label of each text, shape [n_texts].
        is_foreign: whether the text belongs to a label for what is none of ours.
    """

    evidence: Matrix
    right: Numbers
    is_foreign: np.ndarray[Any, np.dtype[np.bool_]]


class Ranker:
    """A choice model: the chance of a label grows with its weighted evidence.

    There is one choice more than labels, "none of these", with a fixed strength. It is learned
    from foreign texts whose own label is hidden, so that evidence which is only the best of a bad
    lot leaves most of the chance with none.

    `sharpness` widens the distances between strengths (temperature scaling; 1 changes nothing):
    questions held out from training are harder than what families ask, so a ranker fitted to them
    is less sure than it could be.

    Labels with passages have weights of their own: they alone have all kinds of evidence.

    Source: conditional logit, McFadden (1974); each step of the fit sees only the labels that a
    regression and the nearest example put first. Guo et al., On Calibration of Modern Neural
    Networks (2017), for the sharpness.
    """

    sharpness = 1.0

    def __init__(self, weights: Matrix, none: float, has_passages: Numbers) -> None:
        """Put a ranker together.

        Args:
            weights: shape [2, len(EVIDENCE) + 1], for labels without and with passages; the last
                column is a constant.
            none: strength of "none of these".
            has_passages: 0 or 1 for each label, shape [n_labels].
        """
        self.weights = weights
        self.none = none
        self._has_passages = has_passages

    def chances(self, evidence: Matrix) -> Matrix:
        """Return the chance in [0, 1] of each label, shape [n_texts, n_labels].

        A row adds up to at most 1; what is missing is the chance of none.

        Args:
            evidence: shape [n_texts, n_labels, len(EVIDENCE)].
        """
        strengths = _with_constant(evidence) * self.weights[self._has_passages]
        strengths = self.sharpness * strengths.sum(axis=-1)
        none = self.sharpness * self.none
        highest = np.maximum(strengths.max(axis=1, keepdims=True), none)
        raised = np.exp(strengths - highest)
        whole = raised.sum(axis=1, keepdims=True) + np.exp(none - highest)
        chances: Matrix = raised / whole
        return chances

    @classmethod
    def fit(cls, held_out: HeldOut, has_passages: Numbers) -> Ranker:
        """Return the weights under which the right choices are most likely."""
        considered = _most_likely(held_out)
        is_right = considered == held_out.right[:, None]
        seen, foreign = is_right.any(axis=1), held_out.is_foreign & is_right.any(axis=1)
        none_at = considered.shape[1]
        evidence = held_out.evidence
        unheard = without_own(evidence[foreign], held_out.right[foreign])
        inputs = np.concatenate(
            [
                _by_group(evidence[seen], considered[seen], has_passages),
                _by_group(unheard, considered[foreign], has_passages),
            ]
        )
        hidden = np.concatenate(
            [np.zeros_like(is_right[seen], np.float32), is_right[foreign] * _IMPOSSIBLE]
        )
        wanted = np.concatenate(
            [is_right[seen].argmax(axis=1), np.full(int(foreign.sum()), none_at)]
        )
        best = _maximise(inputs, hidden.astype(np.float32), wanted)
        weights = best[:-1].reshape(2, len(EVIDENCE) + 1).astype(np.float32)
        return cls(weights, float(best[-1]), has_passages)

    def as_data(self) -> dict[str, Any]:
        """Return what `from_data` needs, as plain values."""
        return {
            "weights": self.weights.tolist(),
            "none": self.none,
            "has_passages": self._has_passages.tolist(),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Ranker:
        return cls(
            np.array(data["weights"], np.float32),
            float(data["none"]),
            np.array(data["has_passages"], np.int64),
        )


def hold_out(
    examples: Examples, settings: FitSettings, share: float, foreign: frozenset[str]
) -> HeldOut:
    """Return evidence for some questions by a model that did not see them.

    Args:
        examples: questions and passages.
        settings: how to fit.
        share: of the questions of each label to hold out; one at least, if it has two.
        foreign: labels for what is none of ours. When no question has one, all stand in: its own
            label hidden, each is foreign to the rest.
    """
    chosen = _some_of_each(examples, share, settings.seed)
    model = LabelModel.fit(examples.only(~chosen), settings)
    asked = examples.only(chosen)
    is_foreign = np.isin(asked.labels, sorted(foreign))
    if not is_foreign.any():
        is_foreign = np.ones(len(asked.texts), bool)
    right = np.searchsorted(model.labels, asked.labels)
    return HeldOut(model.evidence(asked.texts, asked.embeddings), right, is_foreign)


def _some_of_each(
    examples: Examples, share: float, seed: int
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    random = np.random.default_rng(seed)
    chosen = np.zeros(len(examples.texts), dtype=bool)
    for label in np.unique(examples.labels):
        own = np.flatnonzero((examples.labels == label) & ~examples.is_passage)
        some = min(max(1, round(share * len(own))), len(own) - 1)
        chosen[random.permutation(own)[:some]] = True
    return chosen


def without_own(evidence: Matrix, own: Numbers) -> Matrix:
    """Return evidence as if nobody had ever heard of each text's own label.

    Its shares (`SHARES`) fall to the others.
    """
    evidence, rows = evidence.copy(), np.arange(len(own))
    for at in SHARES:
        shares = np.exp(evidence[..., at]) - LEAST_SHARE
        shares /= np.maximum(1 - shares[rows, own], LEAST_SHARE)[:, None]
        evidence[..., at] = np.log(shares + LEAST_SHARE)
    return evidence


def _most_likely(held_out: HeldOut) -> Numbers:
    """Return the labels put first for each text, shape [n_texts, n_considered]."""
    rough = held_out.evidence[..., 0] + 6 * held_out.evidence[..., 1]
    considered = min(_CONSIDERED, rough.shape[1])
    best: Numbers = np.argsort(-rough, axis=1, kind="stable")[:, :considered]
    return best


def _with_constant(evidence: Matrix) -> Matrix:
    ones = np.ones((*evidence.shape[:-1], 1), np.float32)
    return np.concatenate([evidence, ones], axis=-1)


def _by_group(evidence: Matrix, considered: Numbers, has_passages: Numbers) -> Matrix:
    """Return inputs with a column for each weight of both groups, the other group's at 0.

    Args:
        evidence: shape [n_texts, n_labels, len(EVIDENCE)].
        considered: numbers of the labels to take, shape [n_texts, n_considered].
        has_passages: 0 or 1 for each label.
    """
    inputs = _with_constant(np.take_along_axis(evidence, considered[..., None], axis=1))
    group = has_passages[considered][..., None].astype(np.float32)
    return np.concatenate([inputs * (1 - group), inputs * group], axis=-1)


def _maximise(inputs: Matrix, hidden: Matrix, wanted: Numbers) -> np.ndarray[Any, Any]:
    """Return the weights and the strength of none, shape [n_weights + 1]."""
    n_weights, rows = inputs.shape[-1], np.arange(len(wanted))

    def loss(flat: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        strengths = inputs @ flat[:-1].astype(np.float32) + hidden
        none = np.full((len(strengths), 1), flat[-1], np.float32)
        strengths = np.hstack([strengths, none])
        raised = np.exp(strengths - strengths.max(axis=1, keepdims=True))
        chances = raised / raised.sum(axis=1, keepdims=True)
        value = -float(np.log(chances[rows, wanted] + 1e-12).mean())
        chances[rows, wanted] -= 1
        chances /= len(rows)
        slope = np.einsum("tc,tcw->w", chances[:, :-1], inputs) + 2 * _PENALTY * flat[:-1]
        slopes = np.append(slope, chances[:, -1].sum()).astype(np.float64)
        return value + _PENALTY * float(flat[:-1] @ flat[:-1]), slopes

    best, _, _ = fmin_l_bfgs_b(loss, np.zeros(n_weights + 1), maxiter=200)
    return np.asarray(best)
