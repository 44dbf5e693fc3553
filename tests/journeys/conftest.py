"""A whole house of its own, and browsers in front of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from ops.trial import OpenHouse, open_house

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "reports" / "journeys"
# No sandbox: tests run as root in CI. The rest keeps the browser from calling its maker.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
_END_ALL = """
from conversations.models import Conversation
from conversations.services import close_conversation
for each in Conversation.objects.exclude(control="closed"):
    close_conversation(each.pk, by="idle")
"""


@dataclass(frozen=True)
class House:
    """A running house and the passwords of its first staff accounts."""

    opened: OpenHouse
    passwords: dict[str, str]

    @property
    def url(self) -> str:
        """Address of the desk."""
        return self.opened.url

    def take_on(self, **roles: str) -> None:
        """Make a staff account of each name with its role, unless this house has it."""
        for name, role in roles.items():
            if name not in self.passwords:
                printed = self.opened.manage("staff", name, role)
                self.passwords[name] = printed.strip().rpartition(": ")[2]

    @property
    def data_dir(self) -> Path:
        """Where it keeps its database and its log."""
        return self.opened.run_dir.parent

    def pid(self, part: str) -> int:
        """Process number of bot, actions, desk or worker."""
        return int((self.opened.run_dir / f"{part}.pid").read_text())


@contextmanager
def house_with(**settings: str) -> Iterator[House]:
    """Open a house with settings of its own."""
    with open_house(**settings) as opened:
        yield House(opened, _first_passwords(opened.run_dir.parent / "house.log"))


def _first_passwords(log: Path) -> dict[str, str]:
    found = dict(re.findall(r"staff account (\w+): (\S+)", log.read_text()))
    assert set(found) == {"admin", "specialist", "reviewer"}, "the house printed no passwords"
    return found


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The house that most journeys share; people can be reached at any hour."""
    with house_with(SERVICE_HOURS="always") as opened:
        yield opened


@pytest.fixture(scope="session")
def closed_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose hours never come: a small organisation file without any opening."""
    file = tmp_path_factory.mktemp("organisation") / "organisation.yml"
    text = (ROOT / "knowledge" / "organisation.yml").read_text("utf-8")
    days = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    # One short opening a week, never on the day of the test, so that a next opening exists.
    closed = re.sub(rf"(?m)^(\s+)({days}):.*$", r"\1\2: []", text)
    far = _weekday_in(3)
    closed = re.sub(rf"(?m)^(\s+){far}: \[\]$", rf"\1{far}: ['09:00-10:00']", closed)
    file.write_text(closed, "utf-8")
    with house_with(SERVICE_HOURS="organisation", ORGANISATION_FILE=str(file)) as opened:
        yield opened


@pytest.fixture(scope="session")
def reading_house() -> Iterator[House]:
    """A house in which a colleague reads each reply first."""
    with house_with(SERVICE_HOURS="always", SECOND_READER="on") as opened:
        yield opened


@pytest.fixture(scope="session")
def hasty_house_of_all() -> Iterator[House]:
    """The hasty house, with whatever the journeys before have left in it."""
    with house_with(
        SERVICE_HOURS="always", VANISHED_SECONDS="30", QUEUE_REMINDER_MINUTES="1"
    ) as opened:
        yield opened


@pytest.fixture
def hasty_house(hasty_house_of_all: House) -> House:
    """A house that waits for nobody long, its line empty: the shortest times its settings allow.

    What an earlier journey left in line, or with a specialist who is gone soon, would take the
    first place in it.
    """
    hasty_house_of_all.opened.manage("shell", "--command", _END_ALL)
    return hasty_house_of_all


def _weekday_in(days: int) -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime.now(UTC) + timedelta(days=days):%A}".lower()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium that was found on this machine, else Playwright's own."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
    yield chromium
    chromium.close()


@contextmanager
def context_of(browser: Browser, size: dict[str, int]) -> Iterator[BrowserContext]:
    """A browser of somebody new; fails when a page had an error or asked elsewhere."""
    context = browser.new_context(viewport=size, locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    troubles: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: troubles.append(f"error on a page: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
                else troubles.append(f"asked elsewhere: {request.url}")
            ),
        )
        page.on(
            "console",
            lambda message: (
                troubles.append(f"refused by policy: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )

    context.on("page", watch)
    try:
        yield context
    finally:
        context.close()
    assert not troubles, troubles


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    """Both sizes a family may have."""
    return DESKTOP if request.param == "desktop" else PHONE


@pytest.fixture
def contexts(browser: Browser) -> Iterator[ContextMaker]:
    """Makes browsers of somebody new; closed after the test."""
    with ExitStack() as stack:
        yield ContextMaker(browser, stack)


class ContextMaker:
    """Hands out pages, each in a browser of its own."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self._browser = browser
        self._stack = stack

    def page(self, size: dict[str, int] = DESKTOP) -> Page:
        """A page of somebody new."""
        return self._stack.enter_context(context_of(self._browser, size)).new_page()


def shoot(page: Page, name: str) -> None:
    """Save what the page shows now as an artefact."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
