"""A house that waits for nobody long: a specialist who vanishes and comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, ContextMaker, House, shoot
from tests.journeys.family import said_once
from tests.journeys.test_staff_pages import hold_to_standard
from tests.journeys.test_two_specialists import Duty

pytestmark = pytest.mark.journey

# The worker looks every ten seconds for consoles that are gone for thirty.
GONE_MS = 75_000
LISTEN = """() => {
    window.said = [];
    const live = document.querySelector("[data-announcer]");
    const note = () => { if (live.textContent) window.said.push(live.textContent); };
    new MutationObserver(note).observe(live, { childList: true });
}"""


def test_a_specialist_vanishes_and_comes_back(hasty_house: House, contexts: ContextMaker) -> None:
    """The family is told and keeps its place, a colleague is alerted, the first may reclaim."""
    duty = Duty(hasty_house, contexts)
    ana, ben = duty.console("ana"), duty.console("ben")
    first = duty.family("we came first")
    ana.claim("we came first")
    ana.reply("Tell me more.")
    first.sees("Tell me more.")
    second = duty.family("we came second", PHONE)
    expect(second.page.get_by_text("You are next in line.").first).to_be_visible()
    expect(ben.page).to_have_title(titled(1))
    ben.page.evaluate(LISTEN)
    browser = ana.page.context
    ana.page.close()

    first.page.get_by_role("log").get_by_text("had to step away").wait_for(timeout=GONE_MS)
    expect(first.page.get_by_text("You are next in line.").first).to_be_visible()
    expect(second.page.get_by_text("You are number 2 in line.").first).to_be_visible()
    rows = ben.page.get_by_label("Waiting for a person").get_by_role("link")
    expect(rows.first).to_contain_text("was with Ana")
    ben.page.wait_for_function("() => window.said.includes('A family is waiting for a person.')")
    expect(ben.page).to_have_title(titled(2))
    shoot(ben.page, "vanished-colleague")
    first.write("are you gone")

    back = browser.new_page()
    back.goto(hasty_house.url + "/console/")
    row = back.get_by_label("Asks for you").get_by_role("link", name="You were talking with")
    expect(row).to_contain_text("No. 1")
    row.click()
    expect(back.get_by_label("Yours before")).to_be_visible()
    hold_to_standard(back)
    back.get_by_role("button", name="Claim").click()
    back.get_by_label("Your reply").fill("Here again, sorry.")
    back.get_by_role("button", name="Send", exact=True).click()
    first.sees("Here again, sorry.")
    expect(second.page.get_by_text("You are next in line.").first).to_be_visible()
    expect(first.log.get_by_text("Ana has joined the chat")).to_have_count(2)
    expect(first.log.get_by_text("had to step away")).to_have_count(1)
    texts = ("we came first", "Tell me more.", "are you gone", "Here again, sorry.")
    said_once(first.log, *texts)
    said_once(back.get_by_role("log"), *texts)
    ben.claim("we came second")
    ben.close()


def titled(count: int) -> re.Pattern[str]:
    """A title that counts what waits to be seen."""
    return re.compile(rf"^\({count}\) ")
