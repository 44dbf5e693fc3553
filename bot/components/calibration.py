"""Turns a selector's scores into the chance that a label is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.components.label_model import Features, FitSettings, LabelModel
from bot.components.regression import Matrix, Numbers

_NEAR_ONE = 1 - 1e-6


@dataclass(frozen=True)
class Calibration:
    """A logistic curve over a label's score and its lead over the best other label.

    A score of 0.7 with the next label at 0.3 deserves more trust than with the next at 0.68;
    the lead says so. Both weights are at least 0, so better scores never mean less confidence
    and a ranking by score is a ranking by confidence.
    """

    bias: float
    score_weight: float
    lead_weight: float

    def confidences(self, scores: Matrix) -> Matrix:
        """Return the chance in [0, 1] that each label is right, shape as `scores`.

        Args:
            scores: shape [n_texts, n_labels], at least two labels.
        """
        logits = self.bias + self.score_weight * scores + self.lead_weight * _leads(scores)
        chances: Matrix = 1 / (1 + np.exp(-logits))
        return np.clip(chances, 1 - _NEAR_ONE, _NEAR_ONE)

    @classmethod
    def fit(cls, scores: Matrix, right: Numbers) -> Calibration:
        """Return the curve that fits held-out scores.

        Args:
            scores: of texts the model was not fitted on, shape [n_texts, n_labels].
            right: number of the right label of each text, shape [n_texts].
        """
        best = np.argsort(-scores, axis=1)[:, :3]  # Lower ranks are never shown or acted on.
        rows = np.arange(len(scores))[:, None]
        inputs = np.stack([scores[rows, best], _leads(scores)[rows, best]], axis=-1)
        targets = (best == right[:, None]).ravel()
        if targets.all() or not targets.any():
            return cls(bias=-3.0, score_weight=8.0, lead_weight=1.0)
        fitted = LogisticRegression(C=100.0).fit(inputs.reshape(-1, 2), targets)
        score_weight, lead_weight = np.maximum(fitted.coef_[0], 0.0)
        return cls(float(fitted.intercept_[0]), float(score_weight), float(lead_weight))


def held_out_scores(
    texts: list[str], embeddings: Features, labels: list[str], settings: FitSettings, share: float
) -> tuple[Matrix, Numbers]:
    """Return the scores of some examples by a model that did not see them.

    Args:
        texts: normalised.
        embeddings: for each encoder, unit rows, shape [n_examples, n_dims].
        labels: the label of each example; one with a single example is never held out.
        settings: how to fit.
        share: of the examples of each label to hold out.

    Returns:
        Scores of shape [n_held_out, n_labels], and the number of the right label of each.
    """
    held_out = _hold_out(labels, share, settings.seed)
    seen = np.setdiff1d(np.arange(len(labels)), held_out)
    model = LabelModel.fit(
        [texts[at] for at in seen],
        {name: rows[seen] for name, rows in embeddings.items()},
        [labels[at] for at in seen],
        settings,
    )
    scores = model.scores(
        [texts[at] for at in held_out],
        {name: rows[held_out] for name, rows in embeddings.items()},
    )
    right = np.searchsorted(model.labels, [labels[at] for at in held_out])
    return scores, right


def _hold_out(labels: list[str], share: float, seed: int) -> Numbers:
    """Return the numbers of the examples to hold out, at least one of each label with two."""
    random = np.random.default_rng(seed)
    named = np.array(labels)
    chosen = []
    for label in np.unique(named):
        own = random.permutation(np.flatnonzero(named == label))
        chosen.append(own[: min(max(1, round(share * len(own))), len(own) - 1)])
    return np.sort(np.concatenate(chosen))


def _leads(scores: Matrix) -> Matrix:
    """Return each score less the best score of another label."""
    top_two = np.partition(scores, -2, axis=1)[:, -2:]
    best, second = top_two[:, 1:], top_two[:, :1]
    is_best = scores >= best
    leads: Matrix = scores - np.where(is_best, second, best)
    return leads
