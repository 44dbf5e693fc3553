"""The heart's tests once more, on PostgreSQL: row locks there, one write lock on SQLite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import service_or_skip

DESK = Path(__file__).resolve().parents[1]
ROOMS = ("conversations", "staff", "availability", "audit", "retention")


@pytest.mark.postgres
@pytest.mark.slow
def test_the_heart_holds_on_postgresql():
    environment = os.environ | {
        "DESK_TESTS_ON": "postgres",
        "TEST_DATABASE_URL": service_or_skip("TEST_DATABASE_URL", "PostgreSQL"),
    }
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"),
            *("-m", "not redis and not postgres", "--create-db"),
            *(f"tests/{room}" for room in ROOMS),
        ],
        cwd=DESK,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-6000:]
    assert " passed" in ended.stdout
