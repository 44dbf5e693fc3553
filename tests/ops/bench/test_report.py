from ops.bench.report import Measured, read, render, store
from ops.bench.tables import Goal, Table


def run(figure, *, is_fast=False, taken_on="2026-01-01 00:00 UTC"):
    table = Table("Speed", ("ms",), {"turn": {"ms": figure}}, [Goal("turn", "ms", "at most", 10)])
    return Measured(taken_on, "a machine", is_fast, [table])


def stored(folder, name, measured):
    return store(folder, name, measured, read(folder).get(name))


def test_what_is_stored_comes_back(tmp_path):
    parts = stored(tmp_path, "house", run(8.0))

    assert read(tmp_path) == parts


def test_a_goal_that_is_not_met_is_said_first(tmp_path):
    stored(tmp_path, "house", run(8.0))
    stored(tmp_path, "growth", run(12.5))

    text = (tmp_path / "bench.md").read_text()

    assert "1 of 2 goals are not met" in text
    assert text.index("**NOT MET**: Speed: turn, ms: 12.5, goal at most 10") < text.index("- met:")


def test_a_figure_that_is_missing_counts_as_not_measured(tmp_path):
    measured = run(8.0)
    measured.tables[0].rows.clear()

    text = render(stored(tmp_path, "house", measured))

    assert "not measured: Speed: turn, ms: goal at most 10" in text


def test_the_run_before_stands_in_brackets(tmp_path):
    stored(tmp_path, "house", run(8.0))
    stored(tmp_path, "house", run(9.0))

    assert "| turn | 9 (8) |" in (tmp_path / "bench.md").read_text()


def test_one_part_leaves_the_others_alone(tmp_path):
    stored(tmp_path, "house", run(8.0))
    stored(tmp_path, "growth", run(9.0))

    assert list(read(tmp_path)) == ["house", "growth"]


def test_a_smoke_test_never_stands_beside_a_real_run(tmp_path):
    stored(tmp_path, "house", run(8.0))
    stored(tmp_path, "house", run(1.0, is_fast=True))

    assert "| turn | 1 |" in (tmp_path / "bench.md").read_text()
    assert "CUT SHORT" in (tmp_path / "bench.md").read_text()


def test_a_smoke_test_meets_no_goal(tmp_path):
    stored(tmp_path, "house", run(1.0, is_fast=True))

    assert "- not measured: Speed: turn, ms" in (tmp_path / "bench.md").read_text()
