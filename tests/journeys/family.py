"""What a family and a specialist do in their browsers, in their words."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import House


class Family:
    """A family in front of the widget."""

    def __init__(self, page: Page, house: House) -> None:
        """Open the example page."""
        self.page = page
        self.house = house
        page.goto(house.url + "/")

    def open(self) -> Family:
        """Open the chat."""
        self.page.get_by_role("button", name="Chat with us").click()
        expect(self.box).to_be_visible()
        return self

    @property
    def box(self) -> Locator:
        """Where one types."""
        return self.page.get_by_label("Your message").or_(self.page.get_by_label("Write to")).first

    @property
    def log(self) -> Locator:
        """The messages."""
        return self.page.get_by_role("log")

    def write(self, text: str) -> None:
        """Type and send; agree first where that is asked for."""
        self.box.fill(text)
        agree = self.page.get_by_role("button", name="Agree and send")
        if agree.is_visible():
            agree.click()
        else:
            self.page.get_by_role("button", name="Send", exact=True).click()

    def sees(self, text: str) -> Locator:
        """Wait until a message shows the words."""
        shown = self.log.get_by_text(text).last
        expect(shown).to_be_visible()
        return shown


class Specialist:
    """A specialist in front of the console."""

    def __init__(self, page: Page, house: House, name: str = "specialist") -> None:
        """Sign in."""
        self.page = page
        page.goto(house.url + "/console/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(house.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    def claim(self, words: str) -> None:
        """Open the conversation that waits and last said these words, and claim it."""
        waiting = self.page.get_by_label("Waiting for a person").get_by_role("link")
        waiting.filter(has_text=words).first.click()
        self.page.get_by_role("button", name="Claim").click()
        expect(self.page.get_by_label("Your reply")).to_be_visible()

    def reply(self, text: str) -> None:
        """Write and send."""
        self.page.get_by_label("Your reply").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def sees(self, text: str) -> Locator:
        """Wait until the conversation shows the words."""
        shown = self.page.get_by_role("log").get_by_text(text).last
        expect(shown).to_be_visible()
        return shown
