"""Runs every check of the house and sums up: `make test`, or one room with `ONLY=desk`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.environment import NO_BYTECODE, QUIET_RASA
from ops.plain import Stop, guard
from ops.services import FINDERS, Missing
from ops.settings import HOUSE_SETTINGS
from ops.steps import Step, all_steps

LONGEST_STEP_SECONDS = 30 * 60  # The slowest takes a few minutes; a hanging one must end by itself.


@dataclass(frozen=True)
class Verdict:
    """How one step ended: "passed", "failed" or "skipped", and why where that is not plain."""

    step: str
    outcome: str
    seconds: float
    reason: str = ""

    def __str__(self) -> str:
        """One line of the summary."""
        text = f"{self.outcome:<8} {self.step:<36} {self.seconds:6.1f} s"
        return f"{text}  {self.reason}" if self.reason else text


def main() -> int:
    """Run the steps that ONLY names, or all, and show one line for each and the sum."""
    only = os.environ.get("ONLY", "").casefold()
    with tempfile.TemporaryDirectory(prefix="house-tests-") as scratch:
        steps = [step for step in all_steps(Path(scratch)) if only in step.name.casefold()]
        if not steps:
            names = "; ".join(step.name for step in all_steps(Path(scratch)))
            raise Stop(f"ONLY={only} names no step. There are: {names}.")
        environment = step_environment(os.environ, scratch)
        verdicts = [run_step(step, environment) for step in steps]
    print("\n" + summary(verdicts), flush=True)
    outcomes = {verdict.outcome for verdict in verdicts}
    # A skip among others is said; where nothing else was asked for, it is no success.
    return 1 if "failed" in outcomes or outcomes == {"skipped"} else 0


def step_environment(environ: Mapping[str, str], scratch: str) -> dict[str, str]:
    """Return what every step gets: the caller's variables, without a running house's settings.

    A test that saw them could write into that house's data.
    Nor is Python kept from keeping compiled modules (`NO_BYTECODE`).
    """
    left_out = {*HOUSE_SETTINGS, NO_BYTECODE}
    kept = {name: value for name, value in environ.items() if name not in left_out}
    return kept | QUIET_RASA | {"DATA_DIR": str(Path(scratch) / "var")}


def run_step(step: Step, environment: Mapping[str, str]) -> Verdict:
    """Run one step, its output going to the terminal as it comes.

    Args:
        step: what to run.
        environment: variables that every step gets; REQUIRE_SERVICES=1 makes a missing service
            a failure instead of a skip.

    Returns:
        How it ended. A failing command ends the step.
    """
    started = time.monotonic()
    print(f"\n== {step.name}", flush=True)
    found: dict[str, str] = {}
    for service in step.needs:
        try:
            found |= FINDERS[service]()
        except Missing as missing:
            is_required = environment.get("REQUIRE_SERVICES") == "1"
            outcome = "failed" if is_required else "skipped"
            verdict = Verdict(step.name, outcome, time.monotonic() - started, str(missing))
            print(verdict, flush=True)
            return verdict
    variables = {**environment, **found, **step.environment}
    for command in step.commands:
        reason = _run(command, step.folder, variables)
        if reason:
            return Verdict(step.name, "failed", time.monotonic() - started, reason)
    return Verdict(step.name, "passed", time.monotonic() - started)


def summary(verdicts: list[Verdict]) -> str:
    """Return one line per step and, last, how many passed, failed and were skipped."""
    count = {
        outcome: sum(verdict.outcome == outcome for verdict in verdicts)
        for outcome in ("passed", "failed", "skipped")
    }
    total = f"{count['passed']} passed, {count['failed']} failed"
    if count["skipped"]:
        total += f", {count['skipped']} skipped"
    return "\n".join([*map(str, verdicts), total])


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    name = " ".join([Path(command[0]).name, *command[1:3]])
    try:
        result = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=LONGEST_STEP_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"`{name}` was ended after {LONGEST_STEP_SECONDS // 60} minutes"
    except FileNotFoundError as error:
        return f"`{name}`: {error.filename} is missing"
    return f"`{name}` ended with status {result.returncode}" if result.returncode else ""


if __name__ == "__main__":
    sys.exit(guard(main))
