"""Measure what the trained bot makes of the held-out utterances in this folder.

The bot is started as the house starts it and asked over its own channel, so that
what is measured is what families get: decision, clarifying and splitting included.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
START_SECONDS = 120  # a cold disk cache and a busy machine; warm it is about 6
TURN_SECONDS = 20

# What a good reply is, for each label of the held-out files that is no entry.
EXPECTED_KINDS = {
    "request_person": {"handoff"},
    "advice": {"refusal"},
    "out_of_scope_near": {"fallback"},
    "out_of_scope_far": {"fallback"},
    "small_talk": {"smalltalk"},
}


@dataclass(frozen=True)
class Case:
    """One held-out utterance with the label it should get."""

    label: str
    text: str
    also: frozenset[str] = frozenset()

    @property
    def entries(self) -> frozenset[str]:
        """Ids of the entries that answer the utterance; empty when none should."""
        if not self.label.startswith("ask/"):
            return frozenset()
        return self.also | {self.label.removeprefix("ask/")}


@dataclass
class Outcome:
    """What the bot did with one case, and the milliseconds the turn took."""

    case: Case
    kinds: list[str]
    entries: list[str]
    choices: list[str]
    milliseconds: float

    @property
    def verdict(self) -> str:
        """One of right, clarified, wrong, missed; see `score`."""
        if self.case.entries:
            if set(self.entries) & self.case.entries:
                return "right"
            if self.entries:
                return "wrong"
            offered = {choice.removeprefix("ask/") for choice in self.choices}
            return "clarified" if offered & self.case.entries else "missed"
        if self.entries:
            return "wrong"
        expected = EXPECTED_KINDS[self.case.label]
        return "right" if expected & set(self.kinds) else "missed"


@dataclass
class Score:
    """Counts of verdicts for one label family."""

    total: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)

    def add(self, verdict: str) -> None:
        """Count one more outcome."""
        self.total += 1
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1

    def share(self, *verdicts: str) -> float:
        """Share of outcomes in [0, 1] that have one of the verdicts."""
        return sum(self.verdicts.get(name, 0) for name in verdicts) / max(self.total, 1)


def load_cases(folder: Path = HERE) -> list[Case]:
    """Read every `test_*.yml` of the folder, in Rasa's NLU format.

    `metadata: {also: [...]}` beside an intent names further entries that answer as well.
    """
    cases = []
    for path in sorted(folder.glob("test_*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            also = frozenset(block.get("metadata", {}).get("also", []))
            for line in block["examples"].splitlines():
                text = re.sub(r"^\s*-\s?", "", line).strip()
                if text:
                    cases.append(Case(block["intent"], text, also))
    return cases


def family(case: Case) -> str:
    """Name of the group a case is scored in: `answers`, or its own label."""
    return "answers" if case.entries else case.label


def score(outcomes: list[Outcome]) -> dict[str, Score]:
    """Count verdicts by family; `right` and `wrong` are what thresholds look at."""
    scores: dict[str, Score] = {}
    for outcome in outcomes:
        scores.setdefault(family(outcome.case), Score()).add(outcome.verdict)
    return scores


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _fetch(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TURN_SECONDS) as answer:
        return dict(json.loads(answer.read()))


@contextmanager
def running_bot(model: Path) -> Iterator[str]:
    """Start Rasa with a model on a free loopback port; yields the channel's address.

    Raises:
        RuntimeError: the bot was not ready within START_SECONDS.
    """
    port = _free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "RASA_TELEMETRY_ENABLED": "false",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "-m", model],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    base = f"http://127.0.0.1:{port}/webhooks/desk"
    try:
        _wait_until_ready(f"{base}/", process)
        yield base
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _fetch(url)
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"the bot was not ready after {START_SECONDS} seconds")


def ask(base: str, case: Case, number: int) -> Outcome:
    """Ask one case in a bot session of its own."""
    body = {
        "sender": f"held-out-{number}",
        "text": case.text,
        "request_id": f"held-out-{number}",
        "metadata": {
            "last_entry": None,
            "choice": None,
            "language": "en",
            "fallbacks_in_a_row": 0,
        },
    }
    started = time.perf_counter()
    messages = _fetch(f"{base}/turns", body)["messages"]
    milliseconds = 1000 * (time.perf_counter() - started)
    return Outcome(
        case,
        [message["kind"] for message in messages],
        [message["entry"] for message in messages if message["entry"]],
        [choice["label"] for message in messages for choice in message["choices"]],
        milliseconds,
    )


def measure(model: Path, cases: list[Case]) -> list[Outcome]:
    """Ask a freshly started bot every case, in order."""
    with running_bot(model) as base:
        return [ask(base, case, number) for number, case in enumerate(cases)]


def newest_model() -> Path:
    """Path of the newest trained archive.

    Raises:
        FileNotFoundError: nothing has been trained yet.
    """
    archives = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not archives:
        raise FileNotFoundError("models/ holds no archive; run `make train` first")
    return archives[-1]


def report(outcomes: list[Outcome]) -> str:
    """Render the figures, wrong answers first and in full, as Markdown."""
    lines = [
        "| what | asked | right | clarified | wrong | missed |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in sorted(score(outcomes).items()):
        shares = " | ".join(
            f"{100 * found.share(verdict):.1f} %"
            for verdict in ("right", "clarified", "wrong", "missed")
        )
        lines.append(f"| {name} | {found.total} | {shares} |")
    times = sorted(outcome.milliseconds for outcome in outcomes)
    middle, late = times[len(times) // 2], times[int(0.95 * (len(times) - 1))]
    lines += ["", f"A turn took {middle:.1f} ms (median), {late:.1f} ms (95th percentile)."]
    for verdict in ("wrong", "missed", "clarified"):
        lines += ["", f"## {verdict}", ""]
        for outcome in outcomes:
            if outcome.verdict == verdict:
                offered = [choice for choice in outcome.choices if choice.startswith("ask/")]
                got = ", ".join(outcome.entries or offered or outcome.kinds)
                lines.append(f"- {outcome.case.text!r}: wanted {outcome.case.label}, got {got}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the newest model and write reports/understanding.md."""
    text = report(measure(newest_model(), load_cases()))
    target = ROOT / "reports" / "understanding.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
