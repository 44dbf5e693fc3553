import os
import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ops import restore
from ops.backup import KEPT_DAYS, forget_old, make_backup
from ops.database import PostgresqlDatabase, SqliteDatabase, the_database
from ops.plain import Stop
from ops.settings import ROOT, read_settings


@pytest.fixture
def settings(tmp_path):
    return read_settings({"DATA_DIR": str(tmp_path / "var")})


@pytest.fixture
def database(settings):
    """A database in use: its last row is still in the write-ahead log, and a writer has it open."""
    settings.data_dir.mkdir()
    database = SqliteDatabase(settings.data_dir / "desk.sqlite3")
    with closing(sqlite3.connect(database.path)) as writer:
        writer.executescript("PRAGMA journal_mode=WAL; CREATE TABLE words (word TEXT);")
        add_word(database, "first")
        yield database


@pytest.fixture
def commands(monkeypatch):
    """The desk's commands that a restore called, in order; none of them runs."""
    called: list[str] = []
    monkeypatch.setattr(restore, "migrate", lambda _: called.append("migrate"))

    def manage(_, command, *arguments) -> str:
        called.append(command)
        return "done"

    monkeypatch.setattr(restore, "manage", manage)
    return called


def add_word(database, word):
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("INSERT INTO words VALUES (?)", (word,))


def words(database) -> list[str]:
    with closing(sqlite3.connect(database.path)) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY rowid")]


def run_restore(monkeypatch, settings, backup) -> int:
    monkeypatch.setattr("sys.argv", ["restore", str(backup)])
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return restore.main()


def test_a_backup_brings_back_what_stood_in_the_write_ahead_log(
    settings, database, commands, monkeypatch
):
    backup = make_backup(settings, database)
    add_word(database, "second")

    assert run_restore(monkeypatch, settings, backup) == 0

    assert words(database) == ["first"]
    assert commands == ["migrate", "replay_erasures"]


def test_what_was_there_before_a_restore_can_be_had_back(settings, database, commands, monkeypatch):
    backup = make_backup(settings, database)
    backup = backup.rename(backup.with_name("house-old.tar.gz"))
    add_word(database, "second")
    run_restore(monkeypatch, settings, backup)

    (before,) = set((settings.data_dir / "backups").glob("*.tar.gz")) - {backup}
    run_restore(monkeypatch, settings, before)

    assert words(database) == ["first", "second"]


def test_a_backup_is_for_its_owner_alone_and_holds_no_key(settings, database):
    (settings.data_dir / "secret_key").write_text("hush\n")

    backup = make_backup(settings, database)

    assert backup.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backup) as tar:
        assert sorted(tar.getnames()) == ["database", "erasures.jsonl", "manifest.json"]


def test_erasures_of_both_ledgers_are_replayed(settings, database, commands, monkeypatch):
    ledger = settings.data_dir / "erasures.jsonl"
    ledger.write_text('{"subject_id": "a"}\n{"subject_id": "b"}\n')
    backup = make_backup(settings, database)
    # Another machine's ledger: it lacks "b", has "c", and its last line was cut by a crash.
    ledger.write_text('{"subject_id": "a"}\n{"subject_id": "c"}\n{"subj')

    run_restore(monkeypatch, settings, backup)

    assert ledger.read_text().splitlines() == [
        '{"subject_id": "a"}',
        '{"subject_id": "c"}',
        '{"subject_id": "b"}',
    ]
    assert ledger.stat().st_mode & 0o777 == 0o600


def test_a_restore_that_was_killed_is_finished_at_the_next_start(
    settings, database, commands, monkeypatch
):
    backup = make_backup(settings, database)
    add_word(database, "second")
    assert restore.finish(settings) == ""
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(restore, "migrate", lambda _: os._exit(9))
        try:
            run_restore(monkeypatch, settings, backup)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert words(database) == ["first"]

    assert restore.finish(settings) == "done"
    assert commands == ["replay_erasures"]
    assert restore.finish(settings) == ""


@pytest.mark.parametrize("failing", ["migrate", "manage"])
@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Stop("No room"), r"^No room\. Nothing was restored"),
        (Stop("No room."), r"^No room\. Nothing was restored"),
        (KeyboardInterrupt(), ""),
    ],
)
def test_a_restore_that_fails_leaves_the_house_as_it_was(
    failing, trouble, told, settings, database, commands, monkeypatch
):
    ledger = settings.data_dir / "erasures.jsonl"
    ledger.write_text('{"subject_id": "a"}\n')
    backup = make_backup(settings, database)
    ledger.write_text('{"subject_id": "b"}\n')
    add_word(database, "second")

    def fail(*_):
        raise trouble

    monkeypatch.setattr(restore, failing, fail)
    with pytest.raises(type(trouble), match=told):
        run_restore(monkeypatch, settings, backup)

    assert words(database) == ["first", "second"]
    assert ledger.read_text() == '{"subject_id": "b"}\n'
    assert restore.finish(settings) == ""
    assert list(settings.data_dir.glob("*restoring*")) == []


def test_a_restore_that_fails_in_a_new_place_leaves_it_empty(
    settings, database, commands, monkeypatch, tmp_path
):
    backup = make_backup(settings, database)
    new = read_settings({"DATA_DIR": str(tmp_path / "new")})

    def fail(_):
        raise Stop("No room.")

    monkeypatch.setattr(restore, "migrate", fail)
    with pytest.raises(Stop):
        run_restore(monkeypatch, new, backup)

    assert not the_database(new, {}).exists()
    assert restore.finish(new) == ""


def test_a_damaged_database_is_kept_aside_and_replaced(settings, database, commands, monkeypatch):
    backup = make_backup(settings, database)
    for suffix in ("-wal", "-shm"):
        database.path.with_name(database.path.name + suffix).unlink()
    database.path.write_bytes(b"no database" * 1000)

    run_restore(monkeypatch, settings, backup)

    assert words(database) == ["first"]
    assert (settings.data_dir / "desk.sqlite3.damaged").read_bytes().startswith(b"no database")


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "There is no file"), (b"", "no whole backup"), (b"\x1f\x8bhalf", "no whole backup")],
)
def test_what_is_no_backup_changes_nothing(
    content, message, settings, database, commands, monkeypatch, tmp_path
):
    file = tmp_path / "house.tar.gz"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(Stop, match=message):
        run_restore(monkeypatch, settings, file)

    assert words(database) == ["first"]
    assert commands == []


def test_a_backup_cut_in_the_middle_changes_nothing(settings, database, commands, monkeypatch):
    backup = make_backup(settings, database)
    backup.write_bytes(backup.read_bytes()[:-200])

    with pytest.raises(Stop, match="no whole backup"):
        run_restore(monkeypatch, settings, backup)

    assert words(database) == ["first"]


def test_a_backup_of_the_other_kind_of_database_is_refused(settings, database, tmp_path):
    backup = make_backup(settings, database)

    with pytest.raises(Stop, match="holds a sqlite database"):
        restore.unpack(backup, tmp_path, PostgresqlDatabase("postgresql://localhost/desk"))


def test_backups_go_after_a_month_since_they_keep_what_visitors_erased(settings, database):
    fresh, old = make_backup(settings, database), settings.data_dir / "backups" / "house-0.tar.gz"
    old.write_bytes(b"")
    now = datetime.now(timezone.utc)
    just_over = (now - timedelta(days=KEPT_DAYS, minutes=1)).timestamp()
    just_under = (now - timedelta(days=KEPT_DAYS, minutes=-1)).timestamp()
    os.utime(old, (just_over, just_over))
    os.utime(fresh, (just_under, just_under))

    assert forget_old(settings, now) == [old]
    assert fresh.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/desk.sqlite3", "/srv/desk.sqlite3"),
        ("sqlite:///var/desk.sqlite3", f"{ROOT}/var/desk.sqlite3"),
    ],
)
def test_the_database_is_where_the_desk_reads_it(settings, url, path):
    database = the_database(settings, {"DATABASE_URL": url})

    assert isinstance(database, SqliteDatabase)
    assert str(database.path) == path


def test_a_password_never_stands_on_a_command_line(monkeypatch, settings, tmp_path):
    seen: dict[str, Any] = {}

    def run(command, env, **_):
        seen.update(command=command, env=env)
        raise FileNotFoundError(2, "missing", "pg_dump")

    monkeypatch.setattr("ops.database.subprocess.run", run)
    database = the_database(settings, {"DATABASE_URL": "postgresql://ana:p%40ss@db:5433/desk"})

    with pytest.raises(Stop, match="pg_dump is missing: install"):
        database.save(tmp_path / "copy")

    assert "p@ss" not in " ".join(seen["command"])
    assert seen["env"]["PGPASSWORD"] == "p@ss"
    assert (seen["env"]["PGHOST"], seen["env"]["PGPORT"]) == ("db", "5433")
