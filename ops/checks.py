"""What must hold before the house opens: free ports, room on the disk, nobody in it already."""

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.plain import Stop
from ops.settings import LOOPBACK, HouseSettings

# A model archive and its training take about 150 MB, a year of a small charity's
# conversations less than that again; below this the database could fail half-way through a write.
NEEDED_MEGABYTES = 300


def check_ports(settings: HouseSettings) -> None:
    """Make sure that the three ports can be listened on.

    Raises:
        Stop: one is taken, may not be used, or HOST is no address of this machine.
    """
    _check_port("PORT", settings.host, settings.port)
    _check_port("BOT_PORT", LOOPBACK, settings.bot_port)
    _check_port("ACTIONS_PORT", LOOPBACK, settings.actions_port)


def _check_port(name: str, host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the servers do it, so that a port just given up does not count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stop(
                f"Port {port} is taken by another program: stop that program, or choose another"
                f" port, for example {name}={port + 1} make run."
            ) from error
        if error.errno == errno.EACCES:
            raise Stop(
                f"Port {port} needs more rights than you have: choose one above 1023 with {name}."
            ) from error
        raise Stop(f"HOST is {host!r}, which is no address of this machine.") from error


def check_disk(folder: Path) -> None:
    """Make sure that the disk under a folder has room to work.

    Raises:
        Stop: less than NEEDED_MEGABYTES are free.
    """
    free_megabytes = shutil.disk_usage(folder).free // 1_000_000
    if free_megabytes < NEEDED_MEGABYTES:
        raise Stop(
            f"The disk is too full: {free_megabytes} MB are free at {folder}, the house needs"
            f" {NEEDED_MEGABYTES} MB. Free some space, then run it again."
        )


@contextmanager
def occupied(settings: HouseSettings, doing: str) -> Iterator[None]:
    """Hold the data folder for one task: running the house and restoring it exclude each other.

    Args:
        settings: names the data folder; it is made, readable by its owner alone.
        doing: what was asked for, to say what cannot be done.

    Raises:
        Stop: another house already runs from this data folder.
    """
    settings.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    # The lock goes with the process, however that ends, so it can never be left behind.
    descriptor = os.open(settings.run_dir / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Stop(
                f"Cannot {doing}: a house already runs from {settings.data_dir}."
                " Stop it first, or set another DATA_DIR."
            ) from error
        yield
    finally:
        os.close(descriptor)
