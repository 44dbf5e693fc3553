"""Copies the desk's database out and in, whichever of the two kinds it is."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ops.plain import Stop
from ops.settings import ROOT, HouseSettings

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
# Its notices would stand before the line that says what went wrong.
DROP_TABLES = """
SET LOCAL client_min_messages = warning;
DO $$ DECLARE found regclass; BEGIN
    FOR found IN SELECT oid FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', found);
    END LOOP;
END $$
"""


class SqliteDatabase:
    """The one file that the desk writes unless DATABASE_URL says otherwise."""

    kind = SQLITE

    def __init__(self, path: Path) -> None:
        """Take the database in this file, which need not exist yet."""
        self.path = path

    def exists(self) -> bool:
        """Tell whether there is anything to save."""
        return self.path.exists()

    def save(self, target: Path) -> None:
        """Copy it whole while the house runs; writers wait for no longer than a page takes.

        Raises:
            Stop: it is damaged, or the disk is full.
        """
        try:
            with (
                closing(sqlite3.connect(self.path)) as source,
                closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            raise Stop(f"{self.path} cannot be copied: {error}.") from error

    def set_aside(self) -> Path:
        """Keep what cannot be copied under another name, and return that."""
        aside = self.path.with_name(f"{self.path.name}.damaged")
        self.path.replace(aside)
        return aside

    def load(self, source: Path | None) -> None:
        """Put a copy in its place, or leave the place empty.

        Raises:
            Stop: the copy is damaged; what is in place stays.
        """
        beside = self.path.with_name(f"{self.path.name}.restoring")
        try:
            if source is not None:
                _check(source)
                shutil.copyfile(source, beside)
                beside.chmod(0o600)
            # These belong to the old file; beside the new one they would be applied to it.
            for suffix in ("-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            if source is None:
                self.path.unlink(missing_ok=True)
            else:
                beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)


def _check(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise Stop(f"The backup's database is damaged ({verdict}).")


class PostgresqlDatabase:
    """A database on a PostgreSQL server, by way of the server's own programs."""

    kind = POSTGRESQL

    def __init__(self, url: str) -> None:
        """Take the database that a URL names."""
        parts = urlsplit(url)
        values = {
            "PGHOST": parts.hostname,
            "PGPORT": parts.port and str(parts.port),
            "PGUSER": parts.username and unquote(parts.username),
            # In the environment, not on the command line, where every account could read it.
            "PGPASSWORD": parts.password and unquote(parts.password),
        }
        self._name = unquote(parts.path.lstrip("/"))
        self._environment = {**os.environ, **{key: text for key, text in values.items() if text}}

    def exists(self) -> bool:
        """Say yes: a server that is not there shows when it is asked."""
        return True

    def save(self, target: Path) -> None:
        """Copy it as of one moment, while the house runs."""
        self._run("pg_dump", "--format=custom", f"--file={target}", f"--dbname={self._name}")

    def set_aside(self) -> Path:
        """Refuse: a server that cannot be copied cannot be replaced either.

        Raises:
            Stop: always.
        """
        raise Stop("The database that DATABASE_URL names must answer before it is replaced.")

    def load(self, source: Path | None) -> None:
        """Replace what is there in one transaction, all of it or nothing; None empties it."""
        scripts = []
        if source is not None:
            script = source.with_name(f"{source.name}.sql")
            self._run("pg_restore", "--no-owner", f"--file={script}", str(source))
            scripts = [f"--file={script}"]
        # Everything goes first: tables that the copy does not know would meet their own migration.
        self._run(
            "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            f"--dbname={self._name}", f"--command={DROP_TABLES}", *scripts,
        )  # fmt: skip

    def _run(self, *command: str) -> None:
        try:
            result = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise Stop(
                f"{command[0]} is missing: install PostgreSQL's client programs"
                " (Debian: postgresql-client), then run it again."
            ) from error
        if result.returncode != 0:
            reason = result.stderr.strip().splitlines() or ["no reason given"]
            # A server that is not there is explained over two lines, the cause in the first.
            raise Stop(f"{command[0]} failed: {reason[0]}")


Database = SqliteDatabase | PostgresqlDatabase


def the_database(settings: HouseSettings, environ: Mapping[str, str] | None = None) -> Database:
    """Return the database that the desk uses under these settings.

    Args:
        settings: names the data folder, where SQLite's file stands by default.
        environ: the environment; the process's own by default.
    """
    url = (os.environ if environ is None else environ).get("DATABASE_URL", "")
    if not url:
        return SqliteDatabase(settings.data_dir / "desk.sqlite3")
    if urlsplit(url).scheme == SQLITE:
        # As the desk reads it: sqlite:///var/x is in the project, sqlite:////srv/x is not.
        return SqliteDatabase(ROOT / urlsplit(url).path.removeprefix("/"))
    return PostgresqlDatabase(url)
