"""What the house says when one of the desk's commands fails: a sentence, never a traceback."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ops.manage import manage
from ops.plain import Stop
from ops.settings import read_settings

TRACEBACK = 'Traceback (most recent call last):\n  File "x"\ndjango.db.utils.OperationalError: no'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("CommandError: This password is too short.", "This password is too short."),
        (
            "usage: manage.py staff [-h]\nmanage.py staff: error: argument role: invalid choice",
            "The desk could not staff: manage.py staff: error: argument role: invalid choice",
        ),
        (
            TRACEBACK,
            "The database that DATABASE_URL names does not answer: start it, or mend the address.",
        ),
        ("", "The desk could not staff: no reason given"),
    ],
)
def test_a_failure_is_told_in_one_sentence(
    said: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever typed the command learns what to do."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere/house")
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_, **__: subprocess.CompletedProcess([], 1, stdout="", stderr=said),
    )
    with pytest.raises(Stop) as caught:
        manage(read_settings({"DATA_DIR": str(tmp_path)}), "staff")
    assert str(caught.value) == told
