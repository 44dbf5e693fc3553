"""What a run of the bench may be told: BENCHMARKS, BENCH_FAST, ONLY and ROUNDS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.plain import Stop
from ops.settings import ROOT

SHARED_BENCHMARKS = Path("..", "shared", "benchmarks")
STOCK_ROUNDS = 100  # As `rasa init` has them.


@dataclass(frozen=True)
class BenchSettings:
    """How to measure.

    Attributes:
        benchmarks: folder of the public sets; the house itself never reads it.
        is_fast: cut everything short, to see whether it runs; the figures say nothing then.
        only: part of the names of what to measure; empty for all.
        rounds: of training of Rasa's own bots; with fewer than 100 they are as quick and as large
            as with all, and know too little to be judged.
        reports: folder of the report.
    """

    benchmarks: Path
    is_fast: bool
    only: str
    rounds: int = STOCK_ROUNDS
    reports: Path = ROOT / "reports"

    def pick(self, full: int, fast: int) -> int:
        """Return a number of messages or rounds, the second one in a smoke test."""
        return fast if self.is_fast else full


def read_bench_settings(environ: Mapping[str, str] | None = None) -> BenchSettings:
    """Read the settings from the environment; a relative folder counts from the repository.

    Raises:
        Stop: ROUNDS is no number from 1 to 100.
    """
    environ = os.environ if environ is None else environ
    folder = Path(environ.get("BENCHMARKS") or SHARED_BENCHMARKS)
    is_fast = (environ.get("BENCH_FAST") or "0") not in ("0", "no", "false")
    rounds = (environ.get("ROUNDS") or str(1 if is_fast else STOCK_ROUNDS)).strip()
    if not rounds.isdecimal() or not 1 <= int(rounds) <= STOCK_ROUNDS:
        raise Stop(f"ROUNDS={rounds} is no number of rounds; give one from 1 to {STOCK_ROUNDS}.")
    return BenchSettings(
        benchmarks=(ROOT / folder).resolve(),
        is_fast=is_fast,
        only=(environ.get("ONLY") or "").strip().lower(),
        rounds=int(rounds),
    )
