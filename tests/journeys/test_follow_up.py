"""A question left behind is answered in writing, through the real worker and a real mail server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, ContextMaker, House, house_with, shoot
from tests.journeys.family import Family, Specialist
from tests.journeys.test_staff_pages import hold_to_standard

pytestmark = pytest.mark.journey
PATIENCE_SECONDS = 60.0


class Mailbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.has_mail = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Keep a mail, under the name by which the server calls this."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.has_mail.set()
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    """What the mail server got."""
    return Mailbox()


@pytest.fixture
def mailing_house(mailbox: Mailbox) -> Iterator[House]:
    """A house with a mail server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="localhost")
    server.start()
    settings = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
    try:
        with house_with(
            SERVICE_HOURS="always", SMTP_FROM="desk@charity.example", **settings
        ) as opened:
            yield opened
    finally:
        server.stop()


def fits(page: Page) -> None:
    """Nothing on the page has to be scrolled to sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_left_question_is_answered_by_mail(
    mailing_house: House, mailbox: Mailbox, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """Left with nobody there; found, tried by phone, answered in writing, done once it is out."""
    family = Family(contexts.page(), mailing_house).open()
    family.write("i would like to talk to a person")
    family.log.get_by_role("button", name="contact me").last.click()
    family.page.get_by_label("Your name").fill("Maria")
    family.page.get_by_label("Phone number").fill("+52 55 1234 5678")
    family.page.get_by_label("Email").fill("maria@example.org")
    family.page.get_by_role("button", name="Send request").click()
    expect(family.page.get_by_text("Your request is saved").first).to_be_visible()

    page = Specialist(contexts.page(size), mailing_house).page
    page.goto(mailing_house.url + "/console/follow-up/")
    hold_to_standard(page)
    fits(page)
    page.get_by_role("link", name="Maria", exact=True).click()
    expect(page.get_by_role("link", name="+52 55 1234 5678")).to_be_visible()
    page.get_by_role("button", name="Take").click()
    page.get_by_label("What came of it").select_option(label="No answer")
    with page.expect_navigation():
        page.get_by_role("button", name="Note it").click()
    hold_to_standard(page)
    fits(page)
    page.get_by_label("Your answer").fill("Yes, you can reach us on Monday.")
    page.get_by_role("button", name="Send the e-mail").click()
    hold_to_standard(page)

    assert mailbox.has_mail.wait(PATIENCE_SECONDS), "the worker sent no mail"
    (mail,) = mailbox.mails
    assert mail["To"] == "maria@example.org"
    assert "Yes, you can reach us on Monday." in mail.get_content()
    assert "call 911 now" in " ".join(mail.get_content().split())
    page.goto(mailing_house.url + "/console/follow-up/?show=done")
    for _ in range(20):
        if page.get_by_text("Answered in writing").count():
            break
        page.reload()
    expect(page.get_by_text("Answered in writing")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Maria", exact=True).click()
    hold_to_standard(page)
    fits(page)
    page.goto(mailing_house.url + "/console/records/")
    hold_to_standard(page)
    fits(page)


def test_a_family_rates_the_chat_and_has_it_mailed(
    mailing_house: House, mailbox: Mailbox, contexts: ContextMaker
) -> None:
    """After the talk: the survey about bot and person apart, and the whole chat by e-mail."""
    family = Family(contexts.page(PHONE), mailing_house).open()
    family.write("what is the kmt2a gene change")
    family.sees("Where this comes from")
    specialist = Specialist(contexts.page(), mailing_house).choose_silence()
    family.ask_for_a_person()
    specialist.claim("what is the kmt2a gene change")
    specialist.reply("Hello, I can send you a booklet.")
    family.sees("Hello, I can send you a booklet.")
    specialist.close()

    page = family.page
    page.get_by_role("button", name="How did it go?").click()
    for party, answer in (("chatbot", "Somewhat"), ("specialist", "Extremely")):
        asked = page.get_by_role("group", name=f"How helpful was the {party}?")
        asked.get_by_text(answer).click()
    page.get_by_label("Anything you want to add?").fill("She was kind.")
    shoot(page, "survey")
    hold_to_standard(page)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Back to the chat").last.click()

    page.get_by_role("button", name="More options").click()
    page.get_by_role("button", name="Save this chat").click()
    address = page.get_by_label("Or have it sent to this email address")
    address.fill("maria")
    page.get_by_role("button", name="Send by email").click()
    expect(page.get_by_text("Check the email address.")).to_be_visible()
    address.fill("maria@example.org")
    page.get_by_role("button", name="Send by email").click()
    expect(page.get_by_text("It is on its way.")).to_be_visible()
    assert mailbox.has_mail.wait(PATIENCE_SECONDS), "the worker sent no mail"
    (mail,) = mailbox.mails
    assert mail["To"] == "maria@example.org"
    words = [
        " ".join(part.get_content().split())
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    ]
    for text in ("what is the kmt2a gene change", "Hello, I can send you a booklet."):
        assert any(text in each for each in words), text

    reviewer = contexts.page()
    reviewer.goto(mailing_house.url + "/review/")
    reviewer.get_by_label("Name").fill("reviewer")
    reviewer.get_by_label("Password").fill(mailing_house.passwords["reviewer"])
    reviewer.get_by_role("button", name="Sign in").click()
    reviewer.get_by_role("row").filter(has_text="kmt2a").get_by_role("link").click()
    expect(reviewer.get_by_text("bot: 3 of 5", exact=True)).to_be_visible()
    expect(reviewer.get_by_text("specialist: 5 of 5, “She was kind.”")).to_be_visible()
