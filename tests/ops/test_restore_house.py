"""Restores into the real desk: what a visitor erased after the backup stays erased."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import restore
from ops.backup import make_backup
from ops.database import the_database
from ops.manage import manage, migrate
from ops.plain import Stop
from ops.settings import DESK_PROGRAMS, HouseSettings, read_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DESK_PROGRAMS.exists(), reason="the desk's environment is not built: make setup"
    ),
]

OPEN = """
from conversations.services import open_conversation
print(open_conversation(language="en", page_url="").conversation.pk)
"""
ERASE = """
from conversations.services import erase_conversation
erase_conversation("{id}", by="visitor")
"""
LIST = """
from conversations.models import Conversation
print(*Conversation.objects.values_list("pk", flat=True))
"""
MIGRATE = """
from django.core.management import call_command
call_command("migrate", "--verbosity=0", {arguments})
"""
NEWER = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).{act}("conversations", "9999_of_a_newer_house")
"""
HOUSE_DATABASE = "house_restore_{pid}"


@pytest.fixture
def settings(request, tmp_path, monkeypatch) -> Iterator[HouseSettings]:
    """An empty house of its own; the parameter is its kind of database, SQLite by default."""
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ORGANISATION_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings = read_settings({"DATA_DIR": str(tmp_path / "var")})
    settings.data_dir.mkdir()
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    if getattr(request, "param", "sqlite") == "sqlite":
        migrate(settings)
        yield settings
        return
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("no PostgreSQL is named in TEST_DATABASE_URL")
    name = HOUSE_DATABASE.format(pid=os.getpid())
    psql("CREATE DATABASE", name, server)
    try:
        monkeypatch.setenv("DATABASE_URL", f"{server.rpartition('/')[0]}/{name}")
        migrate(settings)
        yield settings
    finally:
        psql("DROP DATABASE", name, server)


def psql(act: str, name: str, server: str) -> None:
    subprocess.run(["psql", "-qX", server, "-c", f"{act} {name}"], check=True, capture_output=True)


def run(settings: HouseSettings, *codes: str) -> list[str]:
    return manage(settings, "shell", "--verbosity", "0", "-c", "".join(codes)).split()


def run_restore(monkeypatch, backup: Path) -> int:
    monkeypatch.setattr("sys.argv", ["restore", str(backup)])
    return restore.main()


@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_an_older_backup_is_brought_up_to_date_and_erased_from(settings, monkeypatch):
    # Tables as they stood before retention's were added; the erasing itself needs them.
    older = MIGRATE.format(arguments='"retention", "zero"')
    kept, erased = run(settings, OPEN, OPEN, older)
    backup = make_backup(settings, the_database(settings))
    present = MIGRATE.format(arguments="")
    (later,) = run(settings, present, ERASE.format(id=erased), OPEN)

    assert run_restore(monkeypatch, backup) == 0

    assert later not in (kept, erased)
    assert run(settings, LIST, MIGRATE.format(arguments='"--check"')) == [kept]


def test_a_backup_of_a_newer_house_is_refused_and_changes_nothing(settings, monkeypatch):
    (first,) = run(settings, OPEN, NEWER.format(act="record_applied"))
    backup = make_backup(settings, the_database(settings))
    (second,) = run(settings, NEWER.format(act="record_unapplied"), OPEN)

    with pytest.raises(Stop, match=r"newer version of this house: .* the house is as it was\.$"):
        run_restore(monkeypatch, backup.rename(backup.with_name("house-newer.tar.gz")))

    assert set(run(settings, LIST, MIGRATE.format(arguments=""))) == {first, second}
