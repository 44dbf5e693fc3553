import sys

import pytest

from ops import run_tests
from ops.run_tests import Verdict, run_step, step_environment, summary
from ops.services import Missing
from ops.steps import Step, all_steps


def make_step(*codes: str, **values) -> Step:
    return Step("a step", [[sys.executable, "-c", code] for code in codes], **values)


def absent() -> dict[str, str]:
    raise Missing("no lamp answers")


def test_a_step_passes_when_every_command_does():
    assert run_step(make_step("", ""), {}).outcome == "passed"


def test_a_step_fails_at_its_first_failing_command(tmp_path):
    later = tmp_path / "later"
    step = make_step("raise SystemExit(5)", f"open({str(later)!r}, 'w')")

    verdict = run_step(step, {})

    assert verdict.outcome == "failed"
    assert verdict.reason.endswith("ended with status 5")
    assert not later.exists()


def test_a_program_that_is_not_there_fails_its_step():
    verdict = run_step(Step("a step", [["/nowhere/rasa", "test"]]), {})

    assert verdict.outcome == "failed"
    assert "/nowhere/rasa is missing" in verdict.reason


def test_a_hanging_command_fails_its_step(monkeypatch):
    monkeypatch.setattr(run_tests, "LONGEST_STEP_SECONDS", 0.1)

    assert run_step(make_step("import time; time.sleep(600)"), {}).outcome == "failed"


@pytest.mark.parametrize(
    ("environment", "outcome"), [({}, "skipped"), ({"REQUIRE_SERVICES": "1"}, "failed")]
)
def test_a_missing_service_is_said_aloud_and_is_a_failure_where_required(
    environment, outcome, monkeypatch, capsys
):
    monkeypatch.setitem(run_tests.FINDERS, "a lamp", absent)

    verdict = run_step(make_step("", needs=("a lamp",)), environment)

    assert verdict.outcome == outcome
    assert "no lamp answers" in capsys.readouterr().out


def test_what_a_finder_found_reaches_the_command(monkeypatch):
    monkeypatch.setitem(run_tests.FINDERS, "a lamp", lambda: {"LAMP": "on"})
    code = "import os; raise SystemExit(os.environ['LAMP'] + os.environ['ROOM'] != 'ondesk')"
    step = make_step(code, needs=("a lamp",), environment={"ROOM": "desk"})

    assert run_step(step, {"ROOM": "none"}).outcome == "passed"


def test_no_step_sees_the_data_of_a_running_house(tmp_path):
    variables = step_environment(
        {
            "DATABASE_URL": "postgresql://real",
            "DATA_DIR": "/srv/house",
            "CI": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        str(tmp_path),
    )

    assert not {"DATABASE_URL", "PYTHONDONTWRITEBYTECODE"} & variables.keys()
    assert variables["DATA_DIR"].startswith(str(tmp_path))
    assert variables["CI"] == "true"


def test_the_sum_closes_the_summary():
    verdicts = [
        Verdict("style", "passed", 1.0),
        Verdict("journeys", "failed", 2.0, "`pytest` ended with status 1"),
        Verdict("widget", "skipped", 0.0, "no Node"),
    ]

    lines = summary(verdicts).splitlines()

    assert len(lines) == 4
    assert "ended with status 1" in lines[1]
    assert lines[-1] == "1 passed, 1 failed, 1 skipped"
    assert summary(verdicts[:2]).endswith("\n1 passed, 1 failed")


def test_every_step_has_a_name_of_its_own_and_journeys_come_last(tmp_path):
    names = [step.name for step in all_steps(tmp_path)]

    assert len(set(names)) == len(names)
    assert names[-1] == "journeys"


def test_every_service_that_a_step_needs_has_a_finder(tmp_path):
    needed = {service for step in all_steps(tmp_path) for service in step.needs}

    assert needed <= set(run_tests.FINDERS)


def test_where_all_that_was_asked_for_is_skipped_nothing_has_passed(monkeypatch):
    monkeypatch.setitem(run_tests.FINDERS, "a lamp", absent)
    steps = [make_step("", needs=("a lamp",))]
    monkeypatch.setattr(run_tests, "all_steps", lambda scratch: steps)
    monkeypatch.setenv("ONLY", "a step")
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)

    assert run_tests.main() == 1
    steps.append(make_step(""))
    assert run_tests.main() == 0
