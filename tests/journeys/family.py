"""What a family and a specialist do in their browsers, in their words."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import House


def said_once(log: Locator, *texts: str) -> None:
    """Wait until a conversation shows each text, then hold it to once each, in this order."""
    for text in texts:
        expect(log.get_by_text(text, exact=True)).to_have_count(1)
    shown = log.inner_text()
    assert sorted(texts, key=shown.index) == list(texts), f"{texts} stand otherwise in {shown}"


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

    def ask_for_a_person(self) -> Family:
        """Press the button that is always there, and wait for the place in the queue.

        The same words as a choice under a message would be stored as what the family said last.
        """
        self.page.get_by_role("button", name="Talk to a person").last.click()
        self.sees("in line")
        return self

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

    @property
    def log(self) -> Locator:
        """The messages of the conversation that is open."""
        return self.page.get_by_role("log")

    def choose_silence(self) -> Specialist:
        """Answer the question that every sign-in asks: no sound."""
        self.page.get_by_role("button", name="No sound").click()
        expect(self.page.locator("[data-sound-panel]")).to_have_count(0)
        return self

    def open_waiting(self, words: str) -> None:
        """Open the conversation that waits and last said these words."""
        waiting = self.page.get_by_label("Waiting for a person").get_by_role("link")
        waiting.filter(has_text=words).first.click()
        expect(self.page.get_by_role("button", name="Claim")).to_be_visible()

    def claim(self, words: str) -> None:
        """Open the conversation that waits and last said these words, and claim it."""
        self.open_waiting(words)
        self.page.get_by_role("button", name="Claim").click()
        # Who has worked through other journeys before may hold as many as they take.
        anyway = self.page.get_by_role("button", name="Claim it all the same")
        box = self.page.get_by_label("Your reply")
        expect(box.or_(anyway)).to_be_visible()
        if anyway.is_visible():
            anyway.click()
        expect(box).to_be_visible()

    def reply(self, text: str) -> None:
        """Write and send."""
        self.page.get_by_label("Your reply").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def sees(self, text: str) -> Locator:
        """Wait until the conversation shows the words."""
        shown = self.log.get_by_text(text).last
        expect(shown).to_be_visible()
        return shown

    def close(self) -> None:
        """End the conversation that is open; its record is left for later."""
        self.page.get_by_role("link", name="Close", exact=True).click()
        self.page.get_by_role("button", name="Close now, record later").click()
        expect(self.page.get_by_text("The conversation is closed.")).to_be_visible()
