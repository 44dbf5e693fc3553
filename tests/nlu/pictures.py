"""Draws what a table says badly: which entries are taken for each other, and confidences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tests.nlu.asking import Outcome
from tests.nlu.cases import ASK
from tests.nlu.facts import Calibration
from tests.nlu.scoring import answers, verdict

_INCHES_PER_ENTRY = 0.28
_DOTS = 120
_DARKEST = 6  # So many are dark red; a single one stays light enough to read.


def confusions(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """Count which entry was answered where which was wanted, wrong answers alone."""
    return Counter(
        (outcome.case.label, answered)
        for outcome in outcomes
        if verdict(outcome) == "wrong" and outcome.case.label.startswith(ASK)
        for answered in answers(outcome)
    )


def draw_confusions(counts: Mapping[tuple[str, str], int], path: Path) -> None:
    """Draw wanted entries against answered ones, those alone that were confused."""
    wanted = sorted({pair[0] for pair in counts})
    given = sorted({pair[1] for pair in counts})
    table = np.zeros((len(wanted), len(given)))
    for (row, column), count in counts.items():
        table[wanted.index(row), given.index(column)] = count
    size = (3 + _INCHES_PER_ENTRY * len(given), 3 + _INCHES_PER_ENTRY * len(wanted))
    figure = Figure(figsize=size, constrained_layout=True)
    axes = figure.add_subplot()
    axes.imshow(table, cmap="Reds", vmin=0, vmax=_DARKEST)
    axes.set_yticks(range(len(wanted)), [label.removeprefix(ASK) for label in wanted], fontsize=7)
    names = [label.removeprefix(ASK) for label in given]
    axes.set_xticks(range(len(given)), names, rotation=90, fontsize=7)
    axes.set_ylabel("wanted")
    axes.set_xlabel("answered")
    for (right, answered), count in counts.items():
        spot = (given.index(answered), wanted.index(right))
        axes.text(*spot, str(count), ha="center", va="center", fontsize=7)
    figure.savefig(path, dpi=_DOTS)


def draw_reliability(curves: Mapping[str, Calibration], path: Path) -> None:
    """Draw how often the best label is right against how sure the bot was of it."""
    figure = Figure(figsize=(6, 6), constrained_layout=True)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="as sure as right")
    for name, found in curves.items():
        sure = [each.confidence for each in found.bins]
        right = [each.right.value for each in found.bins]
        ends = np.array([each.right.interval for each in found.bins]).reshape(-1, 2).T
        gaps = np.abs(ends - np.array(right))
        label = f"{name}, calibration error {found.error:.3f}"
        axes.errorbar(sure, right, yerr=gaps, marker="o", capsize=3, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence of the best label")
    axes.set_ylabel("share that was right, with 95 % interval")
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=_DOTS)
