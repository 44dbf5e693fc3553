"""Runs the desk's management commands with the house's settings."""

import os
import subprocess
import sys
from typing import IO

from ops.environment import desk_environment
from ops.plain import Stop, guard
from ops.settings import DESK_PROGRAMS, ROOT, HouseSettings, read_settings


def manage(
    settings: HouseSettings, *arguments: str, stdin: int | IO[str] = subprocess.DEVNULL
) -> str:
    """Run one command of the desk.

    Args:
        settings: addresses and folders; the data folder exists.
        arguments: the command's name and what it takes.
        stdin: what the command reads; nothing by default.

    Returns:
        What it printed, without the last line's end.

    Raises:
        Stop: it failed; the text carries its own words, or a traceback's last line.
    """
    result = subprocess.run(
        [DESK_PROGRAMS / "python", "manage.py", *arguments],
        cwd=ROOT / "desk",
        env=desk_environment(settings),
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        reason = (result.stderr or result.stdout).strip() or "no reason given"
        raise Stop(_in_plain_words(arguments[0], reason))
    return result.stdout.strip()


def _in_plain_words(command: str, reason: str) -> str:
    last = reason.splitlines()[-1]
    if "OperationalError" in last and os.environ.get("DATABASE_URL"):
        return (
            "The database that DATABASE_URL names does not answer: start it, or mend the address."
        )
    if "CommandError: " in reason:
        # The command's own sentence to whoever called it.
        return reason.rpartition("CommandError: ")[2]
    if "Traceback (most recent call last)" in reason or ": error: " in last:
        reason = last
    return f"The desk could not {command}: {reason}"


def migrate(settings: HouseSettings) -> None:
    """Bring the database to the present tables, making it first where there is none."""
    manage(settings, "migrate", "--no-input", "--verbosity", "0")


def main() -> int:
    """Run the command on the command line, on an up-to-date database."""
    settings = read_settings()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(settings)
    print(manage(settings, *sys.argv[1:], stdin=sys.stdin))
    return 0


if __name__ == "__main__":
    sys.exit(guard(main))
