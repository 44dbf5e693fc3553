"""Measures understanding on held-out training data and prints the curve behind the thresholds.

Run it from the project's root: `python -m bot.measure`. It never reads the test sets.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.label_model import Examples, FitSettings, LabelModel
from bot.components.ranker import Ranker, hold_out
from bot.components.selector import LabelSelector, examples_of
from bot.names import entry_id
from bot.trained import encoders_of, training_data_of
from encoder.arrays import Matrix


@dataclass(frozen=True)
class Judgements:
    """What a model that did not see them says about questions.

    Attributes:
        labels: all labels, sorted.
        chances: shape [n_texts, n_labels].
        right: the right label of each text.
    """

    labels: np.ndarray[Any, Any]
    chances: Matrix
    right: np.ndarray[Any, Any]


def prepared(config_file: Path) -> tuple[TrainingData, dict[str, Any]]:
    """Return the training data with readings and embeddings, and the selector's settings.

    An adapted encoder has learned from these very questions: what is measured on some of them,
    held out from the classifiers alone, is easier than what families ask.
    """
    data, _ = training_data_of(config_file)
    pipeline = yaml.safe_load(config_file.read_text("utf-8"))["pipeline"]
    for encoder in encoders_of(pipeline):
        data = encoder.process_training_data(data)
    named = f"{LabelSelector.__module__}.{LabelSelector.__name__}"
    own: dict[str, Any] = next((item for item in pipeline if item["name"] == named), {})
    return data, {**LabelSelector.get_default_config(), **own}


def cross_validated(examples: Examples, settings: dict[str, Any], folds: int) -> Judgements:
    """Return every question's chances by a model that saw none of its fold."""
    labels = np.unique(examples.labels[~examples.is_passage])
    chances = np.zeros((len(examples.texts), len(labels)), np.float32)
    for test in _folds(examples, folds):
        model, ranker = _fitted(examples.only(~test), settings)
        asked = examples.only(test)
        columns = np.searchsorted(labels, model.labels)
        found = ranker.chances(model.evidence(asked.texts, asked.embeddings))
        chances[np.ix_(np.flatnonzero(test), columns)] = found
        sys.stderr.write(".")
    questions = ~examples.is_passage
    return Judgements(labels, chances[questions], examples.labels[questions])


def unseen_kinds(examples: Examples, settings: dict[str, Any]) -> Judgements:
    """Return chances for foreign questions by models that saw nothing of their whole kind."""
    labels = np.unique(examples.labels[~examples.is_passage])
    found, right = [], []
    for kind in settings["foreign"]:
        test = examples.labels == kind
        model, ranker = _fitted(examples.only(~test), settings)
        asked = examples.only(test)
        chances = np.zeros((len(asked.texts), len(labels)), np.float32)
        chances[:, np.searchsorted(labels, model.labels)] = ranker.chances(
            model.evidence(asked.texts, asked.embeddings)
        )
        found.append(chances)
        right.append(asked.labels)
        sys.stderr.write(".")
    return Judgements(labels, np.vstack(found), np.concatenate(right))


def _fitted(examples: Examples, settings: dict[str, Any]) -> tuple[LabelModel, Ranker]:
    fit = FitSettings(
        **{name: settings[name] for name in FitSettings.__dataclass_fields__.keys() - {"seed"}}
    )
    held_out = hold_out(examples, fit, settings["held_out"], frozenset(settings["foreign"]))
    model = LabelModel.fit(examples, fit)
    ranker = Ranker.fit(held_out, model.has_passages().astype(np.int64))
    ranker.sharpness = settings["sharpness"]
    return model, ranker


def _folds(examples: Examples, folds: int) -> Iterator[np.ndarray[Any, np.dtype[np.bool_]]]:
    """Yield a mask of questions for each fold, every label's spread evenly."""
    random = np.random.default_rng(1)
    fold = np.full(len(examples.texts), -1)
    for label in np.unique(examples.labels):
        own = np.flatnonzero((examples.labels == label) & ~examples.is_passage)
        fold[random.permutation(own)] = (np.arange(len(own)) + random.integers(folds)) % folds
    for number in range(folds):
        yield fold == number


def is_entry(labels: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each label whether it is an entry's."""
    return np.array([entry_id(str(label)) is not None for label in labels])


def report(known: Judgements, unseen: Judgements) -> str:
    """Return the figures and the curve as text."""
    lines = []
    entries, asked = is_entry(known.labels), is_entry(known.right)
    best = known.chances.argmax(axis=1)
    confidence = known.chances.max(axis=1)
    right = known.labels[best] == known.right
    lines.append(
        f"right label: entries {right[asked].mean():.3f}, others {right[~asked].mean():.3f}"
    )
    lines.append(f"calibration error of the best label: {calibration_error(confidence, right):.3f}")
    lines.append("threshold  answered: right  wrong | other intents  unseen kinds")
    answers = entries[best]
    unseen_best = np.where(is_entry(unseen.labels), unseen.chances, 0).max(axis=1)
    for threshold in np.arange(0.3, 0.96, 0.05):
        sure = answers & (confidence >= threshold)
        lines.append(
            f"{threshold:9.2f}  {(sure & right)[asked].mean():14.3f}  "
            f"{(sure & ~right)[asked].mean():.3f} | {sure[~asked].mean():13.3f}  "
            f"{(unseen_best >= threshold).mean():12.3f}"
        )
    return "\n".join(lines)


def calibration_error(
    confidence: Matrix, right: np.ndarray[Any, np.dtype[np.bool_]], bins: int = 10
) -> float:
    """Return the expected calibration error over bins of equal width, in [0, 1].

    Source: Guo et al., On Calibration of Modern Neural Networks (2017), equation 3.
    """
    of_bin = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        own = of_bin == number
        if own.any():
            error += own.mean() * abs(float(confidence[own].mean()) - float(right[own].mean()))
    return float(error)


def main() -> int:
    """Print the figures for the configuration in the present folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config.yml"))
    parser.add_argument("--folds", type=int, default=5)
    chosen = parser.parse_args()
    data, settings = prepared(chosen.config.resolve())
    examples = examples_of(data)
    known = cross_validated(examples, settings, chosen.folds)
    unseen = unseen_kinds(examples, settings)
    sys.stdout.write("\n" + report(known, unseen) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
