"""What a run of the bench may be told: BENCHMARKS, BENCH_FAST and ONLY."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.settings import ROOT

SHARED_BENCHMARKS = Path("..", "shared", "benchmarks")


@dataclass(frozen=True)
class BenchSettings:
    """How to measure.

    Attributes:
        benchmarks: folder of the public sets; the house itself never reads it.
        is_fast: cut everything short, to see whether it runs; the figures say nothing then.
        only: part of the names of what to measure; empty for all.
        reports: folder of the report.
    """

    benchmarks: Path
    is_fast: bool
    only: str
    reports: Path = ROOT / "reports"

    def pick(self, full: int, fast: int) -> int:
        """Return a number of messages or rounds, the second one in a smoke test."""
        return fast if self.is_fast else full


def read_bench_settings(environ: Mapping[str, str] | None = None) -> BenchSettings:
    """Read the settings from the environment; a relative folder counts from the repository."""
    environ = os.environ if environ is None else environ
    folder = Path(environ.get("BENCHMARKS") or SHARED_BENCHMARKS)
    return BenchSettings(
        benchmarks=(ROOT / folder).resolve(),
        is_fast=(environ.get("BENCH_FAST") or "0") not in ("0", "no", "false"),
        only=(environ.get("ONLY") or "").strip().lower(),
    )
