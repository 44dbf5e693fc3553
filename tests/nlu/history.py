"""Keeps the figures of earlier runs, so that a run can stand beside the one before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.nlu.asking import Outcome
from tests.nlu.scoring import TARGETS, VERDICTS, Share, by_verdict, percentiles, verdict

KEPT_RUNS = 30


@dataclass(frozen=True)
class Figures:
    """What a run found out about one set.

    Attributes:
        shares: name to count and total; see `figures_of`.
        verdicts: place and text of each message to what it got.
        milliseconds: within which half, and 95 of 100, messages were replied to.
        calibration_error: in [0, 1]; None where confidences were not to be had.
    """

    shares: dict[str, tuple[float, int]]
    verdicts: dict[str, str]
    milliseconds: tuple[float, float]
    calibration_error: float | None = None

    def share(self, name: str) -> Share | None:
        """Return a figure by its name, None where this run has none."""
        return Share(*self.shares[name]) if name in self.shares else None


@dataclass(frozen=True)
class Run:
    """All figures of one run."""

    at: str
    model: str
    sets: dict[str, Figures] = field(default_factory=dict)


def figures_of(outcomes: Sequence[Outcome], calibration_error: float | None = None) -> Figures:
    """Return the figures of one set: each target by its name, `family: verdict` for the rest."""
    shares = {}
    for target in TARGETS:
        share = target.share(outcomes)
        if share.total:
            shares[target.name] = (share.count, share.total)
    for family, counts in by_verdict(outcomes).items():
        total = sum(counts.values())
        shares |= {f"{family}: {name}": (counts[name], total) for name in VERDICTS}
    middle, late = percentiles(outcomes, 0.5, 0.95)
    verdicts = {key_of(outcome): verdict(outcome) for outcome in outcomes}
    return Figures(shares, verdicts, (middle, late), calibration_error)


def key_of(outcome: Outcome) -> str:
    """Name a message so that it is known again when lines move."""
    return f"{outcome.case.family}: {outcome.case.after}: {outcome.case.text}"


def load_runs(path: Path) -> list[Run]:
    """Read earlier runs, oldest first; none where there is no file."""
    if not path.exists():
        return []
    return [
        Run(run["at"], run["model"], {day: Figures(**own) for day, own in run["sets"].items()})
        for run in json.loads(path.read_text("utf-8"))
    ]


def save_runs(path: Path, runs: Sequence[Run]) -> None:
    """Write the latest runs."""
    kept = [asdict(run) for run in runs[-KEPT_RUNS:]]
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
