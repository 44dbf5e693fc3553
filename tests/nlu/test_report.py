"""The report says the worst first, stands beside the run before, and the README says it short."""

from __future__ import annotations

import pytest

from tests.nlu.facts import Facts
from tests.nlu.history import KEPT_RUNS, Run, figures_of, load_runs, save_runs
from tests.nlu.outcomes import make_case, make_outcome, make_reply
from tests.nlu.pictures import confusions
from tests.nlu.readme import BEGIN, END, NAMES, NoMarks, rewrite
from tests.nlu.report import render
from tests.nlu.understanding import findings, run_of, write_report

RIGHT = make_outcome(make_case(text="well asked"), "a", message_id="m1")
WRONG = make_outcome(make_case(text="badly understood"), "x", message_id="m2")
HALF = make_outcome(make_case(text="asked back"), make_reply("clarify", "a", "b"), message_id="m3")
EMERGENCY = make_outcome(make_case("emergency", ("emergency",), text="blue lips"), "fallback")
FACTS = {
    "m1": Facts((("ask/a", 0.9),), "house-1"),
    "m2": Facts((("ask/x", 0.6),), "house-1"),
}
OUTCOMES = {"2026-02-01": [RIGHT, HALF, EMERGENCY, WRONG]}


def only(before: Run | None = None):
    [found] = findings(OUTCOMES, FACTS, before)
    return found


def test_wrong_answers_come_first_and_in_full():
    text = render(only())
    line = "- 'badly understood': wanted ask/a, got ask/x [set.yml:7]"
    assert line in text
    assert text.index("## Wrong answers") < text.index("## Missed emergencies")
    assert text.index("## Missed emergencies") < text.index("## Clarified")
    assert "'well asked'" not in text


def test_targets_stand_with_interval_and_verdict():
    text = render(only())
    assert "| right entry | 3 | 50.0 % | 12.5 to 87.5 | - | at least 93.0 % | **missed** |" in text
    assert "| emergencies found | 1 | 0.0 % | 0.0 to 79.3 | - | at least 100.0 % |" in text
    assert "| false alarms on questions | 3 | 0.0 % |" in text
    assert "| follow-ups |" not in text


def test_a_run_stands_beside_the_one_before():
    better = [make_outcome(WRONG.case, "a"), RIGHT, HALF]
    before = Run("2026-02-01T10:00:00", "house-0", {"2026-02-01": figures_of(better, 0.25)})
    text = render(only(before))
    assert "| right entry | 3 | 50.0 % | 12.5 to 87.5 | 83.3 % |" in text
    assert "it was 0.250 before" in text
    lost = text[text.index("## Right before, no longer") :]
    assert "'badly understood'" in lost
    assert "'asked back'" not in lost


def test_an_entry_that_could_not_be_shown_is_said_loudly():
    outcome = make_outcome(make_case("follow_ups", after="first"), "a")
    [found] = findings({"2026-02-01": [outcome]}, {}, None)
    text = render(found)
    assert "## Follow-ups whose first entry could not be shown (1)" in text
    assert "**first could not be shown before it**" in text


def test_confidences_that_could_not_be_read_are_missed():
    [found] = findings(OUTCOMES, {}, None)
    assert "Confidences could not be read" in render(found)
    assert found.figures.calibration_error is None


def test_what_is_kept_comes_back(tmp_path):
    path = tmp_path / "understanding.json"
    assert load_runs(path) == []
    run = run_of([only()], FACTS)
    assert run.model == "house-1"
    save_runs(path, [run] * (KEPT_RUNS + 2))
    [*_, last] = kept = load_runs(path)
    assert len(kept) == KEPT_RUNS
    [found] = findings(OUTCOMES, FACTS, last)
    assert found.before.share("right entry") == found.figures.share("right entry")
    assert found.before.verdicts == found.figures.verdicts
    assert "no longer" not in render(found)


def test_report_and_pictures_are_written(tmp_path, capsys):
    write_report([only()], tmp_path)
    text = (tmp_path / "understanding.md").read_text()
    for name in ("confusion-2026-02-01.png", "reliability-2026-02-01.png"):
        assert f"({name})" in text
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert text.strip() in capsys.readouterr().out


def test_no_picture_is_named_that_was_not_drawn(tmp_path):
    [found] = findings({"2026-02-01": [RIGHT]}, {}, None)
    write_report([found], tmp_path)
    assert ".png" not in (tmp_path / "understanding.md").read_text()


def test_only_wrong_answers_are_confusions():
    beside = make_outcome(make_case(), "x", "a")
    assert confusions([RIGHT, WRONG, beside, HALF]) == {("ask/a", "ask/x"): 1}


def test_the_readme_gets_its_table_and_keeps_the_rest(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# House\n\n{BEGIN}\nold\n{END}\n\nThe end.\n")
    for _ in range(2):  # A second run replaces what the first one wrote.
        rewrite(readme, "2026-02-01", only().figures, "2026-02-03")
        text = readme.read_text()
        assert text.startswith(f"# House\n\n{BEGIN}\n4 held-out messages, the set 2026-02-01")
        assert text.endswith(f"\n{END}\n\nThe end.\n")
        assert "old" not in text
    assert text.count("| questions with an answer | 3 | 33.3 % (6.1 to 79.2) | 33.3 % |") == 1
    assert "right entry ≥ 93 %, wrong entry ≤ 2 %" in text
    assert "False alarms on questions: 0.0 %" in text


def test_a_readme_without_marks_is_refused(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"{END}\n{BEGIN}\n")
    with pytest.raises(NoMarks):
        rewrite(readme, "2026-02-01", only().figures, "2026-02-03")
    assert readme.read_text() == f"{END}\n{BEGIN}\n"


def test_every_family_has_a_name_in_the_readme():
    from tests.nlu.cases import LABELS

    assert set(NAMES) == LABELS | {"answers", "follow_ups", "several"}
