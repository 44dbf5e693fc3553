"""Measures how well the house understands the held-out messages: `make evaluate`.

A whole house is started, desk and bot, and asked over its public API, so that what is measured
is what families get. HOUSE_URL names one that runs already, with the settings of this process.

Written are reports/understanding.md with its pictures, reports/understanding.json, which keeps
the figures of earlier runs, and the table in README.md.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from ops.plain import Stop, guard
from ops.trial import OpenHouse
from tests.nlu.asking import Interviewer, Outcome, ask_all, house_to_measure, named_house
from tests.nlu.cases import ROOT, load_sets
from tests.nlu.facts import Facts, believed, calibration, categories_found, read_facts
from tests.nlu.history import Figures, Run, figures_of, load_runs, save_runs
from tests.nlu.pictures import confusions, draw_confusions, draw_reliability
from tests.nlu.readme import rewrite
from tests.nlu.report import Findings, render

REPORTS = ROOT / "reports"
ALL, ENTRIES = "all messages", "messages whose best label is an entry"


def main() -> int:
    """Measure every set and write what was found."""
    with house_to_measure() as house:
        interviewer = Interviewer(house.url)
        outcomes = {held_out.day: ask_all(interviewer, held_out.cases) for held_out in load_sets()}
        facts = _facts(house)
        if named_house():
            interviewer.erase()
    REPORTS.mkdir(exist_ok=True)
    history = REPORTS / "understanding.json"
    runs = load_runs(history)
    found = findings(outcomes, facts, runs[-1] if runs else None)
    write_report(found, REPORTS)
    run = run_of(found, facts)
    save_runs(history, [*runs, run])
    newest = found[0]
    rewrite(ROOT / "README.md", newest.day, newest.figures, run.at[:10])
    return 0


def findings(
    outcomes: Mapping[str, Sequence[Outcome]], facts: Mapping[str, Facts], before: Run | None
) -> list[Findings]:
    """Return what is known of each set, in the order given."""
    return [_findings(day, own, facts, before) for day, own in outcomes.items()]


def _findings(
    day: str, outcomes: Sequence[Outcome], facts: Mapping[str, Facts], before: Run | None
) -> Findings:
    pairs = {
        ALL: believed(outcomes, facts),
        ENTRIES: believed(outcomes, facts, entries_alone=True),
    }
    curves = {name: calibration(own) for name, own in pairs.items() if own}
    error = curves[ALL].error if ALL in curves else None
    earlier = before.sets.get(day) if before else None
    return Findings(
        day,
        outcomes,
        figures_of(outcomes, error),
        earlier,
        curves,
        categories_found(outcomes, facts),
    )


def run_of(found: Sequence[Findings], facts: Mapping[str, Facts]) -> Run:
    """Return this run's figures as the next run finds them."""
    models = sorted({each.model_version for each in facts.values()} - {""})
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    figures: dict[str, Figures] = {each.day: each.figures for each in found}
    return Run(at, ", ".join(models) or "unknown", figures)


def write_report(found: Sequence[Findings], folder: Path) -> None:
    """Write the report with a picture or two for each set, and print it."""
    texts = []
    for each in found:
        text = render(each)
        pictures = {}
        confused = confusions(each.outcomes)
        if confused:
            pictures["confused entries"] = f"confusion-{each.day}.png"
            draw_confusions(confused, folder / pictures["confused entries"])
        if each.curves:
            pictures["reliability"] = f"reliability-{each.day}.png"
            draw_reliability(each.curves, folder / pictures["reliability"])
        links = [f"![{name}]({file})" for name, file in pictures.items()]
        texts.append("\n\n".join([text.rstrip(), *links]))
    text = "\n\n".join(texts) + "\n"
    (folder / "understanding.md").write_text(text, "utf-8")
    print(text)


def _facts(house: OpenHouse) -> dict[str, Facts]:
    try:
        return read_facts(house.manage("turn_facts"))
    except Stop as stop:
        print(f"No confidences: {stop}", file=sys.stderr)
        return {}


if __name__ == "__main__":
    sys.exit(guard(main))
