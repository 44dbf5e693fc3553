"""Measures a whole house of its own on this machine: `make bench`.

It opens a house on free ports with an empty data folder, talks to it as a browser would, and
prints what a person at the other end would notice. The figures hold for this machine as it is
just now; with other work beside it they are worse.
"""

import itertools
import json
import statistics
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ops.plain import Stop, guard
from ops.settings import ROOT
from ops.trial import open_house

MESSAGES_ONE_BY_ONE = 200
MESSAGES_TOGETHER = 400
VISITORS_TOGETHER = 8


class Visitor:
    """One conversation, held as a browser holds it."""

    def __init__(self, url: str) -> None:
        """Open a conversation."""
        self._url = f"{url}/api/v1/conversations"
        opened = _post(self._url, {"consent": True, "language": "en"}, {})
        self._url += f"/{opened['id']}/messages"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}

    def ask(self, text: str) -> float:
        """Send a message and return the seconds until the reply was there.

        Raises:
            Stop: no reply came back.
        """
        started = time.perf_counter()
        body = {"client_id": str(uuid.uuid4()), "text": text}
        if not _post(self._url, body, self._headers)["replies"]:
            raise Stop("The house did not reply to a message; is the bot up?")
        return time.perf_counter() - started


def main() -> int:
    """Open a house, measure, and print one line per figure."""
    questions = itertools.cycle(_questions())
    lock = threading.Lock()

    def next_question(_: int = 0) -> str:
        with lock:
            return next(questions)

    with open_house() as house:
        visitor = Visitor(house.url)
        alone = [visitor.ask(next_question()) for _ in range(MESSAGES_ONE_BY_ONE)]
        local = threading.local()

        def ask_together(_: int) -> float:
            if not hasattr(local, "visitor"):
                local.visitor = Visitor(house.url)
            seconds: float = local.visitor.ask(next_question())
            return seconds

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


def _questions() -> list[str]:
    from knowledge import load_knowledge

    entries = load_knowledge(ROOT / "knowledge").entries.values()
    return [question for entry in entries for question in entry.questions]


def _post(url: str, body: Mapping[str, object], headers: Mapping[str, str]) -> dict[str, str]:
    request = urllib.request.Request(  # noqa: S310 - our own house
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as response:
        answer: dict[str, str] = json.load(response)
    return answer


def _memory_megabytes(pid_file: Path) -> float:
    status = Path("/proc", pid_file.read_text().strip(), "status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(resident.split()[1]) / 1024


def _show(name: str, seconds: list[float]) -> None:
    middle, late = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    print(f"{name:<27}{1000 * middle:8.1f} ms (median){1000 * late:8.1f} ms (95th percentile)")


if __name__ == "__main__":
    sys.exit(guard(main))
