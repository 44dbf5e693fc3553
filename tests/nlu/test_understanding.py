"""The house understands people it has not heard before at least this well."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge import load_knowledge
from tests.nlu.asking import Outcome, ask_all, house_to_measure
from tests.nlu.cases import CLARIFY, LABELS, ROOT, load_sets
from tests.nlu.report import render
from tests.nlu.scoring import Share, counted, verdict

THRESHOLDS = yaml.safe_load((Path(__file__).parent / "thresholds.yml").read_text("utf-8"))
FAMILIES = [(day, family) for day, families in THRESHOLDS.items() for family in families]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    """Every message of the sets that have thresholds, asked once."""
    with house_to_measure() as house:
        return {
            held_out.day: ask_all(house.url, held_out.cases)
            for held_out in load_sets()
            if held_out.day in THRESHOLDS
        }


@pytest.mark.train
@pytest.mark.enable_socket
@pytest.mark.parametrize(("day", "family"), FAMILIES)
def test_understanding_reaches_its_threshold(day, family, outcomes):
    """Right often enough and wrong rarely enough, in each family."""
    own = [outcome for outcome in outcomes[day] if outcome.case.family == family]
    right = Share(sum(map(counted, own)), len(own)).value
    wrong = Share(sum(verdict(outcome) == "wrong" for outcome in own), len(own)).value
    assert right >= THRESHOLDS[day][family]["right"], render(day, own)
    assert wrong <= THRESHOLDS[day][family]["wrong"], render(day, own)


def test_every_label_of_the_held_out_files_exists():
    """A label is an entry of the house or one of the few that are none."""
    known = LABELS | {CLARIFY}
    known |= {f"ask/{name}" for name in load_knowledge(ROOT / "knowledge").entries}
    for held_out in load_sets():
        for case in held_out.cases:
            named = case.labels | ({f"ask/{case.after}"} if case.after else set())
            assert named <= known, case.place
