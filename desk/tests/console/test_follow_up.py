"""The follow-up pages over HTTP: what stands on them, who may act, and how it is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from conversations import services
from conversations.models import CallbackRequest, Mail
from staff.models import User
from staff.presence import set_accepting
from tests.console.test_pages import signed_in
from tests.factories import make_admin, make_conversation, make_reviewer, make_specialist

pytestmark = pytest.mark.django_db

PHONE = {"phone": "+52 55 1234 5678"}


@pytest.fixture
def ana(clock: object) -> User:
    """A specialist."""
    return make_specialist("ana")


def make_callback(**fields: str) -> CallbackRequest:
    """A callback abroad, unless told otherwise."""
    wanted = {"name": "Maria", **(fields or PHONE)}
    return services.schedule_callback(make_conversation().pk, client_id="c", **wanted).callback


def read(user: User, callback: CallbackRequest | None = None, **query: str) -> str:
    """A page as one account sees it: the inbox, or one of its rows."""
    address = (
        reverse("console:follow_up_item", args=[callback.pk])
        if callback
        else reverse("console:follow_up")
    )
    answer = signed_in(user).get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def act(user: User, callback: CallbackRequest, name: str, **fields: str | int) -> int:
    """Press a button; the status of what comes back."""
    address = reverse(f"console:follow_up_{name}", args=[callback.pk])
    return signed_in(user).post(address, fields).status_code


def test_the_inbox_says_who_when_and_how(ana: User) -> None:
    """With a number that can be tapped, and the conversation behind it."""
    callback = make_callback(topic="about <b>blood</b>", **PHONE)
    page = read(ana)
    assert '<a href="tel:+52-55-1234-5678">+52 55 1234 5678</a>' in page
    assert "abroad: MX" in page
    assert "about &lt;b&gt;blood&lt;/b&gt;" in page
    assert callback.reference in page
    assert reverse("console:conversation", args=[callback.conversation_id]) in read(ana, callback)


def test_every_time_is_told_on_the_clocks_of_the_service(ana: User) -> None:
    """Ten o'clock there is fifteen o'clock in UTC; on one card there is one of the two."""
    callback = make_callback()
    services.note_attempt(callback.pk, by=ana, channel="phone", result="no_answer")
    for page in (read(ana), read(ana, callback)):
        assert "<dt>Asked</dt><dd>Nov 23, 10:00 EST</dd>" in page
        assert "UTC" not in page
    assert ">Nov 23, 10:00 EST</time> Ana, phone" in read(ana, callback)
    services.complete_callback(callback.pk, by=ana, outcome="reached")
    assert "<dt>Done</dt><dd>Nov 23, 10:00 EST: Reached them" in read(ana, callback)


def test_overdue_is_said_in_words_and_in_the_bar(ana: User, clock: time_machine.Traveller) -> None:
    """Red alone would tell nothing to who cannot see it."""
    make_callback()
    assert "Overdue</span>" not in read(ana)
    clock.shift(timedelta(days=3))
    page = read(ana)
    assert "Overdue</span>" in page
    assert '<li class="card overdue">' in page
    assert "1 overdue" in page
    # The badge stands on every page of the console.
    home = signed_in(ana).get(reverse("console:home")).content.decode()
    assert '<span class="tag urgent">1<span class="skip"> to do, 1 overdue</span></span>' in home


def test_a_family_is_called_until_it_is_reached(ana: User) -> None:
    """Take, try, end; then it stands under "Done" alone."""
    callback = make_callback()
    assert act(ana, callback, "take") == 302
    assert act(ana, callback, "attempt", channel="phone", result="no_answer", note="rang") == 302
    assert "rang" in read(ana, callback)
    assert act(ana, callback, "complete", outcome="reached", outcome_note="all is well") == 302
    assert callback.reference not in read(ana)
    assert callback.reference in read(ana, show="done")
    assert "all is well" in read(ana, callback)
    assert act(ana, callback, "reopen") == 302
    assert callback.reference in read(ana, show="mine")


def test_who_comes_second_is_told_whose_it_is(ana: User) -> None:
    """And may take it by saying so, when its owner is away."""
    ben = make_specialist("ben")
    callback = make_callback()
    act(ana, callback, "take")
    answer = signed_in(ben).post(reverse("console:follow_up_take", args=[callback.pk]))
    assert answer.status_code == 409
    assert "Ana works on this by now." in answer.content.decode()
    page = read(ben, callback)
    assert "Take it from Ana" in page
    assert "Note an attempt" not in page
    assert act(ben, callback, "take", **{"from": ana.pk}) == 302
    assert "Give back" in read(ben, callback)


def test_what_was_typed_stays_in_the_form_that_was_refused(ana: User) -> None:
    """A note of ten lines is not written twice."""
    callback = make_callback()
    address = reverse("console:follow_up_attempt", args=[callback.pk])
    answer = signed_in(ana).post(address, {"channel": "phone", "note": "ten lines"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Not done. Result: Must be one of" in page
    assert "ten lines</textarea>" in page


def test_a_refused_act_leaves_the_way_back_to_its_page(ana: User) -> None:
    """The page that says why stands at an address which takes no second look."""
    callback = make_callback()
    address = reverse("console:follow_up_attempt", args=[callback.pk])
    page = signed_in(ana).post(address, {"channel": "phone"}).content.decode()
    here = reverse("console:follow_up_item", args=[callback.pk])
    assert page.count(f'name="next" value="{here}"') == 2
    assert f'value="{address}"' not in page


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("answer", {"text": "Yes.", "client_id": "c1"}, "Email: They left no email address;"),
        ("attempt", {"channel": "pigeon"}, "Channel: Must be one of "),
        ("complete", {"outcome": "reached", "outcome_note": "x" * 5000}, "Note: Must have"),
        ("hand_over", {"to": "0"}, "Choose a colleague from the list."),
    ],
)
def test_what_is_wrong_is_told_in_sentences(
    ana: User, settings: Any, name: str, fields: dict[str, str], said: str
) -> None:
    """What is wrong with a field names it; all begin with a capital."""
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "desk@charity.example"
    callback = make_callback()
    answer = signed_in(ana).post(reverse(f"console:follow_up_{name}", args=[callback.pk]), fields)
    assert answer.status_code >= 400
    assert re.search(rf"Not done\. {re.escape(said)}", answer.content.decode())


def test_it_is_handed_to_a_colleague_of_the_list_only(ana: User) -> None:
    """Reviewers and whoever left are not on it."""
    ben, rita = make_specialist("ben"), make_reviewer("rita")
    callback = make_callback()
    assert act(ana, callback, "hand_over", to=rita.pk) == 400
    assert act(ana, callback, "hand_over", to=ben.pk) == 302
    assert act(ana, callback, "give_back") == 409
    assert act(ben, callback, "give_back") == 302


@pytest.mark.parametrize(
    "name", ["take", "hand_over", "give_back", "attempt", "complete", "reopen", "answer"]
)
def test_only_specialists_act_and_only_by_post(name: str, ana: User) -> None:
    """An admin may look on."""
    callback = make_callback()
    address = reverse(f"console:follow_up_{name}", args=[callback.pk])
    assert signed_in(ana).get(address).status_code == 405
    assert act(make_reviewer("rita"), callback, name) == 403
    assert act(make_admin("olga"), callback, name) == 403
    gone = reverse(f"console:follow_up_{name}", args=[callback.pk + 1])
    fields = {"outcome": "reached", "channel": "phone", "result": "reached", "to": ana.pk}
    fields |= {"text": "Yes.", "client_id": "one"}
    assert signed_in(ana).post(gone, fields).status_code == 404


def test_an_admin_may_read_it_and_gets_no_buttons(ana: User) -> None:
    """Watching is not working."""
    callback = make_callback()
    page = read(make_admin("olga"), callback)
    assert "Maria" in page
    assert "Take" not in page


def test_the_number_of_queries_does_not_grow_with_the_inbox(
    ana: User, django_assert_max_num_queries: object
) -> None:
    """Ten rows cost what one costs."""
    for _ in range(10):
        callback = make_callback()
        services.note_attempt(callback.pk, by=ana, channel="phone", result="no_answer")
    browser = signed_in(ana)
    with django_assert_max_num_queries(14):
        browser.get(reverse("console:follow_up"))


def test_a_question_is_answered_in_writing(ana: User, settings: Any) -> None:
    """The page shows the mail as it will be sent; a second press sends nothing more."""
    callback = make_callback(email="maria@example.org", kind="question", topic="is it normal?")
    assert "Answer by e-mail" not in read(ana, callback)
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "desk@charity.example"
    page = read(ana, callback)
    for part in ("maria@example.org", "An answer from Test Charity", "Ana answers you."):
        assert part in page
    assert f"Your reference is {callback.reference}. In an emergency call 911." in page
    refused = signed_in(ana).post(
        reverse("console:follow_up_answer", args=[callback.pk]), {"text": "Yes.", "client_id": ""}
    )
    assert refused.status_code == 422
    assert "Yes.</textarea>" in refused.content.decode()
    fields = {"text": "Yes, <b>it</b> is.", "client_id": "one"}
    for _ in range(2):
        assert act(ana, callback, "answer", **fields) == 302
    mail = Mail.objects.get()
    assert mail.body.count("Yes, <b>it</b> is.") == 1
    page = read(ana, callback)
    assert "on its way" in page
    assert "Yes, &lt;b&gt;it&lt;/b&gt; is." in page
    assert "Answer by e-mail" not in page
    assert "is then not sent" in page
    assert act(ana, callback, "complete", outcome="reached") == 302
    assert "given back, not sent" in read(ana, callback)


def test_a_mail_that_was_not_sent_is_in_red_and_can_be_written_again(
    ana: User, settings: Any
) -> None:
    """It is no dead end."""
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "desk@charity.example"
    callback = make_callback(email="maria@example.org")
    act(ana, callback, "answer", text="Yes.", client_id="one")
    mail = Mail.objects.get()
    services.claim_mail(mail.pk, holder="w", seconds=60)
    services.note_mail_failed(mail.pk, holder="w", failure="refused", is_final=True)
    assert "Answer not sent" in read(ana)
    page = read(ana, callback)
    assert '<span class="tag urgent">not sent: refused</span>' in page
    assert "Answer by e-mail" in page
    # What came back is not written twice.
    assert "required>Yes.</textarea>" in page
    assert act(ana, callback, "answer", text="Yes.", client_id="two") == 302


def test_what_waits_for_a_mail_server_that_was_taken_away_is_told(ana: User, settings: Any) -> None:
    """Else an owner would believe that the answer is on its way."""
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "desk@charity.example"
    callback = make_callback(email="maria@example.org")
    act(ana, callback, "answer", text="Yes.", client_id="one")
    assert "cannot be sent" not in read(ana)
    settings.SENDS_MAIL = False
    page = read(ana)
    assert "This desk sends no e-mail at present.</b> 1 waits until" in page
    assert "Answer cannot be sent" in page
    assert "cannot be sent: this desk sends no e-mail at present" in read(ana, callback)
    assert act(ana, callback, "complete", outcome="reached") == 302
    assert "sends no e-mail" not in read(ana)


def test_a_second_reader_releases_an_answer_or_gives_it_back(ana: User, settings: Any) -> None:
    """On the page of the follow-up, where the whole mail is read."""
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "desk@charity.example"
    settings.SECOND_READER = True
    ben = make_specialist("ben")
    callback = make_callback(email="maria@example.org")
    act(ana, callback, "answer", text="Yes.", client_id="one")
    mail = Mail.objects.get()
    assert "waits for a second reader" in read(ana, callback)
    assert "Nobody else is here" not in read(ana, callback)
    set_accepting(ben, is_accepting=False)
    assert "Nobody else is here: send it" in read(ana, callback)
    set_accepting(ben, is_accepting=True)
    assert "Answer to read" in read(ben)
    assert act(ana, callback, "release", mail=mail.pk) == 403
    assert "I have read it: send it" in read(ben, callback)
    assert act(ben, callback, "send_back", mail=mail.pk) == 422
    assert act(ben, callback, "send_back", mail=mail.pk, remark="name the source") == 302
    page = read(ana, callback)
    assert "name the source" in page
    assert "given back, not sent" in page
    assert "required>Yes.</textarea>" in page
    act(ana, callback, "answer", text="Yes, see the leaflet.", client_id="two")
    assert act(ben, callback, "release", mail=Mail.objects.latest("pk").pk) == 302
    assert "on its way" in read(ben, callback)
