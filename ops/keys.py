"""The house's own secret, made once and kept out of the repository."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 48  # Django asks for at least 50 characters; this gives 64.


def secret_key(data_dir: Path) -> str:
    """Return the key that signs staff cookies and resume links, making it at the first call.

    Args:
        data_dir: the existing data folder; the key stands in its file `secret_key`, which only
            the owner can read.

    Returns:
        The key, the same at every call.
    """
    path = data_dir / "secret_key"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(KEY_BYTES)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
    return key
