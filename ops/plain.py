"""Tells the person at the terminal, in one plain line, why a task stopped and what to do."""

import errno
import signal
import sys
from collections.abc import Callable

INTERRUPTED = 130  # What a shell reports for a command that Ctrl-C ended.


class Stop(Exception):
    """A task cannot go on; the text says what to do and is all that is shown."""


def guard(task: Callable[[], int]) -> int:
    """Run a task so that no traceback reaches the person who started it.

    Args:
        task: the whole work; returns its exit status.

    Returns:
        The task's status, or 1 after a `Stop` or a full disk, or 130 after Ctrl-C or SIGTERM.
    """
    # As Ctrl-C does, so that a program which the task waits for is ended with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return task()
    except Stop as stop:
        print(stop, file=sys.stderr)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        where = error.filename or "where this project or its data stands"
        print(f"The disk is full ({where}): free some space, then run it again.", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1
