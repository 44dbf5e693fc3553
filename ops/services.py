"""Finds what some tests need besides the two environments: servers, a browser, Node."""

import contextlib
import importlib
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from ops.settings import DESK_PROGRAMS, ROOT

# Tried in this order. The tests make and drop a database of their own on that server.
POSTGRESQL_ADDRESSES = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres",  # Over the socket, as whoever runs the tests.
)
REDIS_ADDRESS = (
    "redis://127.0.0.1:6379/15"  # The last of the usual 16: nobody keeps anything there.
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWER_SECONDS = 3


class Missing(Exception):
    """A service is not there; the text says what was tried."""


def find_postgresql() -> dict[str, str]:
    """Return TEST_DATABASE_URL for the first PostgreSQL server that lets us in."""
    given = os.environ.get("TEST_DATABASE_URL")
    driver = importlib.import_module("psycopg")  # In the desk's environment, where this runs.
    for address in (given,) if given else POSTGRESQL_ADDRESSES:
        try:
            driver.connect(address, connect_timeout=ANSWER_SECONDS).close()
        except driver.Error:
            continue
        return {"TEST_DATABASE_URL": address}
    raise Missing(
        "no PostgreSQL lets us in at 127.0.0.1:5432 or over its socket;"
        " TEST_DATABASE_URL names another"
    )


def find_redis() -> dict[str, str]:
    """Return TEST_REDIS_URL when a Redis server answers there."""
    address = os.environ.get("TEST_REDIS_URL") or REDIS_ADDRESS
    parts = urlsplit(address)
    try:
        with socket.create_connection(
            (parts.hostname or "127.0.0.1", parts.port or 6379), timeout=ANSWER_SECONDS
        ) as connection:
            connection.sendall(b"PING\r\n")
            answer = connection.recv(64)
    except OSError:
        answer = b""
    # A server with a password says NOAUTH, which is an answer too.
    if not answer.startswith((b"+PONG", b"-NOAUTH")):
        raise Missing("no Redis answers at 127.0.0.1:6379; TEST_REDIS_URL names another")
    return {"TEST_REDIS_URL": address}


def find_chromium() -> dict[str, str]:
    """Return CHROMIUM: the browser that is there, else Debian's for root, else Playwright's own."""
    path = _installed_chromium() or _debian_chromium() or _playwright_chromium()
    if path is None:
        raise Missing(
            "no Chromium, and none could be fetched: install one, or name its program in CHROMIUM"
        )
    return {"CHROMIUM": path}


def find_node() -> dict[str, str]:
    """Check for npm and a Node as new as the widget's package asks; only its tests run on it."""
    engines = json.loads((ROOT / "widget" / "package.json").read_text())["engines"]
    needed = int(engines["node"].removeprefix(">="))
    found = _node_version() if shutil.which("npm") else None
    if found is None or found[0] < needed:
        there = "no Node" if found is None else f"Node {'.'.join(map(str, found))} is too old"
        raise Missing(f"{there}: the widget's own tests need Node {needed} or newer with npm")
    return {}


FINDERS: dict[str, Callable[[], dict[str, str]]] = {
    "PostgreSQL": find_postgresql,
    "Redis": find_redis,
    "Chromium": find_chromium,
    "Node": find_node,
}


def _node_version() -> tuple[int, ...] | None:
    # A version manager's placeholder is on the path too, and runs nothing.
    program = shutil.which("node")
    said = program and subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False
    )
    version = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)\S*\s*", said.stdout) if said else None
    return tuple(map(int, version.groups())) if version else None


def _installed_chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _debian_chromium() -> str | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    print("Installing Debian's Chromium for the tests in a browser.", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
    return _installed_chromium()


def _playwright_chromium() -> str | None:
    if found := _fetched_chromium():
        return found
    print("Fetching Playwright's Chromium for the tests in a browser.", flush=True)
    with contextlib.suppress(OSError):  # No such program: then there is no browser either.
        # Unseen: where it fails it says so in a screenful, and the finder says it in a line.
        subprocess.run(
            [DESK_PROGRAMS / "playwright", "install", "chromium"], capture_output=True, check=False
        )
    return _fetched_chromium()


def _fetched_chromium() -> str | None:
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folder = Path(given) if given else Path.home() / ".cache" / "ms-playwright"
    programs = folder.glob("chromium-*/chrome-*/chrome")
    return max(map(str, programs), default=None)
