"""What staff see: every page usable by everybody, and an open page that loses nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ContextMaker, House
from tests.journeys.family import Family, Specialist

pytestmark = pytest.mark.journey

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOSE_NEXT_BODY = """() => {
    const whole = Response.prototype.text;
    Response.prototype.text = function () {
        Response.prototype.text = whole;
        return Promise.reject(new TypeError("cut off"));
    };
}"""


SLOW_REPLY = """() => {
    const quick = window.fetch;
    window.fetch = async (url, options) => {
        if (String(url).endsWith("/reply")) await new Promise((done) => setTimeout(done, 1000));
        return quick(url, options);
    };
}"""


UNFOLD = """() => {
    for (const each of document.querySelectorAll("details:not([open])")) {
        each.dataset.folded = "yes";
        each.open = true;
    }
}"""
FOLD = """() => {
    for (const each of document.querySelectorAll("details[data-folded]")) {
        delete each.dataset.folded;
        each.open = false;
    }
}"""


def hold_to_standard(page: Page) -> None:
    """Run axe on the page with everything folded open, then leave it as it was."""
    page.evaluate(
        """() => document.querySelectorAll("details:not([open])").forEach((it) => {
            it.open = true;
            it.dataset.wasFolded = "yes";
        })"""
    )
    options = {"runOnly": {"type": "tag", "values": STANDARD}}
    found = Axe().run(page, options=options)
    page.evaluate(FOLD)
    page.evaluate(
        """() => document.querySelectorAll("[data-was-folded]").forEach((it) => {
            it.open = false;
            delete it.dataset.wasFolded;
        })"""
    )
    said = [(rule["id"], rule["nodes"][0]["html"]) for rule in found.response["violations"]]
    assert not said, f"{page.url}: {said}"


def test_every_page_of_console_and_review_is_accessible(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """WCAG 2.2 A and AA and good practice, by axe, at both sizes, filled and refused pages too."""
    page = contexts.page(size)
    page.goto(house.url + "/console/")
    hold_to_standard(page)
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("do not fit together")).to_be_visible()
    hold_to_standard(page)

    specialist = Specialist(page, house)
    urgent = Family(contexts.page(), house).open()
    urgent.write("my baby is blue and isnt breathing")
    urgent.sees("Please act now")
    family = Family(contexts.page(), house).open()
    family.write("what did the study find?")
    family.sees("82%")
    family.page.get_by_role("button", name="Talk to a person").last.click()
    family.sees("in line")
    expect(page.get_by_label("Waiting for a person").get_by_role("link").first).to_be_visible()
    hold_to_standard(page)
    specialist.claim("what did the study find?")
    page.get_by_label("Add a note").fill("Asked about the study.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Asked about the study.")).to_be_visible()
    hold_to_standard(page)
    page.get_by_role("link", name="Close", exact=True).click()
    hold_to_standard(page)
    page.get_by_role("button", name="Close now, record later").click()
    for path in (
        "/console/service/",
        "/console/follow-up/",
        "/console/records/",
        "/console/entries/?text=nosebleed",
        "/review/",
        "/zzz",
    ):
        page.goto(house.url + path)
        hold_to_standard(page)

    admin = Specialist(contexts.page(size), house, "admin").page
    for path in ("/console/", "/console/entries/?text=nosebleed", "/review/"):
        admin.goto(house.url + path)
        hold_to_standard(admin)
    admin.get_by_role("table").get_by_role("link").first.click()
    expect(admin.get_by_role("link", name="All transcripts")).to_be_visible()
    hold_to_standard(admin)


def test_an_open_page_loses_nothing_in_a_bad_line(house: House, contexts: ContextMaker) -> None:
    """An answer cut off in the middle is fetched again; words typed during a send stay."""
    specialist = Specialist(contexts.page(), house)
    family = Family(contexts.page(), house).open()
    family.write("our baby was diagnosed last week")
    family.page.get_by_role("button", name="Talk to a person").last.click()
    family.sees("in line")
    specialist.claim("our baby was diagnosed last week")

    specialist.page.evaluate(LOSE_NEXT_BODY)
    family.write("can you read this")
    specialist.sees("can you read this")

    box = specialist.page.get_by_label("Your reply")
    specialist.page.evaluate(SLOW_REPLY)
    specialist.reply("I can.")
    box.press_sequentially(" And more")
    family.sees("I can.")
    expect(box).to_have_value("And more")
    specialist.page.get_by_role("link", name="Close", exact=True).click()
    specialist.page.get_by_role("button", name="Close now, record later").click()
