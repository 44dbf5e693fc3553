"""Keeps what was measured in `reports/bench.json` and shows it in `reports/bench.md`.

Each part is stored when it ends, and its last result before that stays beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.bench.tables import Goal, Table


@dataclass(frozen=True)
class Measured:
    """One run of one part.

    Attributes:
        taken_on: day and minute, UTC.
        machine: what it ran on.
        is_fast: whether it was cut for a smoke test, so that its figures say nothing.
        tables: what it found.
    """

    taken_on: str
    machine: str
    is_fast: bool
    tables: Sequence[Table]

    def as_data(self) -> dict[str, Any]:
        """Return plain values for `from_data`."""
        tables = [table.as_data() for table in self.tables]
        return {**vars(self), "tables": tables}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Measured:
        """Return a stored run."""
        tables = [Table.from_data(table) for table in data["tables"]]
        return cls(data["taken_on"], data["machine"], data["is_fast"], tables)


@dataclass(frozen=True)
class Part:
    """The newest run of a part, and the one before."""

    now: Measured
    before: Measured | None = None


def store(folder: Path, name: str, measured: Measured, known: Part | None) -> dict[str, Part]:
    """Put a run beside the last one of its part, write both files and return all parts.

    A smoke test and a real run never stand beside each other: the last one of the same sort does.

    Args:
        folder: of the report.
        name: of the part.
        measured: the run, or as much of it as is done.
        known: what was stored of the part before this run began.
    """
    parts = read(folder)
    earlier = [run for run in ((known.now, known.before) if known else ()) if run]
    before = next((run for run in earlier if run.is_fast == measured.is_fast), None)
    parts[name] = Part(measured, before)
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        part: {
            "now": runs.now.as_data(),
            "before": runs.before.as_data() if runs.before else None,
        }
        for part, runs in parts.items()
    }
    (folder / "bench.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    (folder / "bench.md").write_text(render(parts), "utf-8")
    return parts


def read(folder: Path) -> dict[str, Part]:
    """Return what is stored, by name of the part; nothing where nothing was measured yet."""
    file = folder / "bench.json"
    if not file.exists():
        return {}
    return {
        name: Part(
            Measured.from_data(runs["now"]),
            Measured.from_data(runs["before"]) if runs["before"] else None,
        )
        for name, runs in json.loads(file.read_text("utf-8")).items()
    }


def render(parts: Mapping[str, Part]) -> str:
    """Return the report: goals that are not met first, then the others, then every table."""
    lines = ["# Bench", "", *_goals(parts)]
    for name, part in parts.items():
        lines += ["", f"# {name}", "", f"Taken {_when(part.now)}."]
        if part.before:
            lines += [f"In brackets: {_when(part.before)}."]
        for table in part.now.tables:
            lines += ["", *_table(table, _same_table(part.before, table))]
    return "\n".join(lines) + "\n"


def _goals(parts: Mapping[str, Part]) -> Iterator[str]:
    missed, met, open_ = [], [], []
    for part in parts.values():
        for table in part.now.tables:
            for goal in table.goals:
                # A smoke test neither meets nor misses anything.
                taken = not part.now.is_fast
                figure = table.figure(goal.row, goal.column) if taken else None
                line = _goal_line(table, goal, figure)
                if figure is None:
                    open_.append(f"- not measured: {line}")
                elif goal.is_met_by(figure):
                    met.append(f"- met: {line}")
                else:
                    missed.append(f"- **NOT MET**: {line}")
    yield f"{len(missed)} of {len(missed) + len(met) + len(open_)} goals are not met."
    yield ""
    yield from [*missed, *open_, *met]


def _goal_line(table: Table, goal: Goal, figure: float | None) -> str:
    found = "" if figure is None else f" {_number(figure)},"
    return f"{table.title}: {goal.row}, {goal.column}:{found} goal {goal.way} {_number(goal.bound)}"


def _table(table: Table, before: Table | None) -> Iterator[str]:
    yield f"## {table.title}"
    yield ""
    yield f"| | {' | '.join(table.columns)} |"
    yield "|---" * (len(table.columns) + 1) + "|"
    for row in table.rows:
        cells = [_cell(table, before, row, column) for column in table.columns]
        yield f"| {row} | {' | '.join(cells)} |"
    if table.notes:
        yield ""
        yield from table.notes


def _cell(table: Table, before: Table | None, row: str, column: str) -> str:
    figure = table.figure(row, column)
    if figure is None:
        return "–"
    earlier = before.figure(row, column) if before else None
    return _number(figure) if earlier is None else f"{_number(figure)} ({_number(earlier)})"


def _same_table(before: Measured | None, table: Table) -> Table | None:
    tables = before.tables if before else ()
    return next((other for other in tables if other.title == table.title), None)


def _when(run: Measured) -> str:
    cut = ", CUT SHORT for a smoke test: these figures say nothing" if run.is_fast else ""
    return f"{run.taken_on} on {run.machine}{cut}"


def _number(figure: float) -> str:
    if figure == int(figure) or abs(figure) >= 100:
        return f"{figure:.0f}"
    return f"{figure:.3f}" if abs(figure) < 1 else f"{figure:.1f}"
