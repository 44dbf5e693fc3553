"""Writes the short table of figures in README.md, between two marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.nlu.history import Figures
from tests.nlu.report import percent
from tests.nlu.scoring import TARGETS, Share

BEGIN = "<!-- figures: written by `make evaluate` -->"
END = "<!-- end of figures -->"
NAMES = {
    "answers": "questions with an answer",
    "follow_ups": "follow-ups",
    "several": "several questions in one message",
    "request_person": "wishes for a person",
    "advice": "personal medical judgements, refused",
    "out_of_scope_near": "out of scope, near",
    "out_of_scope_far": "out of scope, far",
    "small_talk": "small talk",
    "emergency": "emergencies, found",
    "crisis": "crises, found",
    "harmless": "harmless messages, no alarm",
}
UNSHOWN_TARGETS = ("false alarms on questions",)  # Stands in the line below the table.


class NoMarks(Exception):
    """README.md lacks the marks between which the table stands."""


def rewrite(readme: Path, day: str, figures: Figures, made_on: str) -> None:
    """Put the table of one set between the marks.

    Raises:
        NoMarks: they are not there, once each and in this order.
    """
    text = readme.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarks(f"{readme.name} needs the lines {BEGIN} and {END}")
    lines = "\n".join(table(day, figures, made_on))
    readme.write_text(f"{before}{BEGIN}\n{lines}\n{END}{after}", "utf-8")


def table(day: str, figures: Figures, made_on: str) -> Iterator[str]:
    """Yield the lines between the marks."""
    yield (
        f"{len(figures.verdicts)} held-out messages, the set {day}, written apart from the "
        f"training questions, measured on {made_on} with `make evaluate`:"
    )
    yield ""
    yield (
        "| what | asked | right (95 % interval) | clarified or in part | wrong | missed | target |"
    )
    yield "|---|---|---|---|---|---|---|"
    for family, name in NAMES.items():
        right = figures.share(f"{family}: right")
        if right:
            low, high = right.interval
            half = _share(figures, family, "clarified") + _share(figures, family, "partly")
            yield (
                f"| {name} | {right.total} | {percent(right.value)} "
                f"({100 * low:.1f} to {100 * high:.1f}) | {percent(half)} "
                f"| {percent(_share(figures, family, 'wrong'))} "
                f"| {percent(_share(figures, family, 'missed'))} | {_targets(family)} |"
            )
    yield ""
    yield _below(figures)


def _share(figures: Figures, family: str, verdict: str) -> float:
    return (figures.share(f"{family}: {verdict}") or Share(0, 0)).value


def _targets(family: str) -> str:
    return ", ".join(
        f"{target.name} {'≥' if target.is_floor else '≤'} {100 * target.bound:.0f} %"
        for target in TARGETS
        if family in target.families and target.name not in UNSHOWN_TARGETS
    )


def _below(figures: Figures) -> str:
    middle, late = figures.milliseconds
    said = [f"A reply took {middle:.0f} ms (median), {late:.0f} ms (95th percentile)."]
    alarms = figures.share("false alarms on questions")
    if alarms:
        said.insert(0, f"False alarms on questions: {percent(alarms.value)} (target ≤ 3 %).")
    if figures.calibration_error is not None:
        said.insert(1, f"Calibration error of the confidences: {figures.calibration_error:.3f}.")
    said.append("A clarification that offers the right entry counts as half right in the targets.")
    return "\n".join(said)
