"""Starts a program that listens on loopback, waits until it replies, and ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.environment import QUIET_RASA, arithmetic
from ops.plain import Stop
from ops.settings import LOOPBACK, ROOT

START_SECONDS = 300  # Warm it is 5 to 40; a busy machine and a cold disk take longer.
_LAST_CHARACTERS = 2000


@dataclass(frozen=True)
class RunningServer:
    """A program that is ready.

    Attributes:
        seconds: from starting it to its first reply.
        pid: of its process, which leads its group.
    """

    seconds: float
    pid: int

    def megabytes(self) -> float:
        """Return the memory that it and its children hold, resident."""
        pids = [self.pid, *children(self.pid)]
        return sum(resident_megabytes(pid) for pid in pids)


@contextmanager
def running(
    command: Sequence[str | Path],
    folder: Path,
    is_ready: Callable[[], bool],
    *,
    working_folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[RunningServer]:
    """Run a server for a while.

    Args:
        command: program and arguments; it has to listen on loopback.
        folder: for its log, and its working folder unless there is another.
        is_ready: asks it something; errors of the connection count as no.
        working_folder: where it runs, if that is not `folder`.
        environment: all it gets; that of a measured bot by default.

    Raises:
        Stop: it ended before it was ready, or took too long; its last lines are in the text.
    """
    log = folder / f"server-{time.monotonic_ns()}.log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=working_folder or folder,
            env=environment or bench_environment(folder),
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        while not _asked(is_ready):
            if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                raise Stop(f"{_end_of(log)}\nA server of the bench did not start.")
            time.sleep(0.05)
        yield RunningServer(time.perf_counter() - started, process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run_to_end(command: Sequence[str | Path], folder: Path) -> float:
    """Run a program and return the seconds it took.

    Raises:
        Stop: it failed; its last lines are in the text.
    """
    log = folder / f"run-{time.monotonic_ns()}.log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=folder, env=bench_environment(folder),
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        status = process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if status:
        raise Stop(f"{_end_of(log)}\nA program of the bench failed; the lines above are its last.")
    return time.perf_counter() - started


def bench_environment(folder: Path) -> Mapping[str, str]:
    """Return the whole environment of a measured program: no secret, and our code in reach."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),  # Rasa writes a settings file there.
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(
            str(ROOT / each) for each in (".", "encoder/src", "knowledge/src")
        ),
        "SANIC_HOST": LOOPBACK,
        **QUIET_RASA,
        **arithmetic(),
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def resident_megabytes(pid: int) -> float:
    """Return the memory a process holds; 0 when it has ended meanwhile."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """Return all processes that a process started, and those that they did."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    found = [int(word) for word in text.split()]
    return found + [grandchild for child in found for grandchild in children(child)]


def _asked(is_ready: Callable[[], bool]) -> bool:
    try:
        return is_ready()
    except (OSError, Stop, ValueError):
        return False


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-_LAST_CHARACTERS:]
