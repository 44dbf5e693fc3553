"""Measures a whole house of its own on this machine: `make bench`.

It opens a house on free ports with an empty data folder, talks to it as a browser would, and
prints what a person at the other end would notice. The figures hold for this machine as it is
just now; with other work beside it they are worse.
"""

import itertools
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ops.plain import Stop, guard
from ops.settings import ROOT
from ops.trial import open_house
from ops.visitor import Visitor

MESSAGES_ONE_BY_ONE = 200
MESSAGES_TOGETHER = 400
VISITORS_TOGETHER = 8


def main() -> int:
    """Open a house, measure, and print one line per figure."""
    questions = itertools.cycle(_questions())
    lock = threading.Lock()

    def next_question(_: int = 0) -> str:
        with lock:
            return next(questions)

    with open_house() as house:
        visitor = Visitor(house.url)
        alone = [_ask(visitor, next_question()) for _ in range(MESSAGES_ONE_BY_ONE)]
        local = threading.local()

        def ask_together(_: int) -> float:
            if not hasattr(local, "visitor"):
                local.visitor = Visitor(house.url)
            return _ask(local.visitor, next_question())

        started = time.perf_counter()
        with ThreadPoolExecutor(VISITORS_TOGETHER) as pool:
            together = list(pool.map(ask_together, range(MESSAGES_TOGETHER)))
        elapsed = time.perf_counter() - started
        memory = {path.stem: _memory_megabytes(path) for path in house.run_dir.glob("*.pid")}
    print(f"opening the house          {house.seconds:8.1f} s")
    _show("one visitor", alone)
    _show("  the first 50 messages", alone[:50])
    _show("  the last 50 messages", alone[-50:])
    _show(f"{VISITORS_TOGETHER} visitors at once", together)
    print(f"  together                 {len(together) / elapsed:8.1f} messages/s")
    for part, megabytes in sorted(memory.items()):
        print(f"memory, {part:<19}{megabytes:8.0f} MB")
    return 0


def _ask(visitor: Visitor, text: str) -> float:
    exchange = visitor.say(text)
    if not exchange.replies:
        raise Stop("The house did not reply to a message; is the bot up?")
    return exchange.seconds


def _questions() -> list[str]:
    from knowledge import load_knowledge

    entries = load_knowledge(ROOT / "knowledge").entries.values()
    return [question for entry in entries for question in entry.questions]


def _memory_megabytes(pid_file: Path) -> float:
    status = Path("/proc", pid_file.read_text().strip(), "status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(resident.split()[1]) / 1024


def _show(name: str, seconds: list[float]) -> None:
    middle, late = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    print(f"{name:<27}{1000 * middle:8.1f} ms (median){1000 * late:8.1f} ms (95th percentile)")


if __name__ == "__main__":
    sys.exit(guard(main))
