"""The ledger of erasures: in the database and in a file that backups do not roll back."""

from __future__ import annotations

import json
import os
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings

from retention.models import Erasure


def ledger_file() -> Path:
    """Where the file stands."""
    return Path(settings.DATA_DIR) / "erasures.jsonl"


def write(subject_id: uuid.UUID, *, at: datetime, by: str) -> None:
    """Put an erasure into both ledgers, in the erasing transaction.

    The file is written before the commit: if the machine dies between the two, a restored backup
    erases once too often, never once too few.
    """
    Erasure.objects.get_or_create(
        subject_id=subject_id, defaults={"erased_at": at, "erased_by": by}
    )
    line = json.dumps({"subject_id": str(subject_id), "erased_at": at.isoformat(), "by": by})
    file = ledger_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(file: Path) -> list[uuid.UUID]:
    """The ids that a ledger file names, in order, each once.

    Raises:
        ValueError: a line is no ledger entry; a cut last line, as a crash leaves it, is passed.
        OSError: the file cannot be read.
    """
    found: dict[uuid.UUID, None] = {}
    text = file.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        try:
            found[uuid.UUID(str(json.loads(line)["subject_id"]))] = None
        except (ValueError, KeyError, TypeError):
            if line.strip() and line.endswith("\n"):
                raise ValueError(f"{file.name}:{number} is no ledger entry") from None
    return list(found)
