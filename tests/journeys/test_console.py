"""The specialists' console in a browser: several conversations, alerts, keys, colleagues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.conftest import DESKTOP, PHONE, ContextMaker, House, house_with, shoot
from tests.journeys.family import Specialist
from tests.journeys.test_staff_pages import hold_to_standard
from tests.journeys.visitors import Visitor

pytestmark = pytest.mark.journey

NOT_LOOKING = "() => { document.hasFocus = () => false; }"
LOOKING = "() => { document.hasFocus = () => true; }"
# What the page would show beside the clock of the screen, and how often it rang.
CATCH_NOTIFICATIONS = """() => {
    window.notified = [];
    window.Notification = class {
        static permission = "granted";
        static requestPermission() { return Promise.resolve("granted"); }
        constructor(words) { window.notified.push(words); }
        close() {}
    };
}"""


# The body of a conversation's page is cut off while it is read, as one is that was given up.
GIVE_UP_BODY = """(id) => {
    const whole = Response.prototype.text;
    Response.prototype.text = function () {
        if (!this.url.endsWith(`${id}/`)) return whole.call(this);
        return new Promise((_, fail) => { window.giveUp = () => fail(new TypeError("given up")); });
    };
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Team:
    """A house, its specialists' pages, and the families that come."""

    house: House
    contexts: ContextMaker
    passwords: dict[str, str]
    families: list[Visitor] = field(default_factory=list)

    def console(
        self, name: str, size: dict[str, int] = DESKTOP, *, sound: str = "No sound"
    ) -> Page:
        """The console of a member of staff, who has chosen whether it sounds."""
        page = self.contexts.page(size)
        page.add_init_script(f"({CATCH_NOTIFICATIONS})()")
        own = House(self.house.opened, self.passwords)
        Specialist(page, own, name)
        if sound and page.locator("[data-sound-panel]").count():
            page.get_by_role("button", name=sound).click()
            expect(page.locator("[data-sound-panel]")).to_have_count(0)
        return page

    def family(self, *texts: str) -> Visitor:
        """A family that waits for a person and has written this."""
        visitor = Visitor(self.house.url).ask_for_a_person()
        self.families.append(visitor)
        for text in texts:
            visitor.write(text)
        return visitor

    def claimed(self, page: Page, *texts: str) -> Visitor:
        """A family with whom the specialist of this page talks."""
        visitor = self.family(*texts)
        open_chat(page, visitor)
        page.get_by_role("button", name="Claim").click()
        expect(page.get_by_label("Your reply")).to_be_focused()
        return visitor


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A house of this file's own: its lists are looked at whole, and others leave families."""
    with house_with(SERVICE_HOURS="always") as opened:
        yield opened


@pytest.fixture(scope="module")
def passwords(house: House) -> dict[str, str]:
    """Passwords of two specialists and a supervisor."""
    return _team_of(house)


def _team_of(house: House) -> dict[str, str]:
    house.take_on(ana="specialist", ben="specialist", sam="supervisor")
    return house.passwords


@pytest.fixture
def team(house: House, contexts: ContextMaker, passwords: dict[str, str]) -> Iterator[Team]:
    """The team; its families leave at the end, so that the next test begins with an empty queue."""
    own = Team(house, contexts, passwords)
    yield own
    for family in own.families:
        with suppress(OSError):
            family.leave()


def open_chat(page: Page, family: Visitor) -> None:
    """Press a family's row and wait for its conversation."""
    page.locator(f'[data-row="{family.id}"]:visible').first.click()
    expect(page.get_by_role("heading", name=family.short)).to_be_visible()


def test_switching_is_one_page_and_keeps_draft_and_unread(team: Team) -> None:
    """Three conversations at once: nothing reloads, nothing typed is lost, news is counted."""
    page = team.console("ana")
    first, second = team.claimed(page, "first family"), team.claimed(page, "second family")
    page.evaluate("window.isSamePage = true")
    open_chat(page, first)
    page.get_by_label("Your reply").fill("Half a sentence")
    open_chat(page, second)
    expect(page.get_by_label("Your reply")).to_have_value("")
    first.write("are you there?")
    row = page.get_by_label("My conversations").locator(f'[data-row="{first.id}"]')
    expect(row).to_contain_text("1 new")
    expect(row).to_contain_text("are you there?")
    expect(row).to_contain_text("waits")
    open_chat(page, first)
    expect(page.get_by_label("Your reply")).to_have_value("Half a sentence")
    expect(page.get_by_role("log").get_by_text("are you there?")).to_be_visible()
    expect(row).not_to_contain_text("new")
    page.go_back()
    expect(page.get_by_role("heading", name=second.short)).to_be_visible()
    assert page.evaluate("window.isSamePage"), "a switch reloaded the page"
    page.reload()
    page.go_forward()
    expect(page.get_by_label("Your reply")).to_have_value("Half a sentence")


def hold_first(page: Page, pattern: str) -> list[Route]:
    """Hold the first request to come, and let the later ones through."""
    held: list[Route] = []

    def meet(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(pattern, meet)
    return held


def the_first(page: Page, held: list[Route]) -> Route:
    """The request that is held, once it has come."""
    while not held:
        page.wait_for_timeout(20)
    return held[0]


def test_a_row_that_is_pressed_is_not_exchanged_before_it_is_let_go(team: Team) -> None:
    """A list that comes between press and release is shown after the click, which counts."""
    page = team.console("ana")
    team.family("first in line")
    second = team.family("second in line")
    row = page.locator(f'[data-row="{second.id}"]').first
    expect(row).to_be_visible()
    held = hold_first(page, "**/console/list?**")
    with page.expect_request("**/console/list?**"):
        third = team.family("third in line")
    row.hover()
    pressed = row.element_handle()
    page.mouse.down()
    with page.expect_response("**/console/list?**"):
        the_first(page, held).continue_()
    page.evaluate(DRAWN)
    assert pressed is not None
    assert pressed.evaluate("(it) => it.isConnected"), "gone under the finger"
    page.mouse.up()
    expect(page.get_by_role("heading", name=second.short)).to_be_visible()
    expect(page.locator(f'[data-row="{third.id}"]').first).to_be_visible()


def test_a_list_asked_for_before_a_switch_of_views_does_not_undo_it(team: Team) -> None:
    """The list on its way when "All" is pressed is of the other view: it comes too late."""
    ana, ben = team.console("ana"), team.console("ben")
    held = hold_first(ben, "**/console/list?view=now**")
    family = team.claimed(ana, "hello")
    the_first(ben, held)
    ben.get_by_role("link", name="All", exact=True).click()
    row = ben.locator(f'[data-row="{family.id}"]:visible').first
    expect(row).to_be_visible()
    with ben.expect_response("**/console/list?view=now**"):
        held[0].continue_()
    ben.evaluate(DRAWN)
    expect(ben.locator('[data-view="all"][aria-current]')).to_be_visible()
    expect(row).to_be_visible()


def test_a_claim_outlives_a_look_elsewhere_that_was_given_up(team: Team) -> None:
    """The look's answer, cut off while it is read, takes neither the page nor the claim away."""
    page = team.console("ana")
    first, second = team.family("first in line"), team.family("second in line")
    open_chat(page, first)
    page.evaluate("window.isSamePage = true")
    page.evaluate(GIVE_UP_BODY, second.id)
    page.locator(f'[data-row="{second.id}"]:visible').first.click()
    page.wait_for_function("() => window.giveUp")
    with page.expect_request("**/claim"):
        page.get_by_role("button", name="Claim").click()
    page.evaluate("window.giveUp()")
    expect(page.get_by_label("Your reply")).to_be_focused()
    expect(page.get_by_role("heading", name=first.short)).to_be_visible()
    assert first.state() == "with_specialist"
    assert page.evaluate("window.isSamePage"), "the page was loaded anew"


def test_a_slow_claim_leaves_whoever_went_on_where_they_are(team: Team) -> None:
    """Its answer is told in the list; the conversation that was opened since stays open."""
    page = team.console("ana")
    first, second = team.family("first in line"), team.family("second in line")
    open_chat(page, first)
    held = hold_first(page, "**/claim")
    with page.expect_request("**/claim"):
        page.get_by_role("button", name="Claim").click()
    open_chat(page, second)
    with page.expect_response(f"**/conversations/{first.id}/"):
        the_first(page, held).continue_()
    page.evaluate(DRAWN)
    row = page.get_by_label("My conversations").locator(f'[data-row="{first.id}"]')
    expect(row).to_be_visible()
    expect(page.get_by_role("heading", name=second.short)).to_be_visible()


def test_alerts_repeat_until_somebody_looks(team: Team) -> None:
    """Tone, title, icon and notification come with the change of state and again after 20 s."""
    page = team.contexts.page()
    page.add_init_script(f"({CATCH_NOTIFICATIONS})()")
    page.clock.install()
    Specialist(page, House(team.house.opened, team.passwords), "ana")
    panel = page.get_by_label("Sound", exact=True)
    expect(panel).to_be_visible()
    hold_to_standard(page)
    expect(panel.get_by_role("button", name="I heard it")).to_be_hidden()
    panel.get_by_role("button", name="Test the sound").click()
    panel.get_by_role("button", name="I heard it").click()
    expect(panel).to_have_count(0)
    before = rang(page)
    page.evaluate(NOT_LOOKING)
    team.family("we need somebody")
    page.clock.run_for(3000)
    expect(page.locator("body")).to_have_attribute("data-rang", str(before + 1))
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-news"))
    assert page.evaluate("window.notified") == ["A family is waiting for a person."]
    page.clock.run_for(21_000)
    expect(page.locator("body")).to_have_attribute("data-rang", str(before + 2))
    page.clock.run_for(3000)
    page.evaluate(LOOKING)
    page.keyboard.press("Shift")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon.svg"))
    page.clock.run_for(41_000)
    expect(page.locator("body")).to_have_attribute("data-rang", str(before + 2))
    page.reload()
    expect(page.locator("[data-sound-panel]")).to_have_count(0)


def test_a_family_that_waits_is_heard_on_every_page(team: Team) -> None:
    """Also by who works a callback: title, notification, tone, and the sentence read aloud."""
    page = team.console("ana", sound="")
    page.get_by_role("button", name="Test the sound").click()
    page.get_by_role("button", name="I heard it").click()
    expect(page.locator("[data-sound-panel]")).to_have_count(0)
    for room in ("Follow-up", "Answers", "Service"):
        with page.expect_response("**/console/alerts"):
            page.get_by_role("link", name=room).click()
        page.evaluate(NOT_LOOKING)
        family = team.family()
        expect(page).to_have_title(re.compile(r"^\(1\) "))
        expect(page.locator("[data-announcer]")).to_have_text("A family is waiting for a person.")
        expect(page.locator("body")).to_have_attribute("data-rang", "1")
        assert page.evaluate("window.notified") == ["A family is waiting for a person."]
        family.leave()
        expect(page).not_to_have_title(re.compile(r"^\("))


def test_of_two_tabs_one_rings_and_a_look_at_one_is_enough(team: Team) -> None:
    """A tone from each would be an alarm for one family alone."""
    page = team.console("ana", sound="")
    page.get_by_role("button", name="Test the sound").click()
    page.get_by_role("button", name="I heard it").click()
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("heading", name="Waiting").click()
    tabs = [page, other]
    before = sum(map(rang, tabs))
    for tab in tabs:
        tab.evaluate(NOT_LOOKING)
    family = team.family()
    for tab in tabs:
        expect(tab).to_have_title(re.compile(r"^\(1\) "))
        expect(tab.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-news"))
    assert sum(map(rang, tabs)) == before + 1
    page.wait_for_timeout(2500)
    page.evaluate(LOOKING)
    page.keyboard.press("Shift")
    for tab in tabs:
        expect(tab.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon.svg"))
    family.leave()


def rang(page: Page) -> int:
    """How often a page rang."""
    return int(page.evaluate("document.body.dataset.rang ?? 0"))


def test_news_is_said_once_and_never_takes_the_focus(team: Team) -> None:
    """A screen reader hears of a family's words, and whoever types goes on typing."""
    page = team.console("ana")
    family = team.claimed(page, "hello")
    page.evaluate(
        """() => {
            const live = document.querySelector("[data-announcer]");
            document.body.dataset.said = "";
            new MutationObserver(() => { document.body.dataset.said += `[${live.textContent}]`; })
                .observe(live, { childList: true });
        }"""
    )
    body = page.locator("body")
    box = page.get_by_label("Your reply")
    box.press_sequentially("I am ")
    family.write("one more thing")
    expect(page.get_by_role("log").get_by_text("one more thing")).to_be_visible()
    box.press_sequentially("here")
    expect(box).to_be_focused()
    expect(box).to_have_value("I am here")
    expect(body).to_have_attribute("data-said", re.compile("The family wrote"))
    other = team.family("another one")
    expect(page.locator(f'[data-row="{other.id}"]')).to_be_visible()
    expect(body).to_have_attribute("data-said", re.compile("A family is waiting for a person"))
    expect(box).to_be_focused()
    assert page.evaluate("document.body.dataset.said").count("[The family wrote.]") == 1
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")


def test_keys_work_and_never_while_typing(team: Team) -> None:
    """Next, claim, reply, send, note, transfer, help; and a switch that turns single keys off."""
    page = team.console("ana")
    first = team.family("first in line")
    team.family("second in line")
    expect(page.get_by_label("Waiting for a person").get_by_role("link")).to_have_count(2)
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name=first.short)).to_be_visible()
    box = page.get_by_label("Your reply")
    expect(box).to_be_focused()
    box.press_sequentially("jk? c")
    expect(box).to_have_value("jk? c")
    expect(page.get_by_role("heading", name=first.short)).to_be_visible()
    box.press("Control+Enter")
    expect(box).to_have_value("")
    assert "jk? c" in first.heard()
    box.press("Escape")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name=first.short)).to_have_count(0)
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name=first.short)).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_label("Add a note")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.get_by_role("dialog").get_by_text("Offer this conversation")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("r")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    hold_to_standard(page)
    sheet.get_by_label("Single keys are on").uncheck()
    sheet.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", name=first.short)).to_be_visible()


def test_a_reply_that_crosses_a_newer_message_is_held_and_can_be_sent(team: Team) -> None:
    """The newer message is marked; the words stay; sending anyway takes a second press."""
    page = team.console("ana")
    family = team.claimed(page, "can we go home?")
    box = page.get_by_label("Your reply")
    box.fill("Yes, on Friday.")
    family.write("wait, she has a fever now")
    expect(page.get_by_role("log").get_by_text("she has a fever")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    guard = page.get_by_role("alert").filter(has_text="New message above")
    expect(guard).to_be_visible()
    expect(page.locator(".message.newer")).to_contain_text("she has a fever")
    page.get_by_role("button", name="Send", exact=True).click()
    box.press("Control+Enter")
    page.wait_for_timeout(500)  # Long enough for a reply to arrive; none must.
    expect(guard).to_be_visible()
    expect(box).to_have_value("Yes, on Friday.")
    assert "Yes, on Friday." not in family.heard()
    hold_to_standard(page)
    shoot(page, "console-guard")
    guard.get_by_role("button", name="Keep writing").click()
    expect(guard).to_be_hidden()
    expect(box).to_be_focused()
    family.write("hello?")
    expect(page.get_by_role("log").get_by_text("hello?")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    guard.get_by_role("button", name="Send anyway").click()
    expect(box).to_have_value("")
    assert family.heard().count("Yes, on Friday.") == 1


def test_a_reply_that_overtakes_the_claims_answer_leaves_its_box(team: Team) -> None:
    """News may show the composer first; the late answer puts no sent words back into it."""
    page = team.console("ana")
    family = team.family("hello")
    open_chat(page, family)
    held = hold_first(page, "**/claim")
    with page.expect_request("**/claim"):
        page.get_by_role("button", name="Claim").click()
    answer = the_first(page, held).fetch(max_redirects=0)
    box = page.get_by_label("Your reply")
    replies = hold_first(page, "**/reply")
    box.fill("Hello, I am here.")
    with page.expect_request("**/reply"):
        page.get_by_role("button", name="Send", exact=True).click()
    with page.expect_response(f"**/conversations/{family.id}/"):
        the_first(page, held).fulfill(response=answer)
    page.evaluate(DRAWN)
    the_first(page, replies).continue_()
    expect(page.get_by_role("log").get_by_text("Hello, I am here.")).to_be_visible()
    expect(box).to_have_value("")
    assert family.heard().count("Hello, I am here.") == 1


def test_send_that_is_pressed_while_a_reply_is_on_its_way_counts(team: Team) -> None:
    """Both replies arrive, each once; pressing twice for the same words is one reply."""
    page = team.console("ana")
    family = team.claimed(page, "hello")
    box = page.get_by_label("Your reply")
    send = page.get_by_role("button", name="Send", exact=True)
    held = hold_first(page, "**/reply")
    box.fill("First words.")
    with page.expect_request("**/reply"):
        send.click()
    send.click()
    box.fill("Other words.")
    send.click()
    the_first(page, held).continue_()
    expect(box).to_have_value("")
    expect(page.get_by_role("log").get_by_text("Other words.")).to_be_visible()
    heard = [text for text in family.heard() if text.endswith("words.")]
    assert heard == ["First words.", "Other words."]


def test_an_offer_is_declined_and_then_accepted(team: Team) -> None:
    """The giver keeps control until the colleague accepts; each sees what became of it."""
    ana, ben = team.console("ana"), team.console("ben")
    family = team.claimed(ana, "travel costs")
    ana.get_by_role("link", name="Transfer").click()
    sheet = ana.get_by_role("dialog")
    expect(sheet.get_by_text("Cancel", exact=True).filter(visible=True)).to_have_count(1)
    sheet.get_by_text("Ben").click()
    sheet.get_by_label("What they should know").fill("Knows about grants?")
    hold_to_standard(ana)
    sheet.get_by_role("button", name="Offer it").click()
    expect(ana.get_by_text("You are in control until they accept")).to_be_visible()
    row = ben.get_by_label("Asks for you").get_by_role("link", name="Ana offers you")
    row.click()
    expect(ben.get_by_text("Knows about grants?").first).to_be_visible()
    expect(ben.get_by_label("Your reply")).to_have_count(0)
    hold_to_standard(ben)
    shoot(ben, "console-offer")
    ben.get_by_label("Why not").fill("No room today")
    ben.get_by_role("button", name="Decline").click()
    expect(ana.get_by_role("link", name="Transfer")).to_be_visible()
    assert family.state() == "with_specialist"

    ana.get_by_role("link", name="Transfer").click()
    ana.get_by_role("dialog").get_by_text("Ben").click()
    ana.get_by_role("dialog").get_by_role("button", name="Offer it").click()
    ben.get_by_label("Asks for you").get_by_role("link", name="Ana offers you").click()
    ben.get_by_role("button", name="Accept").click()
    expect(ben.get_by_label("Your reply")).to_be_visible()
    expect(ana.get_by_label("Your reply")).to_have_count(0)
    expect(ana.get_by_role("main").get_by_text("Ben is in control")).to_be_visible()


def test_colleagues_see_who_looks_on_and_who_writes(team: Team) -> None:
    """And unsent words of whoever loses control are kept in sight."""
    ana, ben = team.console("ana"), team.console("ben")
    family = team.claimed(ana, "hello")
    open_chat_in_all(ben, family)
    expect(ana.locator("[data-viewers]")).to_have_text("Ben looks at this too")
    ana.get_by_label("Your reply").press_sequentially("I will")
    expect(ben.locator("[data-viewers]")).to_have_text("Ana is writing")


def open_chat_in_all(page: Page, family: Visitor) -> None:
    """Open a conversation that a colleague holds."""
    page.get_by_role("link", name="All", exact=True).click()
    open_chat(page, family)


def test_whoever_is_full_is_asked_before_one_more(team: Team) -> None:
    """Capacity is the specialist's own number; the family still waits until they confirm."""
    page = team.console("ana")
    set_capacity(page, 1)
    try:
        team.claimed(page, "one")
        second = team.family("two")
        open_chat(page, second)
        page.get_by_role("button", name="Claim").click()
        expect(page.get_by_text("You already hold as many")).to_be_visible()
        assert second.state() == "queued"
        hold_to_standard(page)
        page.get_by_role("button", name="Claim it all the same").click()
        expect(page.get_by_label("Your reply")).to_be_visible()
        assert second.state() == "with_specialist"
    finally:
        set_capacity(page, 4)


def set_capacity(page: Page, number: int) -> None:
    """Change how many conversations the specialist takes at once."""
    page.locator("summary", has_text="chats").click()
    page.get_by_label("At once I take").fill(str(number))
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("summary", has_text=f"of {number} chats")).to_be_visible()


def test_what_is_known_of_a_family_stands_beside_the_chat(team: Team) -> None:
    """Language, page, zone, reason, wait and alarms, as the house itself came to know them."""
    zone, where = "America/Chicago", "https://charity.example/study"
    page = team.console("ana")
    family = Visitor(team.house.url, time_zone=zone, page_url=f"{where}?from=mail")
    team.families.append(family)
    family.write("he is not breathing")
    family.ask_for_a_person(reason="asks for the study nurse")
    open_chat(page, family)
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_label("Your reply")).to_be_focused()
    facts = page.get_by_label("About this conversation").locator(".facts").first
    names, values = (facts.locator(kind).all_inner_texts() for kind in ("dt", "dd"))
    told = dict(zip(names, values, strict=True))
    shoot(page, "beside-the-chat")
    assert re.fullmatch(r"[A-Z][a-z]{2} \d+, \d\d:\d\d E[SD]T", told.pop("Started"))
    assert re.fullmatch(r"\d+\s(s|minutes?) ago", told.pop("Asked for a person"))
    assert told == {
        "Reason": "asks for the study nurse",
        "Language": "en",
        "Page": where,
        "Their time zone": zone,
        "Waited": "0 min",
        "Alarms": "#2 emergency",
    }


def test_a_supervisor_sees_all_advises_and_steps_in(team: Team) -> None:
    """Advice reaches the specialist alone; stepping in is one explicit press."""
    ana, sam = team.console("ana"), team.console("sam")
    family = team.claimed(ana, "is she going to be well?")
    sam.get_by_role("link", name="Supervise").click()
    row = sam.get_by_role("row").filter(has_text=family.id[:8])
    expect(row).to_contain_text("Ana")
    hold_to_standard(sam)
    shoot(sam, "console-supervise")
    sam.set_viewport_size(PHONE)
    label = "it => getComputedStyle(it, '::before').content"
    shown = [each.evaluate(label) for each in row.locator("td").all()]
    assert shown == ['"Family: "', '"With: "', '"Waits for an answer: "', '"Said last: "']
    shoot(sam, "console-supervise-phone")
    sam.set_viewport_size(DESKTOP)
    row.get_by_role("link").click()
    expect(sam.get_by_label("Your reply")).to_have_count(0)
    sam.get_by_label("Add a note").fill("Offer the nurse line.")
    sam.get_by_role("button", name="Advise Ana privately").click()
    expect(ana.get_by_text("Offer the nurse line.")).to_be_visible()
    assert not any("nurse line" in text for text in family.heard())
    ana.get_by_label("Your reply").fill("Half a word")
    sam.get_by_role("button", name="Step in").click()
    expect(sam.get_by_label("Your reply")).to_be_visible()
    expect(ana.get_by_label("Your unsent words")).to_have_value("Half a word")


def test_what_a_family_deleted_leaves_the_screen(team: Team) -> None:
    """Neither their words nor what the specialist had begun to write stay, and that is said."""
    ana = team.console("ana")
    family = team.claimed(ana, "my name is Petronella")
    ana.get_by_label("Your reply").fill("Dear Petronella")
    family.delete()
    team.families.remove(family)
    expect(ana.get_by_text("was deleted")).to_be_visible()
    expect(ana.get_by_text("Petronella")).to_have_count(0)
    expect(ana.get_by_label("Your reply")).to_have_count(0)
    assert "Petronella" not in ana.evaluate("JSON.stringify(localStorage)")


def test_a_phone_shows_list_and_conversation_as_two_screens(team: Team) -> None:
    """The composer stays in reach above an open keyboard, and everything can be hit."""
    page = team.console("ana", PHONE)
    family = team.claimed(page, "hello from a phone")
    expect(page.locator("[data-list]")).to_be_hidden()
    hold_to_standard(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a.button, summary, .row, textarea, input")]
            .filter((it) => it.checkVisibility() && it.closest("details:not([open])") === null)
            .filter((it) => !it.closest(".message"))
            .filter((it) => it.getBoundingClientRect().height < 44)
            .map((it) => it.outerHTML)"""
    )
    assert not small, small
    page.set_viewport_size({"width": 390, "height": 430})
    page.get_by_label("Your reply").focus()
    expect(page.get_by_label("Your reply")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport()
    shoot(page, "console-phone-keyboard")
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Back").click()
    expect(page.locator("[data-list]")).to_be_visible()
    expect(page.locator(f'[data-row="{family.id}"]')).to_be_visible()
    hold_to_standard(page)


def test_four_hundred_percent_and_forced_colours_lose_nothing(team: Team) -> None:
    """At 320 by 256 pixels nothing scrolls sideways; with forced colours the page holds."""
    page = team.console("ana", {"width": 320, "height": 256})
    team.claimed(page, "a rather long first sentence that has to wrap somewhere on this screen")
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
    page.get_by_role("button", name="Send", exact=True).scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport()
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    hold_to_standard(page)


def test_every_open_drawer_and_refused_form_is_accessible(team: Team) -> None:
    """The drawer with what was found, the plain page of a transfer, a callback's open forms."""
    page = team.console("ana", PHONE)
    team.console("ben")
    family = team.claimed(page, "what about the pump?")
    page.get_by_text("Answers, templates, services").click()
    page.get_by_label("Find an approved answer").press_sequentially("pump alarm")
    expect(page.get_by_role("button", name="Put in: ").first).to_be_visible()
    hold_to_standard(page)
    shoot(page, "drawer-phone")
    page.goto(f"{team.house.url}/console/conversations/{family.id}/offer")
    expect(page.get_by_role("radio").first).to_be_visible()
    hold_to_standard(page)
    family.ask_for_a_callback("Rosa")
    page.goto(f"{team.house.url}/console/follow-up/")
    page.get_by_role("link", name="Rosa", exact=True).click()
    page.get_by_role("button", name="Take").click()
    expect(page.get_by_label("What came of it")).to_be_visible()
    hold_to_standard(page)
    page.get_by_label("What came of it").evaluate("(it) => { it.options[0].value = 'nothing'; }")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("alert").filter(has_text="Not done")).to_be_visible()
    hold_to_standard(page)


class Keyboard:
    """Somebody without a mouse, who sees where they are."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self._page.keyboard.type(text)

    def go_to(self, wanted: Locator, key: str = "Tab") -> None:
        """Step to a control; each step on the way is in sight and marked."""
        expect(wanted).to_be_attached()
        for _ in range(MOST_STEPS):
            if wanted.evaluate("(it) => it === document.activeElement"):
                return
            self.press(key)
            unseen = self._page.evaluate(UNSEEN_FOCUS)
            assert not unseen, f"the focus cannot be seen on {unseen}"
        pytest.fail(f"{wanted} was not reached in {MOST_STEPS} steps")


MOST_STEPS = 60
UNSEEN_FOCUS = """() => {
    const it = document.activeElement;
    if (it === document.body) return "";
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    const { width, top, bottom } = it.getBoundingClientRect();
    const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    const isInSight = width > 0 && bottom > 0 && top < innerHeight;
    return isMarked && isInSight ? "" : it.outerHTML;
}"""


def test_a_shift_is_worked_from_the_keyboard_alone(team: Team) -> None:
    """From sign-in to sign-out; the focus is marked at each step and never lost."""
    page = team.contexts.page()
    keys = Keyboard(page)
    page.goto(team.house.url + "/console/")
    keys.go_to(page.get_by_label("Name"))
    keys.type("ana")
    keys.press("Tab")
    keys.type(team.passwords["ana"])
    keys.press("Enter")
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    keys.go_to(page.get_by_role("button", name="No sound"))
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    family = team.family("is the pump allowed at school?")
    row = page.locator(f'[data-row="{family.id}"]').first
    expect(row).to_be_visible()
    keys.go_to(row)
    keys.press("Enter")
    expect(page.get_by_role("heading", name=family.short)).to_be_focused()
    keys.go_to(page.get_by_role("button", name="Claim"))
    keys.press("Enter")
    box = page.get_by_label("Your reply")
    expect(box).to_be_focused()
    keys.type("I look it up for you.")
    keys.press("Control+Enter")
    expect(box).to_have_value("")
    expect(box).to_be_focused()

    keys.press("Escape", "n")
    note = page.get_by_label("Add a note")
    expect(note).to_be_focused()
    keys.type("Asks about school.")
    keys.press("Tab", "Enter")
    expect(page.get_by_text("Asks about school.")).to_be_visible()
    expect(note).to_be_focused()

    keys.press("Escape", "/")
    expect(page.get_by_label("Find an approved answer")).to_be_focused()
    keys.type("pump alarm")
    keys.go_to(page.get_by_role("button", name="Put in: ").first)
    keys.press("Enter")
    expect(box).to_have_value(re.compile("Where this comes from:"))
    expect(box).to_be_focused()
    keys.press("Control+Enter")
    expect(box).to_have_value("")
    assert any("Where this comes from:" in text for text in family.heard())

    keys.go_to(page.get_by_role("link", name="Close", exact=True), "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_label("Purpose")).to_be_focused()
    for first_letters in ("Some", "Fat", "None"):
        keys.type(first_letters)
        keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("The conversation is closed and recorded.")).to_be_visible()
    keys.go_to(page.get_by_role("button", name="Sign out"))
    keys.press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()


def test_signing_out_forgets_drafts(team: Team) -> None:
    """Shared computers: nothing typed is left for whoever comes next, and no family either."""
    # The others are signed in elsewhere, in browsers of the tests before.
    team.house.take_on(dora="specialist")
    page = team.console("dora")
    family = team.claimed(page, "hello")
    page.get_by_label("Your reply").fill("private words")
    assert "private words" in page.evaluate("JSON.stringify(localStorage)")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="You hold one conversation")).to_be_visible()
    hold_to_standard(page)
    shoot(page, "sign-out-with-open-chats")
    page.get_by_role("link", name="Stay").click()
    expect(page.get_by_label("Your reply")).to_have_value("private words")
    page.get_by_role("button", name="Sign out", exact=True).click()
    # Also where no page comes back any more.
    page.route("**/console/sign-out", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Sign out all the same").click()
    page.wait_for_function("!JSON.stringify(localStorage).includes('private words')")
    page.unroute("**/console/sign-out")
    page.get_by_role("button", name="Sign out all the same").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert "private words" not in page.evaluate("JSON.stringify(localStorage)")
    assert "had to step away" in family.heard()[-1]


def test_a_desk_that_is_away_costs_no_words(team: Team) -> None:
    """What cannot be sent is said, and sent once when the line is back."""
    page = team.console("ana")
    family = team.claimed(page, "hello")
    box = page.get_by_label("Your reply")
    box.fill("I am here.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Your words are kept")).to_be_visible()
    expect(page.get_by_text("Not connected")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(box).to_have_value("")
    assert family.heard().count("I am here.") == 1


def test_a_reply_is_read_returned_and_released(
    reading_house: House, contexts: ContextMaker
) -> None:
    """The family sees nothing before the colleague's release; a returned reply is in the box."""
    team = Team(reading_house, contexts, _team_of(reading_house))
    ana, ben = team.console("ana"), team.console("ben")
    family = team.claimed(ana, "what now?")
    ana.get_by_label("Your reply").fill("All will be well.")
    ana.get_by_role("button", name="Send for reading").click()
    expect(ana.get_by_text("Your reply waits for a colleague")).to_be_visible()
    ben.get_by_role("link", name="Reply to read").click()
    expect(ben.get_by_label("Reply that waits for a reader")).to_contain_text("before the family")
    hold_to_standard(ben)
    shoot(ben, "console-reading")
    ben.get_by_label("What to change").fill("Promise nothing.")
    ben.get_by_role("button", name="Return it").click()
    expect(ana.get_by_text("Promise nothing.").first).to_be_visible()
    expect(ana.get_by_label("Your reply")).to_have_value("All will be well.")
    assert "All will be well." not in family.heard()
    ana.get_by_label("Your reply").fill("We go through it with you.")
    ana.get_by_role("button", name="Send for reading").click()
    ben.get_by_role("link", name="Reply to read").click()
    ben.get_by_role("button", name="Send it").click()
    expect(ana.get_by_role("log").get_by_text("We go through it with you.")).to_be_visible()
    assert family.heard().count("We go through it with you.") == 1
    ana.get_by_label("Your reply").fill("One more thing.")
    ana.get_by_role("button", name="Send for reading").click()
    ana.get_by_role("button", name="Take it back").click()
    expect(ana.get_by_label("Your reply")).to_have_value("One more thing.")


def test_the_box_stays_in_sight_below_held_replies(
    reading_house: House, contexts: ContextMaker, size: dict[str, int]
) -> None:
    """Two replies that wait, a newer message and long words: the box and its button are there."""
    team = Team(reading_house, contexts, _team_of(reading_house))
    page = team.console("ana", size)
    team.console("ben")
    family = team.claimed(page, "what now?")
    box = page.get_by_label("Your reply")
    waiting = page.get_by_label("Reply that waits for a reader")
    for count, words in enumerate(("First. ", "Second. "), start=1):
        box.fill(words * 120)
        page.get_by_role("button", name="Send for reading").click()
        expect(waiting).to_have_count(count)
    box.fill("Third. " * 120)
    family.write("One more question, and it is a long one. " * 10)
    expect(page.get_by_text("Something newer was written since.")).to_have_count(2)
    expect(box).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Send for reading").click()
    expect(page.get_by_text("New message above.")).to_be_visible()
    shoot(page, f"box-below-held-replies-{size['width']}")
    expect(box).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send anyway")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send for reading")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("log")).to_be_in_viewport(ratio=0.9)
    hold_to_standard(page)
    family.leave()
