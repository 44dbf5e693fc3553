"""Real processes on a real database, SQLite and PostgreSQL, for races."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import service_or_skip

DESK = Path(__file__).resolve().parents[2]
RACERS = 4


class Racers:
    """Processes that share nothing but the database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.race_worker"],
                cwd=DESK,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(RACERS)
        ]
        for process in self._processes:
            assert self._read(process) == "ready"

    def _read(self, process: subprocess.Popen[str]) -> Any:
        line = process.stdout.readline()
        assert line, "a racer died; its last words are on standard error"
        reply = json.loads(line)
        assert "error" not in reply, reply["error"]
        return reply["result"]

    def _start(self, process: subprocess.Popen[str], at: float, step: str, *args: Any) -> None:
        command = {"at": at, "step": step, "arguments": args}
        process.stdin.write(json.dumps(command) + "\n")
        process.stdin.flush()

    def alone(self, step: str, *arguments: Any) -> Any:
        """One process does a step; what it answers."""
        self._start(self._processes[0], 0.0, step, *arguments)
        return self._read(self._processes[0])

    def together(self, *steps: tuple[Any, ...]) -> list[Any]:
        """Each process does its step, all at the same moment; what each answers."""
        at = time.time() + 0.02
        running = list(zip(self._processes, steps, strict=False))
        for process, step in running:
            self._start(process, at, *step)
        return [self._read(process) for process, _ in running]

    def stop(self) -> None:
        for process in self._processes:
            process.stdin.close()
        for process in self._processes:
            process.wait(timeout=20)
            process.stdout.close()


def _environment(database_url: str, folder: Path, redis_url: str = "") -> dict[str, str]:
    content = DESK / "tests" / "content"
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(folder),
        "KNOWLEDGE_DIR": str(content / "knowledge"),
        "DOMAIN_FILE": str(content / "domain.yml"),
        "SERVICE_HOURS": "always",
        "PRESENCE_SECONDS": "3600",
        "VANISHED_SECONDS": "3600",
        "LOG_LEVEL": "WARNING",
        # Nothing listens there: erased conversations are to be forgotten by a bot that is away.
        "BOT_URL": "http://127.0.0.1:9",
    }


@pytest.fixture(scope="session")
def sqlite_racers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Racers]:
    """Processes on a fresh SQLite file."""
    folder = tmp_path_factory.mktemp("race")
    yield from _racers(f"sqlite:///{folder}/desk.sqlite3", folder)


@pytest.fixture(scope="session")
def postgres_racers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Racers]:
    """Processes on a fresh PostgreSQL database, dropped at the end, and on Redis if it is there."""
    server = service_or_skip("TEST_DATABASE_URL", "PostgreSQL")
    folder = tmp_path_factory.mktemp("race")
    name = f"desk_race_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            redis_url = os.environ.get("TEST_REDIS_URL", "")
            yield from _racers(server.rpartition("/")[0] + f"/{name}", folder, redis_url)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def racers(request: pytest.FixtureRequest) -> Racers:
    """Processes that share nothing but a database of each kind."""
    found: Racers = request.getfixturevalue(f"{request.param}_racers")
    return found


def _racers(database_url: str, folder: Path, redis_url: str = "") -> Iterator[Racers]:
    environment = _environment(database_url, folder, redis_url)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=DESK,
        env=environment,
        check=True,
    )
    racers = Racers(environment)
    try:
        yield racers
    finally:
        racers.stop()
