"""Two specialists and a family: who has the conversation, and what the family hears of it."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, PHONE, ContextMaker, House, shoot
from tests.journeys.family import Family, Specialist, said_once
from tests.journeys.test_staff_pages import hold_to_standard

pytestmark = pytest.mark.journey

# Long enough to reach both pages, so that both press in the same instant.
RACE_SECONDS = 2
PRESS_AT = """([selector, at]) => {
    const button = document.querySelector(selector);
    setTimeout(() => { window.pressed = button.isConnected; button.click(); }, at - Date.now());
}"""


class Duty:
    """Signs in whoever is on duty in a house, each in a browser of their own."""

    def __init__(self, house: House, contexts: ContextMaker) -> None:
        """Make the accounts, unless the house has them."""
        self.house = house
        self.contexts = contexts
        house.take_on(ana="specialist", ben="specialist", sam="supervisor")

    def console(self, name: str) -> Specialist:
        """The console of one of them."""
        return Specialist(self.contexts.page(), self.house, name).choose_silence()

    def family(self, words: str, size: dict[str, int] = DESKTOP) -> Family:
        """A family that has written these words, been answered by the bot, and waits."""
        family = Family(self.contexts.page(size), self.house).open()
        family.write(words)
        return family.ask_for_a_person()


def test_of_two_who_claim_at_once_one_has_it(house: House, contexts: ContextMaker) -> None:
    """The other reads who was quicker; the family hears of one person."""
    duty = Duty(house, contexts)
    consoles = {name.title(): duty.console(name) for name in ("ana", "ben")}
    family = duty.family("we both want to help here", PHONE)
    for console in consoles.values():
        console.open_waiting("we both want to help here")
    at = (time.time() + RACE_SECONDS) * 1000
    for console in consoles.values():
        console.page.evaluate(PRESS_AT, ["[data-act=claim] button", at])
    family.sees("has joined")
    for console in consoles.values():
        console.page.wait_for_function("() => window.pressed !== undefined")
        assert console.page.evaluate("window.pressed"), "the button was gone before the race"
        expect(console.page.get_by_role("button", name="Claim")).to_have_count(0)
    winners = [name for name, each in consoles.items() if each.page.locator("#text").count()]
    assert len(winners) == 1
    winner = consoles.pop(winners[0])
    (loser,) = consoles.values()
    main = loser.page.get_by_role("main")
    expect(main.get_by_text(f"{winners[0]} is in control")).to_be_visible()
    expect(loser.page.get_by_text("A colleague has taken this conversation.")).to_be_visible()
    shoot(loser.page, "claimed-by-a-colleague")

    winner.reply("It is me who helps.")
    family.sees("It is me who helps.")
    family.write("good to know")
    texts = ("we both want to help here", "It is me who helps.", "good to know")
    said_once(family.log, *texts)
    for console in (winner, loser):
        said_once(console.log, *texts)
    expect(family.log.get_by_text("has joined the chat")).to_have_count(1)
    expect(family.log.get_by_text(f"{winners[0]} has joined the chat")).to_have_count(1)
    winner.close()


def test_a_family_hears_only_of_who_accepts(house: House, contexts: ContextMaker) -> None:
    """Declined with a note by one, accepted by another; notes stay among colleagues."""
    duty = Duty(house, contexts)
    ana, ben, sam = duty.console("ana"), duty.console("ben"), duty.console("sam")
    family = duty.family("who knows about travel costs")
    ana.claim("who knows about travel costs")
    ana.reply("I ask a colleague.")
    family.sees("I ask a colleague.")
    offer(ana, "Ben", "Mother is worn out, grants?")
    ben.page.get_by_label("Asks for you").get_by_role("link", name="Ana offers you").click()
    expect(ben.page.get_by_text("Mother is worn out, grants?").first).to_be_visible()
    family.write("are you still there")
    ana.sees("are you still there")
    ben.page.get_by_label("Why not").fill("On the phone until four")
    ben.page.get_by_role("button", name="Decline").click()
    told = ana.page.get_by_label("Your offer")
    expect(told).to_contain_text("Ben declined your offer.")
    expect(told).to_contain_text("On the phone until four")
    hold_to_standard(ana.page)
    ana.reply("I am, one moment.")
    family.sees("I am, one moment.")

    offer(ana, "Sam", "Please take the grants question")
    sam.page.get_by_label("Asks for you").get_by_role("link", name="Ana offers you").click()
    sam.page.get_by_role("button", name="Accept").click()
    expect(sam.page.get_by_label("Your reply")).to_be_visible()
    family.sees("Sam is with you from here on")
    sam.reply("I know about grants.")
    family.sees("I know about grants.")
    family.page.reload()
    texts = (
        "who knows about travel costs",
        "I ask a colleague.",
        "are you still there",
        "I am, one moment.",
        "I know about grants.",
    )
    said_once(family.log, *texts)
    for console in (ana, sam):
        said_once(console.log, *texts)
    heard = family.log.inner_text()
    for private in ("Ben", "worn out", "until four", "grants question"):
        assert private not in heard
    sam.close()


def offer(giver: Specialist, to: str, note: str) -> None:
    """Offer the open conversation to a colleague."""
    giver.page.get_by_role("link", name="Transfer").click()
    sheet = giver.page.get_by_role("dialog")
    sheet.get_by_text(to, exact=True).click()
    sheet.get_by_label("What they should know").fill(note)
    sheet.get_by_role("button", name="Offer it").click()
    expect(giver.page.get_by_text("You are in control until they accept")).to_be_visible()


def test_a_family_given_back_is_answered_by_the_bot(house: House, contexts: ContextMaker) -> None:
    """A line says so, the bot answers, and a person can be asked for again."""
    duty = Duty(house, contexts)
    ana = duty.console("ana")
    family = duty.family("what is blinatumomab then", PHONE)
    ana.claim("what is blinatumomab then")
    ana.reply("The chatbot can take it from here.")
    family.sees("The chatbot can take it from here.")
    ana.page.locator("summary", has_text="Give back").click()
    ana.page.get_by_role("button", name="Back to the bot").click()
    family.sees("You are with the chatbot again")
    shoot(family.page, "back-with-the-bot")
    family.write("how long does treatment last")
    family.sees("2 years")
    family.ask_for_a_person()
    expect(family.log.get_by_text("You are in line")).to_have_count(2)
    ana.claim("how long does treatment last")
    ana.reply("Here I am again.")
    family.sees("Here I am again.")
    texts = (
        "what is blinatumomab then",
        "The chatbot can take it from here.",
        "how long does treatment last",
        "Here I am again.",
    )
    said_once(family.log, *texts)
    said_once(ana.log, *texts)
    ana.close()


def test_a_supervisor_advises_then_steps_in(house: House, contexts: ContextMaker) -> None:
    """The family never sees the advice, and is told once who is with it from then on."""
    duty = Duty(house, contexts)
    ana, sam = duty.console("ana"), duty.console("sam")
    family = duty.family("will she be well again one day")
    ana.claim("will she be well again one day")
    sam.page.get_by_role("link", name="Supervise").click()
    sam.page.get_by_role("row").filter(has_text="will she be well again one day").get_by_role(
        "link"
    ).click()
    sam.page.get_by_label("Add a note").fill("Offer the nurse line.")
    sam.page.get_by_role("button", name="Advise Ana privately").click()
    expect(ana.page.get_by_text("Offer the nurse line.")).to_be_visible()
    ana.reply("A nurse can call you.")
    family.sees("A nurse can call you.")
    sam.page.get_by_role("button", name="Step in").click()
    family.sees("Sam is with you from here on")
    sam.reply("I arrange the call now.")
    family.sees("I arrange the call now.")
    expect(ana.page.get_by_role("main").get_by_text("Sam is in control")).to_be_visible()
    texts = ("will she be well again one day", "A nurse can call you.", "I arrange the call now.")
    family.page.reload()
    for log in (family.log, ana.log, sam.log):
        said_once(log, *texts)
    assert "nurse line" not in family.log.inner_text()
    expect(family.log.get_by_text("from here on")).to_have_count(1)
    sam.close()


def test_a_reply_older_than_the_last_message_waits(house: House, contexts: ContextMaker) -> None:
    """It is held with the newer message marked, and sent by a second press, once."""
    duty = Duty(house, contexts)
    ana = duty.console("ana")
    family = duty.family("can we go home on friday")
    ana.claim("can we go home on friday")
    box = ana.page.get_by_label("Your reply")
    box.press_sequentially("Yes, on Friday")
    family.write("wait, she has a fever now")
    ana.sees("she has a fever now")
    box.press_sequentially(" at ten.")
    ana.page.get_by_role("button", name="Send", exact=True).click()
    guard = ana.page.get_by_role("alert").filter(has_text="New message above")
    expect(guard).to_be_visible()
    expect(ana.page.locator(".message.newer")).to_contain_text("she has a fever now")
    expect(family.log.get_by_text("Yes, on Friday at ten.")).to_have_count(0)
    guard.get_by_role("button", name="Send anyway").click()
    family.sees("Yes, on Friday at ten.")
    expect(box).to_have_value("")
    texts = ("can we go home on friday", "wait, she has a fever now", "Yes, on Friday at ten.")
    said_once(family.log, *texts)
    said_once(ana.log, *texts)
    ana.close()


def test_a_callback_is_worked_to_its_end_by_two(
    closed_house: House, contexts: ContextMaker
) -> None:
    """Asked after hours; taken, tried, handed over, reached, done; no note reaches the family."""
    duty = Duty(closed_house, contexts)
    ana, ben = duty.console("ana"), duty.console("ben")
    family = Family(contexts.page(PHONE), closed_house).open()
    family.write("please let a person call us about the trial")
    family.log.get_by_role("button", name="contact me").last.click()
    page = family.page
    page.get_by_label("Your name").fill("Jordan")
    page.get_by_label("Phone number").fill("212 555 0147")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_text("Your request is saved").first).to_be_visible()
    reference = page.locator(".reference").inner_text()
    page.get_by_role("button", name="Back to the chat").last.click()

    ana.page.get_by_role("link", name="Follow-up").click()
    ana.page.get_by_role("button", name=f"Take {reference}").click()
    ana.page.goto(closed_house.url + "/console/follow-up/")
    ana.page.get_by_role("link", name=f"Open {reference}").click()
    ana.page.get_by_label("What came of it").select_option(label="No answer")
    ana.page.locator("#note").fill("Rang for long, try the evening")
    ana.page.get_by_role("button", name="Note it").click()
    expect(ana.page.get_by_text("Rang for long, try the evening")).to_be_visible()
    hold_to_standard(ana.page)
    shoot(ana.page, "follow-up-item")
    ana.page.get_by_label("Hand to").select_option(label="Ben")
    ana.page.get_by_role("button", name="Hand over").click()

    ben.page.get_by_role("link", name="Follow-up").click()
    ben.page.get_by_role("link", name="Mine").click()
    ben.page.get_by_role("link", name=f"Open {reference}").click()
    ben.page.get_by_label("How it ended").select_option(label="Reached them")
    ben.page.get_by_label("Note (optional)", exact=True).fill("Sent the family the trial's address")
    ben.page.get_by_role("button", name="Done").click()
    ben.page.goto(closed_house.url + "/console/follow-up/?show=done")
    done = ben.page.get_by_role("listitem").filter(has_text=reference)
    expect(done).to_contain_text("Reached them")
    expect(done).to_contain_text("no answer")
    hold_to_standard(ben.page)
    ben.page.goto(closed_house.url + "/console/follow-up/")
    expect(ben.page.get_by_text(reference)).to_have_count(0)
    page.reload()
    said_once(family.log, "please let a person call us about the trial")
    heard = family.log.inner_text()
    for private in ("Rang for long", "the trial's address", "Ben", "Ana"):
        assert private not in heard


def test_a_reply_reaches_the_family_after_its_second_reader(
    reading_house: House, contexts: ContextMaker
) -> None:
    """Held, returned, changed, overtaken, confirmed, released: seen then, once, and not before."""
    duty = Duty(reading_house, contexts)
    ana, ben = duty.console("ana"), duty.console("ben")
    family = duty.family("what comes after the infusion", PHONE)
    ana.claim("what comes after the infusion")
    hand_in(ana, "All will be well.")
    hold_to_standard(ana.page)
    ben.page.get_by_role("link", name="Reply to read").click()
    ben.page.get_by_label("What to change").fill("Promise nothing.")
    ben.page.get_by_role("button", name="Return it").click()
    returned = ana.page.get_by_label("Reply that came back")
    expect(returned).to_contain_text("Promise nothing.")
    expect(ana.page.get_by_label("Your reply")).to_have_value("All will be well.")
    hold_to_standard(ana.page)
    expect(family.log.get_by_text("All will be well.")).to_have_count(0)
    hand_in(ana, "We go through it together.")
    family.write("she sleeps now")
    expect(ana.page.get_by_text("Something newer was written since.")).to_be_visible()
    hold_to_standard(ana.page)
    ana.page.get_by_role("button", name="It still fits").click()
    expect(family.log.get_by_text("We go through it together.")).to_have_count(0)
    ben.page.get_by_role("link", name="Reply to read").click()
    ben.page.get_by_role("button", name="Send it").click()
    family.sees("We go through it together.")
    texts = ("what comes after the infusion", "she sleeps now", "We go through it together.")
    for log in (family.log, ana.log, ben.log):
        said_once(log, *texts)
    heard = family.log.inner_text()
    for private in ("All will be well.", "Promise nothing.", "Ben"):
        assert private not in heard
    ana.close()


def hand_in(author: Specialist, text: str) -> None:
    """Write a reply that a colleague has to read first."""
    author.page.get_by_label("Your reply").fill(text)
    author.page.get_by_role("button", name="Send for reading").click()
    expect(author.page.get_by_text("Your reply waits for a colleague")).to_be_visible()


def test_a_long_draft_leaves_the_page_in_the_window(house: House, contexts: ContextMaker) -> None:
    """Also before the question about sound is answered: Send is in sight, and the last message."""
    duty = Duty(house, contexts)
    ana = Specialist(contexts.page(), house, "ana")
    family = duty.family("we have a long question")
    ana.claim("we have a long question")
    expect(ana.page.locator("[data-sound-panel]")).to_be_visible()
    ana.page.get_by_label("Your reply").fill("One of many lines.\n" * 60)
    expect(ana.page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport(ratio=1)
    expect(ana.log).to_be_in_viewport(ratio=1)
    height = ana.page.evaluate("document.documentElement.scrollHeight")
    assert height == DESKTOP["height"]
    ana.close()
    expect(family.page.get_by_text("This chat has ended").first).to_be_visible()
