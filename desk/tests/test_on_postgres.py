"""The heart's tests once more, on PostgreSQL: row locks there, one write lock on SQLite."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import service_or_skip

DESK = Path(__file__).resolve().parents[1]
ROOMS = ("conversations", "staff", "availability", "audit", "retention")


@pytest.fixture
def database() -> Iterator[dict[str, str]]:
    """A name for a database of this run alone, dropped at the end whoever is still in it."""
    server = service_or_skip("TEST_DATABASE_URL", "PostgreSQL")
    name = f"desk_tests_{uuid.uuid4().hex[:12]}"
    yield {
        "TEST_DATABASE_URL": server,
        "DESK_TESTS_ON": "postgres",
        "DESK_TESTS_DATABASE": name,
    }
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.mark.postgres
@pytest.mark.slow
def test_the_heart_holds_on_postgresql(database):
    # What this very run told its own plugins is not meant for the one inside.
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"),
            *("-m", "not redis and not postgres"),
            *(f"tests/{room}" for room in ROOMS),
        ],
        cwd=DESK,
        env=outer | database,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-6000:]
    assert " passed" in ended.stdout
