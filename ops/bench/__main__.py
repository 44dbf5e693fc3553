"""Runs the parts of the bench and writes the report after each: `make bench`.

`make bench ONLY=growth` runs the parts whose name has that word; BENCH_FAST=1 cuts everything
short, to see whether it runs.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone

from ops.bench import competitors, desk, growth, house, public, report
from ops.bench.report import Measured
from ops.bench.settings import BenchSettings, read_bench_settings
from ops.bench.tables import Table
from ops.plain import Stop, guard

PARTS: dict[str, Callable[[BenchSettings], Iterable[Table]]] = {
    "house": house.measure,
    "screens": desk.screens,
    "streams": desk.streams,
    "claims": desk.claims,
    "growth": growth.measure,
    "public sets": public.measure,
    "competitors": competitors.measure,
}


def main() -> int:
    """Measure what was asked for; one part that cannot run does not stop the others."""
    settings = read_bench_settings()
    chosen = {name: part for name, part in PARTS.items() if settings.only in name}
    if not chosen:
        raise Stop(f"ONLY={settings.only} names no part of the bench: {', '.join(PARTS)}.")
    failures = 0
    for name, part in chosen.items():
        print(f"bench: {name}", flush=True)
        started = time.monotonic()
        try:
            _measure(name, part, settings)
        except Stop as stop:
            print(f"bench: {name} was not finished. {stop}", file=sys.stderr, flush=True)
            failures += 1
        print(f"bench: {name} took {time.monotonic() - started:.0f} s", flush=True)
    print(report.render(report.read(settings.reports)))
    print(f"The report stands in {settings.reports / 'bench.md'}.")
    return 1 if failures else 0


def _measure(
    name: str, part: Callable[[BenchSettings], Iterable[Table]], settings: BenchSettings
) -> None:
    """Run a part; what it found before it was cut short is kept."""
    tables: dict[str, Table] = {}
    before = report.read(settings.reports).get(name)
    for table in part(settings):
        tables[table.title] = table  # A table that grows comes again under its title.
        taken_on = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        measured = Measured(taken_on, _machine(), settings.is_fast, list(tables.values()))
        report.store(settings.reports, name, measured, before)


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(guard(main))
