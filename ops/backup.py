"""Saves what a lost machine would take with it: `make backup`."""

import io
import json
import os
import sys
import tarfile
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ops.checks import check_disk
from ops.database import Database, the_database
from ops.plain import Stop, guard
from ops.settings import HouseSettings, read_settings

DATABASE_MEMBER = "database"
LEDGER_MEMBER = "erasures.jsonl"
MANIFEST_MEMBER = "manifest.json"
LEDGER_FILE = "erasures.jsonl"
FORMAT = 1
# What a visitor erases lives on in older backups; this is how long, at most.
KEPT_DAYS = 30


def main() -> int:
    """Make a backup and say where it is."""
    settings = read_settings()
    database = the_database(settings)
    if not database.exists():
        raise Stop("There is nothing to save yet: no house has run from this data folder.")
    check_disk(settings.data_dir)
    print(f"Saved to {make_backup(settings, database)}. It holds conversations: keep it safe.")
    for old in forget_old(settings, datetime.now(timezone.utc)):
        print(f"Removed {old.name}, which is older than {KEPT_DAYS} days.")
    return 0


def make_backup(settings: HouseSettings, database: Database) -> Path:
    """Write database and erasure ledger into one file that only its owner can read.

    The secret key is left out: a stolen backup must not open the console, and a house restored
    elsewhere makes a new one, which only signs everybody out.

    Args:
        settings: names the data folder; the file goes into its folder `backups`.
        database: what to save; the house may run meanwhile.

    Returns:
        The file's path, `house-<UTC time>.tar.gz`.
    """
    folder = settings.data_dir / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made_at = datetime.now(timezone.utc)
    target = folder / f"house-{made_at:%Y%m%dT%H%M%S}Z.tar.gz"
    manifest = {"format": FORMAT, "database": database.kind, "made_at": made_at.isoformat()}
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copy = Path(scratch) / "copy"
        database.save(copy)
        unfinished = Path(scratch) / target.name
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            _add(tar, MANIFEST_MEMBER, json.dumps(manifest).encode())
            # Saved after the database: an erasure in between is in the ledger at least.
            ledger = settings.data_dir / LEDGER_FILE
            _add(tar, LEDGER_MEMBER, ledger.read_bytes() if ledger.exists() else b"")
            tar.add(copy, DATABASE_MEMBER, filter=_without_owner)
        unfinished.replace(target)
    return target


def forget_old(settings: HouseSettings, now: datetime) -> list[Path]:
    """Remove the backups made more than KEPT_DAYS before `now`, and return their paths."""
    limit = (now - timedelta(days=KEPT_DAYS)).timestamp()
    backups = sorted((settings.data_dir / "backups").glob("house-*.tar.gz"))
    old = [path for path in backups if path.stat().st_mtime < limit]
    for path in old:
        path.unlink()
    return old


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mtime = int(time.time())
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(content))


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


if __name__ == "__main__":
    sys.exit(guard(main))
