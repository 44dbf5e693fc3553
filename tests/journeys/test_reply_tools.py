"""A specialist finds an approved answer and a template, and puts both into a reply."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import ContextMaker, House, shoot
from tests.journeys.family import Family, Specialist

pytestmark = pytest.mark.journey

_COUNT_WRITES = """it => {
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  it.writes = 0;
  Object.defineProperty(it, "value", { get, set(text) { it.writes += 1; set.call(it, text); } });
}"""


def test_an_answer_and_a_template_are_put_into_a_reply(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """Found by keyboard, kept through a reload, not sent with an open blank, sent once filled."""
    specialist = Specialist(contexts.page(size), house)
    family = Family(contexts.page(), house).open()
    question = f"what is a port {size['width']}"
    family.write(question)
    family.page.get_by_role("button", name="Talk to a person").first.click()
    family.sees("in line")
    specialist.claim(question)
    page = specialist.page
    box = page.get_by_label("Your reply")

    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    search = page.get_by_label("Find an approved answer")
    expect(search).to_be_focused()
    search.press_sequentially("pump alarm")
    page.get_by_role("button", name="Put in: ").first.click()
    expect(box).to_have_value(re.compile("Where this comes from:"))
    expect(
        page.get_by_role("list", name="Put into this reply").get_by_role("listitem")
    ).to_have_count(1)

    chips = page.get_by_role("list", name="Put into this reply").get_by_role("listitem")
    expect(chips).to_have_count(1)
    expect(search).to_be_hidden()
    page.get_by_text("Answers, templates, services").click()
    page.get_by_text("Opening").click()
    page.get_by_role("button", name="Put in: Hello, and what you can do").click()
    expect(chips).to_have_count(2)
    shoot(page, f"reply-tools-{size['width']}")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Fill in or remove [[your first name]]")).to_be_visible()

    page.reload()
    expect(chips).to_have_count(2)
    box = page.get_by_label("Your reply")
    box.fill(box.input_value().replace("[[your first name]]", "Ana"))
    page.get_by_role("button", name="Send", exact=True).click()
    family.sees("I'm Ana, an information specialist.")
    expect(box).to_have_value("")
    expect(chips).to_have_count(0)

    # Approved for the bot: its last sentence names a button that is not there now.
    unfit = page.get_by_text("A sentence names a button of the chatbot")
    page.get_by_text("Answers, templates, services").click()
    search.fill("learning after treatment")
    page.get_by_role("button", name="Put in: Learning and development").click()
    expect(unfit).to_be_visible()
    chosen = box.evaluate("it => it.value.slice(it.selectionStart, it.selectionEnd)")
    assert chosen == 'If this worries you, tap "Talk to a person".'
    assert box.evaluate("it => it.scrollTop") > 0, "the marked sentence is out of sight"
    expect(box).to_be_in_viewport(ratio=0.99)
    shoot(page, f"bot-button-{size['width']}")
    page.reload()
    expect(unfit).to_be_visible()
    box.fill(box.input_value().replace('If this worries you, tap "Talk to a person".', ""))
    expect(unfit).to_be_hidden()

    # From blank to blank nothing is written into the box: some browsers could undo nothing then.
    box.fill("Day [[one]] or [[two]]")
    box.evaluate("it => it.setSelectionRange(4, 11)")
    box.evaluate(_COUNT_WRITES)
    page.keyboard.press("Tab")
    chosen = box.evaluate("it => it.value.slice(it.selectionStart, it.selectionEnd)")
    assert chosen == "[[two]]"
    assert box.evaluate("it => it.writes") == 0
