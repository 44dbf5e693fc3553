"""The house understands people it has not heard before at least this well."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge import load_knowledge
from tests.nlu.asking import Interviewer, Outcome, ask_all, house_to_measure
from tests.nlu.cases import CLARIFY, LABELS, ROOT, Case, load_sets
from tests.nlu.report import line_of
from tests.nlu.scoring import Share, counted, verdict

THRESHOLDS = yaml.safe_load((Path(__file__).parent / "thresholds.yml").read_text("utf-8"))
FLOORS = THRESHOLDS["floors"]
VISITORS = 2  # At once: `make test` wants to be done, and no time is measured here.


def sample(cases: list[Case], step: int) -> list[Case]:
    """Return every `step`-th message of each family, the same at every run."""
    families: dict[str, list[Case]] = {}
    for case in cases:
        families.setdefault(case.family, []).append(case)
    return [case for own in families.values() for case in own[::step]]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    """Messages of the newest set, asked once, by family."""
    newest = load_sets()[0]
    found: dict[str, list[Outcome]] = {}
    with house_to_measure() as house:
        cases = sample(list(newest.cases), THRESHOLDS["every"])
        for outcome in ask_all(Interviewer(house.url), cases, VISITORS):
            found.setdefault(outcome.case.family, []).append(outcome)
    return found


@pytest.mark.train
@pytest.mark.enable_socket
@pytest.mark.parametrize("family", sorted(FLOORS))
def test_understanding_reaches_its_threshold(family, outcomes):
    """Right often enough and wrong rarely enough, in each family."""
    own = outcomes[family]
    right = Share(sum(map(counted, own)), len(own)).value
    wrong = Share(sum(verdict(outcome) == "wrong" for outcome in own), len(own)).value
    lines = "\n".join(line_of(outcome) for outcome in own if verdict(outcome) != "right")
    assert right >= FLOORS[family]["right"], f"right {right:.3f}\n{lines}"
    assert wrong <= FLOORS[family]["wrong"], f"wrong {wrong:.3f}\n{lines}"


def test_every_label_of_the_held_out_files_exists():
    """A label is an entry of the house or one of the few that are none."""
    known = LABELS | {CLARIFY}
    known |= {f"ask/{name}" for name in load_knowledge(ROOT / "knowledge").entries}
    for held_out in load_sets():
        for case in held_out.cases:
            named = case.labels | ({f"ask/{case.after}"} if case.after else set())
            assert named <= known, case.place


def test_no_set_has_shrunk():
    """A message that is hard, or that training came to hold, is not taken out of its set."""
    counts = {held_out.day: len(held_out.cases) for held_out in load_sets()}
    for day, least in THRESHOLDS["messages"].items():
        assert counts.get(day, 0) >= least, day
    assert set(counts) == set(THRESHOLDS["messages"]), "say in thresholds.yml how many it has"


def test_every_family_of_the_newest_set_has_a_floor():
    """Nothing that is asked goes without a verdict in `make test`."""
    assert set(FLOORS) == {case.family for case in load_sets()[0].cases}
