"""The trained bot understands people it has not heard before at least this well."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge import load_knowledge, normalise_question
from tests.nlu.understanding import (
    EXPECTED_KINDS,
    Outcome,
    load_cases,
    measure,
    newest_model,
    report,
    score,
)

ROOT = Path(__file__).resolve().parents[2]
THRESHOLDS = yaml.safe_load((Path(__file__).parent / "thresholds.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Every held-out utterance asked once."""
    return measure(newest_model(), load_cases())


@pytest.mark.train
@pytest.mark.enable_socket
@pytest.mark.parametrize("name", sorted(THRESHOLDS))
def test_understanding_reaches_its_threshold(name: str, outcomes: list[Outcome]) -> None:
    """Right often enough and wrong rarely enough, in each family."""
    found = score(outcomes)[name]
    right = found.share("right") + found.share("clarified") / 2
    assert right >= THRESHOLDS[name]["right"], report(outcomes)
    assert found.share("wrong") <= THRESHOLDS[name]["wrong"], report(outcomes)


def test_every_label_of_the_held_out_files_exists() -> None:
    """A label is an entry of the house or one of the families that are none."""
    entries = load_knowledge(ROOT / "knowledge").entries
    for case in load_cases():
        assert case.label in EXPECTED_KINDS or case.entries <= set(entries), case


def test_no_held_out_utterance_is_trained_on() -> None:
    """An utterance that stands in the training data would make its score a lie."""
    trained = {
        normalise_question(question)
        for entry in load_knowledge(ROOT / "knowledge").entries.values()
        for question in entry.questions
    }
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            examples = block.get("examples", "")
            trained |= {normalise_question(line.lstrip(" -")) for line in examples.splitlines()}
    leaked = [case for case in load_cases() if normalise_question(case.text) in trained]
    assert not leaked
