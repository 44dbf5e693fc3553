"""The service closes in the middle of a chat, and a chat goes on where its link is opened."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, ContextMaker, House, shoot
from tests.journeys.family import Family, Specialist
from tests.journeys.test_staff_pages import hold_to_standard

pytestmark = pytest.mark.journey

# The open chat asks for the service's state every 30 seconds.
NEXT_LOOK_MS = 45_000
WORDS = "A storm has cut our phones. We are sorry."


def test_the_service_closes_mid_chat_and_nobody_is_cut(
    house: House, contexts: ContextMaker
) -> None:
    """Who talks goes on; who waits is taken; who asks now is offered a callback; then it opens."""
    specialist = Specialist(contexts.page(), house)
    admin = Specialist(contexts.page(), house, "admin").page
    talking = Family(contexts.page(PHONE), house).open()
    talking.write("we are on the ward tonight")
    talking.page.get_by_role("button", name="Talk to a person").first.click()
    talking.sees("in line")
    specialist.claim("we are on the ward tonight")
    talking.sees("has joined")
    waiting = Family(contexts.page(), house).open()
    waiting.write("we wait at home")
    waiting.page.get_by_role("button", name="Talk to a person").first.click()
    waiting.sees("in line")
    asking = Family(contexts.page(), house).open()
    asking.write("hello")
    expect(asking.page.get_by_text("specialists are here")).to_be_visible()

    admin.get_by_role("link", name="Service").click()
    hold_to_standard(admin)
    admin.get_by_label("Words for families").fill(WORDS)
    admin.get_by_role("button", name="Close now").click()
    expect(admin.get_by_text("Closed for new requests", exact=True)).to_be_visible()
    try:
        hold_to_standard(admin)
        shoot(admin, "service-closed")
        team = asking.page.get_by_text(WORDS).first
        expect(team).to_be_visible(timeout=NEXT_LOOK_MS)
        expect(asking.page.get_by_text("From our team:", exact=True)).to_be_visible()
        expect(asking.log.get_by_text(WORDS)).to_have_count(0)
        asking.page.get_by_role("button", name="Talk to a person").first.click()
        form = asking.page.get_by_role("heading", name="Have someone contact you")
        expect(form).to_be_visible()
        shoot(asking.page, "closed-at-once")

        specialist.reply("I am still with you.")
        talking.sees("I am still with you.")
        talking.write("thank you")
        specialist.sees("thank you")
        specialist.page.goto(house.url + "/console/")
        specialist.claim("we wait at home")
        waiting.sees("has joined")
    finally:
        admin.goto(house.url + "/console/service/")
        admin.get_by_role("button", name="Open again").click()
    expect(admin.get_by_text("The closing is lifted.")).to_be_visible()
    expect(team).to_be_hidden(timeout=NEXT_LOOK_MS)


def test_a_chat_goes_on_where_its_link_is_opened(house: House, contexts: ContextMaker) -> None:
    """On the phone all is there; the first device is out, and the link has done its work."""
    family = Family(contexts.page(), house).open()
    family.write("what is the kmt2a gene change")
    family.sees("Where this comes from")
    family.page.get_by_role("button", name="More options").click()
    family.page.get_by_role("button", name="Continue on another device").click()
    family.page.get_by_role("button", name="Make a link").click()
    link = family.page.get_by_label("Your link").input_value()
    family.page.get_by_role("button", name="Back to the chat").click()

    phone = contexts.page(PHONE)
    phone.goto(link)
    phone.get_by_role("button", name="Open my chat here").click()
    log = phone.get_by_role("log")
    expect(log.get_by_text("what is the kmt2a gene change", exact=True)).to_be_visible()
    shoot(phone, "resumed")
    expect(family.page.get_by_text("can no longer be opened here")).to_be_visible()

    other = contexts.page()
    other.goto(link)
    other.get_by_role("button", name="Open my chat here").click()
    expect(other.get_by_text("This link was used already")).to_be_visible()
    other.get_by_role("button", name="Start a new chat").click()
    expect(other.get_by_label("Your message")).to_be_focused()
