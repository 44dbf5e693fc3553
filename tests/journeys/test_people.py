"""A family and a specialist in two browsers, and a family when nobody is there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import ContextMaker, House, shoot
from tests.journeys.family import Family, Specialist

pytestmark = pytest.mark.journey


def test_a_family_reaches_a_specialist_and_both_talk(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """Both directions, with the family's page reloaded in the middle: nothing lost or doubled."""
    specialist = Specialist(contexts.page(), house)
    family = Family(contexts.page(size), house).open()
    family.write("our baby was diagnosed last week")
    family.page.get_by_role("button", name="Talk to a person").first.click()
    family.sees("in line")

    specialist.claim("our baby was diagnosed last week")
    specialist.sees("our baby was diagnosed last week")
    family.sees("has joined")
    specialist.reply("Hello, I am here with you.")
    family.sees("Hello, I am here with you.")
    # The box is empty once the desk has said so, which may be later than the family sees it.
    expect(specialist.page.get_by_label("Your reply")).to_have_value("")
    family.write("can we ask about going home")
    specialist.sees("can we ask about going home")

    family.page.reload()
    # A chat that was open in this tab opens again by itself, once it has asked the desk.
    expect(family.box).to_be_visible()
    specialist.reply("Yes, tell me more.")
    family.sees("Yes, tell me more.")
    shoot(specialist.page, f"console-{size['width']}")
    shoot(family.page, f"with-specialist-{size['width']}")
    for words in (
        "our baby was diagnosed last week",
        "Hello, I am here with you.",
        "can we ask about going home",
        "Yes, tell me more.",
    ):
        expect(family.log.get_by_text(words, exact=True)).to_have_count(1)
        expect(specialist.page.get_by_role("log").get_by_text(words, exact=True)).to_have_count(1)

    # From the keyboard alone: three lists by their first letters, then Enter on the first tick.
    specialist.page.get_by_role("link", name="Close", exact=True).press("Enter")
    expect(specialist.page.get_by_label("Purpose")).to_be_focused()
    for first_letters in ("Some", "Fat", "None"):
        specialist.page.keyboard.type(first_letters)
        specialist.page.keyboard.press("Tab")
    specialist.page.keyboard.press("Enter")
    expect(specialist.page.get_by_text("The conversation is closed and recorded.")).to_be_visible()
    expect(family.page.get_by_text("This chat has ended").first).to_be_visible()


def test_a_reviewer_reads_what_was_said(house: House, contexts: ContextMaker) -> None:
    """The transcript stands in the review with the record of the turn."""
    family = Family(contexts.page(), house).open()
    family.write("what is the kmt2a gene change")
    expect(family.log.get_by_text("Pending clinical review").last).to_be_visible()
    page = contexts.page()
    page.goto(house.url + "/review/?search=kmt2a+gene+change")
    page.get_by_label("Name").fill("reviewer")
    page.get_by_label("Password").fill(house.passwords["reviewer"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("what is the kmt2a gene change").first).to_be_visible()
    page.get_by_text("Record of #3").click()
    expect(page.get_by_role("cell", name="ask/kmt2a-what").first).to_be_visible()
    shoot(page, "review")


def test_an_admin_withdraws_an_answer_at_once(house: House, contexts: ContextMaker) -> None:
    """The next family that asks gets the fallback, and after restoring the answer again."""
    admin = Specialist(contexts.page(), house, "admin").page
    admin.goto(house.url + "/console/entries/?text=nosebleed")
    admin.get_by_text("What to do for a nosebleed").click()
    admin.get_by_role("button", name="Withdraw at once").first.click()
    expect(admin.get_by_text("nosebleed is withdrawn.")).to_be_visible()
    family = Family(contexts.page(), house).open()
    family.write("what should i do for a nosebleed")
    family.sees("what should i do for a nosebleed")
    expect(family.log.get_by_role("button", name="Talk to a person").last).to_be_visible()
    expect(family.log.get_by_text("Where this comes from")).to_have_count(0)
    admin.goto(house.url + "/console/entries/?text=nosebleed")
    admin.get_by_text("What to do for a nosebleed").click()
    admin.get_by_role("button", name="Put back into use").click()
    family.write("what do you do for a nosebleed")
    expect(family.log.get_by_text("Where this comes from").last).to_be_visible()


def test_out_of_hours_a_callback_is_offered_and_kept(
    closed_house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """Nobody is there: the family leaves a number, and a specialist finds it."""
    family = Family(contexts.page(size), closed_house).open()
    family.write("i would like to talk to a person")
    offer = family.log.get_by_role("button", name="contact me").last
    expect(offer).to_be_visible()
    shoot(family.page, f"callback-offer-{size['width']}")
    offer.click()
    page = family.page
    page.get_by_label("Your name").fill("Maria")
    page.get_by_label("Phone number").fill("212 555 0147")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_text("Your request is saved").first).to_be_visible()
    specialist = Specialist(contexts.page(), closed_house)
    specialist.page.get_by_role("link", name="Follow-up").click()
    specialist.page.get_by_role("link", name="Maria").click()
    expect(specialist.page.get_by_role("link", name="(212) 555-0147")).to_be_visible()
    specialist.page.get_by_role("button", name="Take").click()
    specialist.page.get_by_label("What came of it").select_option(label="No answer")
    specialist.page.get_by_role("button", name="Note it").click()
    specialist.page.get_by_label("How it ended").select_option(label="Reached them")
    specialist.page.get_by_role("button", name="Done").click()
    specialist.page.get_by_role("link", name="Follow-up", exact=True).click()
    expect(specialist.page.get_by_text("No family is waiting for a callback")).to_be_visible()
