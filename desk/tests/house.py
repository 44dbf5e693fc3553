"""Real processes for tests: the desk under uvicorn, its worker, and a bot of the test's own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

DESK = Path(__file__).resolve().parents[1]
_START_SECONDS = 40.0


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A desk with a database of its own, started and killed by a test.

    Attributes:
        folder: its DATA_DIR.
        settings: more environment variables.
        port, bot_port: where desk and bot listen.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    bot_port: int = field(default_factory=free_port)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The desk's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bot_url(self) -> str:
        """The bot's address."""
        return f"http://127.0.0.1:{self.bot_port}"

    def environment(self) -> dict[str, str]:
        """Return the variables its processes run with."""
        content = DESK / "tests" / "content"
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "KNOWLEDGE_DIR": str(content / "knowledge"),
            "DOMAIN_FILE": str(content / "domain.yml"),
            "ORGANISATION_FILE": "",
            "SERVICE_HOURS": "always",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "BOT_URL": self.bot_url,
            "LOG_LEVEL": "WARNING",
            **self.settings,
        }

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run a management command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=DESK,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_bot(self) -> None:
        """Start the bot and wait until it answers."""
        self._start("bot", self._uvicorn("tests.relay.fake_bot:app", self.bot_port))
        self._wait(f"{self.bot_url}/webhooks/desk/")

    def start_desk(self) -> None:
        """Start the desk and wait until it answers."""
        self._start("desk", self._uvicorn("config.asgi:application", self.port))
        self._wait(f"{self.url}/healthz")

    def start_worker(self) -> None:
        """Start the worker."""
        self._start("worker", [sys.executable, "manage.py", "run_worker"])

    def kill(self, part: str) -> None:
        """End a part as a crash would."""
        process = self.parts.pop(part)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)

    def set_mode(self, mode: str) -> None:
        """Have the bot behave so from now on."""
        httpx.put(f"{self.bot_url}/mode", json={"mode": mode}, trust_env=False)

    def asked(self) -> list[dict[str, Any]]:
        """Return what the bot was asked so far."""
        found: list[dict[str, Any]] = httpx.get(f"{self.bot_url}/asked", trust_env=False).json()
        return found

    def wait_until_asked(self) -> None:
        """Return once the bot was asked something."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.asked():
            assert time.monotonic() < deadline, "the bot is not asked"
            time.sleep(0.1)

    def stop(self) -> None:
        """End everything."""
        for process in self.parts.values():
            process.terminate()
        for process in self.parts.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
        self.parts.clear()

    def _uvicorn(self, application: str, port: int) -> list[str]:
        return [
            *(sys.executable, "-m", "uvicorn", application),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--timeout-graceful-shutdown", "1", "--log-level", "warning"),
        ]

    def _start(self, name: str, command: list[str]) -> None:
        # A file, not a pipe: nobody reads it while the test runs.
        with (self.folder / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                command, cwd=DESK, env=self.environment(), stdout=log, stderr=log
            )

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(url, trust_env=False, timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        logs = "".join(log.read_text()[-2000:] for log in self.folder.glob("*.log"))
        raise AssertionError(f"{url} does not answer\n{logs}")


@contextmanager
def house(folder: Path, *, bot: bool = True, **settings: str) -> Iterator[House]:
    """Have a desk with an empty database, and a bot; both end with the block."""
    built = House(folder, settings)
    try:
        built.manage("migrate", "--verbosity", "0")
        if bot:
            built.start_bot()
        built.start_desk()
        yield built
    finally:
        built.stop()
