"""What a part of the bench found: tables of figures, and the goals they are held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Goal:
    """What one figure has to be.

    Attributes:
        row: of the table.
        column: of the table.
        way: whether the bound is the least or the most.
        bound: in the column's unit.
    """

    row: str
    column: str
    way: Literal["at least", "at most"]
    bound: float

    def is_met_by(self, figure: float) -> bool:
        """Say whether a figure is good enough."""
        return figure >= self.bound if self.way == "at least" else figure <= self.bound


@dataclass
class Table:
    """Figures in rows and columns; a figure that was not taken is missing.

    Attributes:
        title: what was measured.
        columns: in their order, each with its unit in its name.
        rows: name of the row to figures by column.
        goals: for single figures of it.
        notes: what has to be known to read it, one sentence each.
    """

    title: str
    columns: tuple[str, ...]
    rows: dict[str, dict[str, float]] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def figure(self, row: str, column: str) -> float | None:
        """Return a figure, or None when it was not taken."""
        return self.rows.get(row, {}).get(column)

    def as_data(self) -> dict[str, Any]:
        """Return plain values for `from_data`."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Table:
        """Return a stored table."""
        goals = [Goal(**goal) for goal in data["goals"]]
        rest = {name: data[name] for name in ("title", "rows", "notes")}
        return cls(columns=tuple(data["columns"]), goals=goals, **rest)
