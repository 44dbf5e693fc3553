"""The console over HTTP: who is let in, and what each button does."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conversations import access, services
from conversations.models import Control, Conversation
from staff.models import Role, User
from tests.factories import make_conversation, make_staff

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    """A browser of that account."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def specialist(clock: object) -> User:
    """A specialist who is there and accepts conversations."""
    user = make_staff(Role.SPECIALIST, "ana")
    signed_in(user).get(reverse("console:home"))
    return user


@pytest.fixture
def waiting(specialist: User) -> uuid.UUID:
    """A conversation that waits for a person."""
    opened = services.open_conversation(language="en", page_url="")
    services.accept_visitor_message(
        opened.conversation.pk, client_id=str(uuid.uuid4()), text="My boy <b>needs</b> you"
    )
    services.request_handoff(opened.conversation.pk)
    return opened.conversation.pk


PAGES = ["console:home", "console:list", "console:alerts", "console:follow_up"]


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in(page: str) -> None:
    """No page of the console shows anything without an account."""
    answer = Client().get(reverse(page))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("staff:sign_in"))


@pytest.mark.parametrize("page", PAGES)
def test_a_reviewer_may_not_see_the_console_and_a_specialist_may(
    page: str, specialist: User
) -> None:
    """Roles decide."""
    assert signed_in(make_staff(Role.REVIEWER, "rita")).get(reverse(page)).status_code == 403
    assert signed_in(specialist).get(reverse(page)).status_code == 200


def test_the_queue_shows_who_waits_and_escapes_what_they_wrote(
    specialist: User, waiting: uuid.UUID
) -> None:
    """What a family typed is shown as text, never as markup."""
    page = signed_in(specialist).get(reverse("console:list")).content.decode()
    assert "My boy &lt;b&gt;needs&lt;/b&gt; you" in page
    assert "<b>needs</b>" not in page
    assert 'data-waiting="1"' in page


@pytest.mark.parametrize("page", ["follow_up", "records", "entries", "service"])
def test_pages_without_the_list_have_a_specialist_hear_of_who_waits(
    page: str, specialist: User, waiting: uuid.UUID
) -> None:
    """They fetch what the list would say; whoever may not chat is not called."""
    shown = signed_in(specialist).get(reverse(f"console:{page}")).content.decode()
    assert f'data-alerts-url="{reverse("console:alerts")}"' in shown
    said = signed_in(specialist).get(reverse("console:alerts")).content.decode()
    assert f'data-key="waiting:{waiting}:' in said
    assert 'data-waiting-count="1"' in said
    admin = signed_in(make_staff(Role.ADMIN, "adam"))
    assert "data-alerts-url" not in admin.get(reverse(f"console:{page}")).content.decode()


def test_an_urgent_conversation_that_nobody_has_stands_on_top(
    specialist: User, waiting: uuid.UUID, find: Callable[..., None]
) -> None:
    """Above the queue, and it counts for the alarm."""
    find("emergency_life")
    urgent = services.open_conversation(language="en", page_url="").conversation.pk
    services.accept_visitor_message(urgent, client_id=str(uuid.uuid4()), text="help")
    page = signed_in(specialist).get(reverse("console:list")).content.decode()
    assert page.index(str(urgent)) < page.index(str(waiting))
    assert 'data-urgent="1"' in page


def test_an_urgent_one_with_the_bot_tells_how_old_its_alarm_is(specialist: User) -> None:
    """Whatever else the family wrote or pressed since."""
    urgent = make_conversation()
    alarmed_at, later = timezone.now() - timedelta(minutes=14), timezone.now()
    Conversation.objects.filter(pk=urgent.pk).update(
        is_urgent=True, urgent_kind="emergency", urgent_at=alarmed_at, last_activity_at=later
    )
    page = signed_in(specialist).get(reverse("console:list")).content.decode()
    row = page[page.index(f'data-row="{urgent.pk}"') :].partition("</a>")[0]
    shown = re.search(r'datetime="([^"]*)"', row)
    assert shown
    assert datetime.fromisoformat(shown[1]) == alarmed_at.replace(microsecond=0)


def test_urgent_ones_who_wait_stand_above_urgent_ones_who_asked_for_nobody(
    specialist: User, waiting: uuid.UUID, find: Callable[..., None]
) -> None:
    """Each in one place only; the one who is urgent too still counts as waiting."""
    find("emergency_life")
    asked = services.open_conversation(language="en", page_url="").conversation.pk
    alone = services.open_conversation(language="en", page_url="").conversation.pk
    for one in (asked, alone):
        services.accept_visitor_message(one, client_id=str(uuid.uuid4()), text="help")
    services.request_handoff(asked)
    page = signed_in(specialist).get(reverse("console:list")).content.decode()
    assert re.findall(r'data-row="([^"]+)"', page) == [str(asked), str(alone), str(waiting)]
    assert 'data-waiting="2" data-urgent="2"' in page


@pytest.fixture
def urgent(specialist: User, find: Callable[..., None]) -> uuid.UUID:
    """A conversation with the bot in which a danger was found."""
    find("emergency_life")
    opened = services.open_conversation(language="en", page_url="").conversation.pk
    services.accept_visitor_message(opened, client_id=str(uuid.uuid4()), text="help")
    return opened


def test_a_specialist_takes_the_urgent_flag_off_and_it_stays_on_record(
    specialist: User, urgent: uuid.UUID
) -> None:
    """The list no longer alarms, the review still finds it, and the audit says who did it."""
    browser = signed_in(specialist)
    page = browser.get(reverse("console:conversation", args=[urgent])).content.decode()
    flagged_at = re.findall(r'name="flagged_at" value="([^"]+)"', page)[0]
    url = reverse("console:settle_urgent", args=[urgent])
    browser.post(url, {"flagged_at": flagged_at})
    browser.post(url, {"flagged_at": flagged_at})
    assert 'data-urgent="0"' in browser.get(reverse("console:list")).content.decode()
    rows = access.review_page(access.ReviewFilters(flags=("urgent",))).rows
    assert [row.conversation.pk for row in rows] == [urgent]
    done = AuditEntry.objects.filter(kind="conversation.unflagged")
    assert [entry.actor for entry in done] == [f"staff:{specialist.pk}"]


def test_a_newer_alarm_keeps_the_flag(
    specialist: User, urgent: uuid.UUID, clock: time_machine.Traveller
) -> None:
    """A specialist cannot wave off what they have not read."""
    before = access.conversation_for_staff(specialist, urgent).urgent_at
    assert before is not None
    clock.shift(1)
    services.accept_visitor_message(urgent, client_id=str(uuid.uuid4()), text="help again")
    browser, url = signed_in(specialist), reverse("console:settle_urgent", args=[urgent])
    answer = browser.post(url, {"flagged_at": before.isoformat()}, follow=True)
    assert "There is a newer alarm." in answer.content.decode()
    assert access.conversation_for_staff(specialist, urgent).is_urgent


def test_claim_reply_and_close(specialist: User, waiting: uuid.UUID) -> None:
    """The whole way of a conversation with a person."""
    browser = signed_in(specialist)
    browser.post(reverse("console:claim", args=[waiting]))
    found = access.conversation_for_staff(specialist, waiting)
    assert (found.control, found.specialist_id) == (Control.SPECIALIST, specialist.pk)

    sent = browser.post(
        reverse("console:reply", args=[waiting]),
        {
            "text": "Hello, I am Ana.",
            "client_id": str(uuid.uuid4()),
            "epoch": found.epoch,
            "seen_seq": found.last_seq,
        },
    )
    assert sent.status_code == 204
    last = access.messages_after(waiting, after=found.last_seq).messages[-1]
    assert (last.sender, last.text) == ("specialist", "Hello, I am Ana.")

    browser.post(reverse("console:close", args=[waiting]))
    assert access.conversation_for_staff(specialist, waiting).control == Control.CLOSED


@pytest.mark.parametrize(
    ("to", "control"), [("queue", Control.QUEUE), ("bot", Control.BOT), ("", Control.QUEUE)]
)
def test_a_conversation_is_given_back(
    to: str, control: Control, specialist: User, waiting: uuid.UUID
) -> None:
    """To the queue or to the bot, as the button says; whoever had it holds it no more."""
    browser = signed_in(specialist)
    url = reverse("console:release", args=[waiting])
    browser.post(reverse("console:claim", args=[waiting]))
    page = browser.get(reverse("console:conversation", args=[waiting])).content.decode()
    assert page.count(f'action="{url}"') == 2
    assert browser.post(url, {"to": to}).url == reverse("console:home")
    found = access.conversation_for_staff(specialist, waiting)
    assert (found.control, found.specialist_id) == (control, None)
    told = browser.post(url, {"to": to}, follow=True).content.decode()
    assert 'class="flash error"' in told
    assert access.conversation_for_staff(specialist, waiting).control == control


def test_facts_stand_beside_a_conversation(
    specialist: User, find: Callable[..., None], clock: time_machine.Traveller
) -> None:
    """From where a family writes, in what language, why and how long it waited, and alarms."""
    opened = services.open_conversation(language="en", page_url="https://charity.example/study")
    pk = opened.conversation.pk
    find("emergency_infection")
    services.accept_visitor_message(pk, client_id=str(uuid.uuid4()), text="she is so hot")
    find()
    services.request_handoff(pk, reason="wants to know about the port")
    clock.shift(timedelta(minutes=7))
    browser = signed_in(specialist)
    browser.get(reverse("console:home"))
    browser.post(reverse("console:claim", args=[pk]))
    page = browser.get(reverse("console:conversation", args=[pk])).content.decode()
    beside = page.partition("data-beside")[2]
    for name, value in (
        ("Reason", "wants to know about the port"),
        ("Language", "en"),
        ("Page", "https://charity.example/study"),
        ("Waited", "7 min"),
        ("Alarms", '<span class="tag urgent">#2 emergency</span> '),
    ):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in beside, name


def test_a_reply_sent_twice_is_stored_once(specialist: User, waiting: uuid.UUID) -> None:
    """A second press of the button, with the same client id, changes nothing."""
    browser = signed_in(specialist)
    browser.post(reverse("console:claim", args=[waiting]))
    found = access.conversation_for_staff(specialist, waiting)
    form = {"text": "Hello.", "client_id": str(uuid.uuid4()), "epoch": found.epoch}
    url = reverse("console:reply", args=[waiting])
    assert [browser.post(url, form).status_code for _ in range(2)] == [204, 204]
    texts = [message.text for message in access.messages_after(waiting, limit=200).messages]
    assert texts.count("Hello.") == 1


@pytest.mark.parametrize("client_id", ["", "zz", "00000000-0000-4000-8000-00000000000z"])
def test_a_reply_whose_client_id_is_no_uuid_is_refused(
    client_id: str, specialist: User, waiting: uuid.UUID
) -> None:
    """It could not be told from another reply with such an id; nothing is stored."""
    browser = signed_in(specialist)
    browser.post(reverse("console:claim", args=[waiting]))
    found = access.conversation_for_staff(specialist, waiting)
    form = {"text": "Hello.", "client_id": client_id, "epoch": found.epoch}
    answer = browser.post(reverse("console:reply", args=[waiting]), form)
    assert answer.status_code == 422
    assert answer.content.decode().startswith("Not sent: client_id must be a UUID.")
    assert access.conversation_for_staff(specialist, waiting).last_seq == found.last_seq


def test_a_reply_written_before_a_newer_message_is_held(
    specialist: User, waiting: uuid.UUID
) -> None:
    """The specialist is told of the newer message; pressing again sends."""
    browser = signed_in(specialist)
    browser.post(reverse("console:claim", args=[waiting]))
    found = access.conversation_for_staff(specialist, waiting)
    seen = found.last_seq
    services.accept_visitor_message(waiting, client_id=str(uuid.uuid4()), text="Wait, one thing")
    form = {"text": "Bye.", "client_id": str(uuid.uuid4()), "epoch": found.epoch, "seen_seq": seen}
    url = reverse("console:reply", args=[waiting])
    held = browser.post(url, form)
    assert held.status_code == 409
    assert "New message above" in held.content.decode()
    now = access.conversation_for_staff(specialist, waiting).last_seq
    assert browser.post(url, {**form, "seen_seq": now}).status_code == 204


def test_only_the_specialist_in_control_may_reply(specialist: User, waiting: uuid.UUID) -> None:
    """A colleague's reply is refused in words, and nothing is stored."""
    signed_in(specialist).post(reverse("console:claim", args=[waiting]))
    found = access.conversation_for_staff(specialist, waiting)
    colleague = signed_in(make_staff(Role.SPECIALIST, "ben"))
    answer = colleague.post(
        reverse("console:reply", args=[waiting]),
        {"text": "Me too.", "client_id": str(uuid.uuid4()), "epoch": found.epoch},
    )
    assert answer.status_code in (403, 409)
    assert answer.content.decode().startswith("Not sent:")
    assert access.conversation_for_staff(specialist, waiting).last_seq == found.last_seq


def test_a_second_claim_is_told_who_was_first(specialist: User, waiting: uuid.UUID) -> None:
    """Losing the race is a sentence, not an error page."""
    signed_in(specialist).post(reverse("console:claim", args=[waiting]))
    answer = signed_in(make_staff(Role.SPECIALIST, "ben")).post(
        reverse("console:claim", args=[waiting]), follow=True
    )
    assert answer.status_code == 200
    assert access.conversation_for_staff(specialist, waiting).specialist_id == specialist.pk


def test_a_note_never_reaches_the_visitor(specialist: User, waiting: uuid.UUID) -> None:
    """Notes stand beside a conversation, not in it."""
    signed_in(specialist).post(
        reverse("console:note", args=[waiting]), {"text": "Sounds exhausted."}
    )
    assert [note.text for note in access.transcript(waiting).notes] == ["Sounds exhausted."]
    messages = access.messages_after(waiting, limit=200).messages
    assert all("exhausted" not in message.text for message in messages)


def test_only_an_admin_withdraws_an_entry(specialist: User) -> None:
    """The button works for an admin and is refused to others."""
    entry_id = access.entry_list()[0].entry.id
    url = reverse("console:withdraw", args=[entry_id])
    assert signed_in(specialist).post(url).status_code == 403
    assert not access.withdrawn_entries()
    admin = signed_in(make_staff(Role.ADMIN, "ada"))
    assert admin.post(url).status_code == 302
    assert [row.entry_id for row in access.withdrawn_entries()] == [entry_id]
    admin.post(reverse("console:restore", args=[entry_id]))
    assert not access.withdrawn_entries()


def test_an_unknown_conversation_is_a_page_that_says_so(specialist: User) -> None:
    """No traceback, no hint whether it ever existed."""
    answer = signed_in(specialist).get(reverse("console:conversation", args=[uuid.uuid4()]))
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


@pytest.mark.parametrize("name", ["claim", "release", "reply", "note", "typing", "settle_urgent"])
def test_acts_need_post_and_a_specialist(name: str, waiting: uuid.UUID) -> None:
    """A link cannot act, and an admin without the role of a specialist cannot either."""
    url = reverse(f"console:{name}", args=[waiting])
    admin = signed_in(make_staff(Role.ADMIN, "ada"))
    assert admin.get(url).status_code == 405
    assert admin.post(url).status_code == 403


def test_pages_cost_few_queries(
    specialist: User, waiting: uuid.UUID, django_assert_max_num_queries: object
) -> None:
    """The number of queries does not grow with the queue, and what all share is read once."""
    for _ in range(5):
        other = make_conversation()
        services.request_handoff(other.pk)
    browser = signed_in(specialist)
    with django_assert_max_num_queries(15):
        browser.get(reverse("console:list"))
    with django_assert_max_num_queries(12):
        browser.get(reverse("console:list"))
    browser.post(reverse("console:claim", args=[waiting]))
    with django_assert_max_num_queries(10):
        assert browser.get(reverse("console:news", args=[waiting])).status_code == 200


def test_opening_what_is_not_ones_own_is_on_record(specialist: User, waiting: uuid.UUID) -> None:
    """One's own conversation is work, and leaves no entry at each look."""
    browser, path = signed_in(specialist), reverse("console:conversation", args=[waiting])
    read = AuditEntry.objects.filter(kind="conversation.read", conversation_id=waiting)
    browser.get(path)
    assert [entry.actor for entry in read] == [f"staff:{specialist.pk}"]
    services.claim_conversation(waiting, specialist=specialist)
    browser.get(path)
    assert read.count() == 1


def test_who_acts_stays_signed_in_and_who_only_looks_does_not(
    specialist: User, waiting: uuid.UUID, clock: time_machine.Traveller
) -> None:
    """Twelve hours after the last act, not after the sign-in."""
    browser, home = signed_in(specialist), reverse("console:home")
    clock.shift(timedelta(hours=8))
    assert browser.get(home).status_code == 200
    browser.post(reverse("console:note", args=[waiting]), {"text": "a note"})
    clock.shift(timedelta(hours=8))
    assert browser.get(home).status_code == 200
    looked = browser.post(reverse("console:view", args=[waiting]), {"seq": "1"})
    assert looked.status_code == 200
    clock.shift(timedelta(hours=5))
    assert browser.get(home).status_code == 302


def test_a_fault_is_a_page_with_a_way_back(
    specialist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the fault is shown."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a family's words")

    monkeypatch.setattr("console.views.lists.access.live_state", broken)
    browser = signed_in(specialist)
    browser.raise_request_exception = False
    answer = browser.get(reverse("console:home"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "went wrong on our side" in page
    assert "/console/" in page
    assert "words" not in page
