"""A house that waits for nobody long: one specialist vanishes, and one family waits too long."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, ContextMaker, House, shoot
from tests.journeys.family import said_once
from tests.journeys.test_staff_pages import hold_to_standard
from tests.journeys.test_two_specialists import Duty
from tests.journeys.visitors import Visitor

pytestmark = pytest.mark.journey

# The worker looks every ten seconds for consoles that are gone for thirty.
GONE_MS = 75_000
# One minute in the queue, and the worker looks every ten seconds.
REMINDED_MS = 90_000
# A page that is back within twenty seconds was never closed.
LEFT_MS = 45_000
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


def test_who_waits_reads_a_place_and_how_long_it_may_take(
    hasty_house: House, contexts: ContextMaker
) -> None:
    """Once a few waits are over, the next families are told a range; it moves with their place."""
    ana = Duty(hasty_house, contexts).console("ana")
    # Enough for whoever gave up, here or in another test, to be few beside them.
    for number in range(12):
        taken = Visitor(hasty_house.url)
        taken.write(f"round {number} of waiting")
        taken.ask_for_a_person()
        ana.claim(f"round {number} of waiting")
        taken.leave()
    ahead = Visitor(hasty_house.url).ask_for_a_person()
    family = Duty(hasty_house, contexts).family("what is leukemia", PHONE)
    expect(family.page.get_by_text("You are number 2 in line.").first).to_be_visible()
    wait = re.compile(r"^(Up to|About) [1-9]\d*( to \d+)? minutes?$")
    expect(family.page.get_by_text(wait).first).to_be_visible()
    shoot(family.page, "place-and-wait")
    ahead.leave()
    expect(family.page.get_by_text("You are next in line.").first).to_be_visible()
    expect(family.page.get_by_text(wait).first).to_be_visible()


def test_a_wait_that_is_too_long_becomes_a_question(
    hasty_house: House, contexts: ContextMaker
) -> None:
    """The family is offered every way on, leaves all it typed, and a specialist works it."""
    duty = Duty(hasty_house, contexts)
    ana = duty.console("ana")
    family = duty.family("is a pump allowed on a train", PHONE)
    family.write("we leave on saturday")
    family.log.get_by_text("we have not forgotten you").wait_for(timeout=REMINDED_MS)
    for way in ("Keep waiting", "Ask the chatbot while I wait", "Go back to the chatbot"):
        expect(family.page.get_by_role("button", name=way).last).to_be_visible()
    family.box.fill("and come back on monday")
    family.page.get_by_role("button", name="contact me").last.click()
    expect(family.page.get_by_role("heading", name="Leave your question")).to_be_visible()
    hold_to_standard(family.page)
    topic = family.page.get_by_label("What would you like to talk about?")
    expect(topic).to_have_value("we leave on saturday\n\nand come back on monday")
    family.page.get_by_label("Your name").fill("Rosa")
    family.page.get_by_label("Phone number").fill("212 555 0147")
    family.page.get_by_role("button", name="Send request").click()
    expect(family.page.get_by_text("Your request is saved").first).to_be_visible()
    # What was left behind costs no place; who wants no more of the line says so.
    family.page.get_by_role("button", name="Back to the chat").first.click()
    expect(family.box).to_have_value("")
    family.page.get_by_role("button", name="Go back to the chatbot").last.click()
    family.sees("You have left the line for a person.")
    waiting = ana.page.get_by_label("Waiting for a person")
    expect(waiting.get_by_text("we leave on saturday")).to_have_count(0)

    page = ana.page
    page.get_by_role("link", name="Follow-up").click()
    page.get_by_role("link", name="Rosa", exact=True).click()
    wrote = page.get_by_role("region", name="What they wrote")
    expect(wrote).to_contain_text("we leave on saturday")
    expect(wrote).to_contain_text("and come back on monday")
    expect(page.get_by_role("main").get_by_text("Question", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take").click()
    page.get_by_label("What came of it").select_option(label="No answer")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_text("The attempt is noted.")).to_be_visible()
    page.get_by_label("How it ended").select_option(label="Reached them")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("link", name="Follow-up", exact=True).click()
    expect(page.get_by_role("link", name="Rosa", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Done", exact=True).click()
    expect(page.get_by_role("link", name="Rosa", exact=True)).to_be_visible()


def titled(count: int) -> re.Pattern[str]:
    """A title that counts what waits to be seen."""
    return re.compile(rf"^\({count}\) ")


def test_a_specialist_sees_that_a_family_closed_its_page(
    hasty_house: House, contexts: ContextMaker
) -> None:
    """In the list and beside the chat, until the family is back; then nothing is said of it."""
    duty = Duty(hasty_house, contexts)
    ana = duty.console("ana")
    family = duty.family("we close the page", PHONE)
    row = ana.page.get_by_role("link", name="we close the page")
    expect(row).to_be_visible()
    browser = family.page.context
    family.page.close()
    closed = "Page closed or asleep for"
    expect(row).to_contain_text(closed, timeout=LEFT_MS)
    ana.claim("we close the page")
    state = ana.page.locator("[data-talk] .state")
    expect(state).to_contain_text(closed)
    shoot(ana.page, "page-closed")
    hold_to_standard(ana.page)
    ana.page.set_viewport_size(PHONE)
    shoot(ana.page, "page-closed-phone")
    browser.new_page().goto(hasty_house.url)
    expect(state).not_to_contain_text(closed)
    ana.close()
