"""A family alone with the bot: a question, an emergency, a bot that dies, erasure."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
import uuid

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import ContextMaker, House, shoot
from tests.journeys.family import Family

pytestmark = pytest.mark.journey

# Each may mean several entries; a better model may come to know one of them, hardly all.
UNCLEAR = ["vaccines for the family and him", "what about the survival", "the line", "blood"]


def test_a_question_about_the_study_gets_the_figure_and_its_source(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """From the page to the 82 % and to where it comes from, with the notice on review."""
    family = Family(contexts.page(size), house).open()
    family.write("what did the study find?")
    family.sees("82%")
    expect(family.log.get_by_text("Pending clinical review").last).to_be_visible()
    family.log.get_by_text("Where this comes from").last.click()
    expect(family.log.get_by_role("link").first).to_be_visible()
    shoot(family.page, f"answer-{size['width']}")


def test_an_unclear_question_is_answered_with_choices(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """Where two or three entries may be meant, the family chooses and gets that one."""
    family = Family(contexts.page(size), house).open()
    choices = family.log.get_by_role("group", name="Choose one").get_by_role("button")
    for said, text in enumerate(UNCLEAR, start=1):
        family.write(text)
        expect(family.log.get_by_text("Chatbot", exact=True)).to_have_count(1 + said)
        if choices.count():
            break
    expect(choices.first).to_be_visible()
    title = choices.first.inner_text()
    choices.first.click()
    family.sees(title)
    shoot(family.page, f"clarify-{size['width']}")
    expect(family.log.get_by_text("Pending clinical review").last).to_be_visible()


def test_an_emergency_is_answered_first_and_at_once(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """The number stands first and can be tapped."""
    family = Family(contexts.page(size), house).open()
    family.write("my baby is blue around the mouth and isnt breathing")
    family.sees("911")
    expect(family.log.get_by_role("link", name="911").last).to_have_attribute("href", "tel:911")
    shoot(family.page, f"emergency-{size['width']}")


def test_a_bot_killed_in_mid_chat_comes_back_and_nothing_is_lost(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """While it is away the family hears so and is offered a person; then it answers again."""
    family = Family(contexts.page(size), house).open()
    family.write("what is blinatumomab")
    family.sees("immunotherapy")
    before = house.pid("bot")
    os.kill(before, signal.SIGKILL)
    family.write("and what is remission")
    family.sees("Something on our side is not working")
    expect(family.log.get_by_role("button", name="Talk to a person").last).to_be_visible()
    _wait_for_bot(house, before)
    family.write("how long does treatment last")
    family.sees("2 years")
    expect(family.log.get_by_text("and what is remission")).to_have_count(1)


def _wait_for_bot(house: House, before: int) -> None:
    import json
    import urllib.request

    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with urllib.request.urlopen(house.url + "/readyz") as answer:
            if json.loads(answer.read())["bot"] == "ok" and house.pid("bot") != before:
                return
        time.sleep(0.5)
    pytest.fail("the bot did not come back within 90 seconds")


def test_a_family_erases_its_chat(
    house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """After it, no word of the family is in the database."""
    secret = f"platypus{uuid.uuid4().hex[:8]}"
    family = Family(contexts.page(size), house).open()
    family.write(f"my sister says {secret}, what is a port")
    family.sees(secret)
    # The page shows one's words before the desk has them; a reply shows that it does.
    expect(family.log.get_by_text("Chatbot", exact=True)).to_have_count(2)
    assert _stored(house, secret)
    family.page.get_by_role("button", name="More options").click()
    family.page.get_by_role("button", name="Delete my chat").click()
    family.page.get_by_role("button", name="Delete for good").click()
    expect(family.page.get_by_text("Your chat has been deleted.").last).to_be_visible()
    assert not _stored(house, secret)


def _stored(house: House, word: str) -> bool:
    """Whether any text column of the database holds the word."""
    file = next(house.data_dir.glob("*.sqlite3"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        tables = [
            row[0] for row in database.execute("select name from sqlite_master where type='table'")
        ]
        return any(
            word in str(row)
            for table in tables
            for row in database.execute(f'select * from "{table}"')
        )
