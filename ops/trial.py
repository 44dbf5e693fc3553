"""A house of its own for a while, apart from the real one: for measuring and for journeys."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.plain import Stop
from ops.settings import DESK_PROGRAMS, HOUSE_SETTINGS, ROOT
from ops.supervisor import answers

OPEN_SECONDS = 300  # Includes a training where no archive matches.
CLOSE_SECONDS = 60


@dataclass(frozen=True)
class OpenHouse:
    """A running house, what it took to open, and where its parts' process numbers stand."""

    url: str
    seconds: float
    run_dir: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run one of the desk's commands on this house's data and return what it printed.

        Raises:
            Stop: the command failed; its own words are in the text.
        """
        result = subprocess.run(
            [DESK_PROGRAMS / "python", "-m", "ops.manage", *arguments],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if result.returncode != 0:
            raise Stop(result.stderr.strip() or f"The desk could not {arguments[0]}.")
        return result.stdout


@contextmanager
def open_house(**settings: str) -> Iterator[OpenHouse]:
    """Run a house of its own for a while, with nothing of the real one's.

    Args:
        settings: environment variables of this house alone; another one that opens while it
            stands knows nothing of them.

    Raises:
        Stop: it ended before it was open, or took too long; its last lines are in the text.
    """
    ports = _free_ports(3)
    names = ("PORT", "BOT_PORT", "ACTIONS_PORT")
    with tempfile.TemporaryDirectory(prefix="house-bench-") as folder:
        environment = {
            **{key: value for key, value in os.environ.items() if key not in HOUSE_SETTINGS},
            **settings,
            **{name: str(port) for name, port in zip(names, ports, strict=True)},
            "HOST": "127.0.0.1",
            "DATA_DIR": folder,
            "RATE_LIMIT": "off",  # One machine plays every visitor.
        }
        log = Path(folder) / "house.log"
        started = time.monotonic()
        with log.open("w") as output:
            process = subprocess.Popen(
                [DESK_PROGRAMS / "python", "-m", "ops.house"],
                cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{ports[0]}"
            _wait_until_open(process, log, started)
            if not answers(f"{url}/readyz"):
                raise Stop("The house said that it is open, but does not answer.")
            seconds = time.monotonic() - started
            yield OpenHouse(url, seconds, Path(folder) / "run", environment)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=CLOSE_SECONDS)


def _wait_until_open(process: "subprocess.Popen[bytes]", log: Path, started: float) -> None:
    while "The house is open" not in log.read_text():
        if process.poll() is not None or time.monotonic() - started > OPEN_SECONDS:
            last_lines = "\n".join(log.read_text().splitlines()[-10:])
            raise Stop(f"{last_lines}\nThe house did not open; the lines above are its last.")
        time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
