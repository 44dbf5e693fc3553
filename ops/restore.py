"""Brings a backup back, and erases again what was erased since: `make restore FILE=...`."""

import json
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

from ops.backup import (
    DATABASE_MEMBER,
    FORMAT,
    LEDGER_FILE,
    LEDGER_MEMBER,
    MANIFEST_MEMBER,
    make_backup,
)
from ops.checks import check_disk, occupied
from ops.database import Database, the_database
from ops.manage import manage, migrate
from ops.plain import Stop, guard
from ops.settings import HouseSettings, read_settings


def main() -> int:
    """Restore the backup that the command line names into a closed house."""
    settings = read_settings()
    if len(sys.argv) < 2 or not sys.argv[1]:
        raise Stop("Name the backup: make restore FILE=var/backups/house-....tar.gz")
    with occupied(settings, "restore"):
        check_disk(settings.data_dir)
        database = the_database(settings)
        with tempfile.TemporaryDirectory(dir=settings.data_dir) as scratch:
            copy, saved_ledger = unpack(Path(sys.argv[1]), Path(scratch), database)
            present = None
            if database.exists():
                saved, present = _save_present(settings, database, Path(scratch))
                print(f"What is there now was saved to {saved}.")
            put_back(settings, database, copy, saved_ledger, present)
    print("Restored; what was erased since then is erased again.")
    return 0


def unpack(backup: Path, folder: Path, database: Database) -> tuple[Path, bytes]:
    """Take a backup apart.

    Args:
        backup: file made by `make backup`.
        folder: existing folder for the copy of the database.
        database: where it is to go; kinds must match.

    Returns:
        The copy's path, and the erasure ledger as it was saved.

    Raises:
        Stop: the file is missing, no backup of ours, damaged, or of the other kind of database.
    """
    try:
        with tarfile.open(backup, mode="r:gz") as tar:
            # Read by name: no path from inside the file is ever written to.
            manifest = json.loads(_content(tar, MANIFEST_MEMBER))
            if manifest["format"] != FORMAT:
                raise Stop(f"{backup} was made by another version of this house: use that one.")
            ledger = _content(tar, LEDGER_MEMBER)
            copy = folder / "copy"
            member = tar.extractfile(DATABASE_MEMBER)
            if member is None:
                raise KeyError(DATABASE_MEMBER)
            with copy.open("wb") as file:
                shutil.copyfileobj(member, file)
    except FileNotFoundError as error:
        raise Stop(f"There is no file {backup}.") from error
    except (tarfile.TarError, EOFError, KeyError, ValueError) as error:
        raise Stop(f"{backup} is no whole backup of this house; nothing was changed.") from error
    if manifest["database"] != database.kind:
        raise Stop(
            f"{backup} holds a {manifest['database']} database, DATABASE_URL names a"
            f" {database.kind} one; nothing was changed."
        )
    return copy, ledger


def put_back(
    settings: HouseSettings,
    database: Database,
    copy: Path,
    saved_ledger: bytes,
    present: Path | None,
) -> None:
    """Put the database in place, bring it up to date, and replay every erasure known.

    Args:
        settings: names the data folder.
        database: where the copy goes.
        copy: what a backup holds of a database, of this version or an older one.
        saved_ledger: the backup's ledger.
        present: a copy of what is in place now; None where there is nothing of use.

    Raises:
        Stop: a step failed; the text says which. Database and ledger are as they were.
    """
    ledger = settings.data_dir / LEDGER_FILE
    ledger_before = ledger.read_bytes() if ledger.exists() else b""
    was_unfinished = _unfinished(settings).exists()
    # Before the database: should the machine stop in between, nothing erased is forgotten, and
    # the next start of the house does what was left to do.
    merge_ledgers(ledger, saved_ledger)
    _unfinished(settings).touch()
    try:
        database.load(copy)
        migrate(settings)
        print(finish(settings))
    except BaseException as error:  # Ctrl-C and a full disk too.
        database.load(present)
        _replace(ledger, ledger_before)
        if not was_unfinished:
            _unfinished(settings).unlink()
        if isinstance(error, Stop):
            reason = str(error).removesuffix(".")
            raise Stop(f"{reason}. Nothing was restored; the house is as it was.") from error
        raise


def finish(settings: HouseSettings) -> str:
    """Erase again what a restored backup brought back, if a restore has not done so itself.

    Returns:
        What the desk said about it; "" where there was nothing left to do.
    """
    if not _unfinished(settings).exists():
        return ""
    said = manage(settings, "replay_erasures", str(settings.data_dir / LEDGER_FILE))
    _unfinished(settings).unlink()
    return said


def merge_ledgers(present: Path, saved: bytes) -> None:
    """Add to the present ledger the erasures that only the backup knows.

    Args:
        present: the ledger's file; gets every whole line of both, each once.
        saved: the backup's ledger.
    """
    # A ledger's last line may have been cut by a crash; without its end it names nothing.
    texts = [present.read_bytes() if present.exists() else b"", saved]
    lines = dict.fromkeys(
        line for text in texts for line in text.splitlines(keepends=True) if line.endswith(b"\n")
    )
    _replace(present, b"".join(lines))


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.restoring")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _save_present(
    settings: HouseSettings, database: Database, folder: Path
) -> tuple[Path, Path | None]:
    # Where it was saved, and a copy of it in the folder.
    present = folder / "present"
    try:
        database.save(present)
        return make_backup(settings, database), present
    except Stop as stop:
        print(stop)
        return database.set_aside(), None


def _unfinished(settings: HouseSettings) -> Path:
    return settings.data_dir / "restore-unfinished"


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member.read()


if __name__ == "__main__":
    sys.exit(guard(main))
