"""Closing with a record, and records left for later, over HTTP and from the keyboard."""

from __future__ import annotations

import html
import uuid
from collections.abc import Callable

import pytest
from django.urls import reverse

from conversations import services
from conversations.models import ContactRecord, Conversation
from staff.models import User
from tests.console.test_pages import signed_in
from tests.factories import (
    answer,
    fresh,
    make_claimed,
    make_conversation,
    make_reviewer,
    make_specialist,
    write,
)

pytestmark = pytest.mark.django_db

FORM = {
    "purpose": "feelings",
    "asker": "grandparent",
    "next_step": "none",
    "topics": ["study"],
    "note": "a long <b>night</b>",
}


@pytest.fixture
def ana(clock: object) -> User:
    """A specialist."""
    return make_specialist("ana")


def talk(specialist: User) -> Conversation:
    """A conversation in which a specialist has written."""
    conversation = make_claimed(specialist)
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id="r1",
        text="hello",
        epoch=conversation.epoch,
    )
    return fresh(conversation)


def address(conversation: Conversation, epoch: int | None = None) -> str:
    """Where a conversation is closed, or a stretch of it recorded."""
    if epoch is None:
        return reverse("console:close", args=[conversation.pk])
    return reverse("console:record", args=[conversation.pk, epoch])


def test_the_form_is_ready_for_the_keyboard(ana: User) -> None:
    """Native lists, the first one in focus, and topics of the answers given ticked."""
    conversation = make_conversation()
    answer(write(conversation))
    services.take_over_conversation(conversation.pk, specialist=ana)
    page = signed_in(ana).get(address(conversation)).content.decode()
    assert '<select name="purpose" autofocus' in page
    assert 'name="topics" value="study" id="id_topics_2" checked' in page
    assert 'name="resources" value="entry:study-result"' in page
    assert "Close now, record later" in page
    assert "style=" not in page
    assert fresh(conversation).control == "specialist"


def test_closing_with_the_record_is_one_press(ana: User) -> None:
    """Closed for the family and recorded for colleagues."""
    conversation = talk(ana)
    answer_page = signed_in(ana).post(address(conversation), {**FORM, "epoch": conversation.epoch})
    assert answer_page["Location"] == reverse("console:home")
    assert fresh(conversation).control == "closed"
    assert ContactRecord.objects.get().asker == "grandparent"
    page = signed_in(make_reviewer("rita")).get(
        reverse("review:conversation", args=[conversation.pk])
    )
    shown = page.content.decode()
    assert "a long &lt;b&gt;night&lt;/b&gt;" in shown
    assert "Somebody to listen" in shown


def test_what_was_filled_in_stays_where_something_is_missing(ana: User) -> None:
    """And the conversation stays open."""
    conversation = talk(ana)
    form = {**FORM, "purpose": "", "epoch": conversation.epoch}
    answer_page = signed_in(ana).post(address(conversation), form)
    assert answer_page.status_code == 422
    page = answer_page.content.decode()
    assert html.escape("a long <b>night</b>") in page
    assert '<option value="grandparent" selected>' in page
    assert "What you filled in is still here" in page
    assert fresh(conversation).control == "specialist"


@pytest.mark.parametrize("begin", [talk, make_claimed])
def test_closing_at_once_leaves_the_record_on_the_list(
    ana: User, begin: Callable[[User], Conversation]
) -> None:
    """The family is let go; the list waits, also where not a word was written."""
    conversation = begin(ana)
    browser = signed_in(ana)
    assert browser.post(address(conversation)).status_code == 302
    assert fresh(conversation).control == "closed"
    back = browser.get(address(conversation), follow=True).content.decode()
    assert "Records to complete" in html.unescape(back)
    assert "did not talk" not in back
    later = address(conversation, conversation.epoch)
    assert later in browser.get(reverse("console:records")).content.decode()
    assert "Close now" not in browser.get(later).content.decode()
    assert browser.post(later, FORM)["Location"] == reverse("console:records")
    assert "Everything is recorded" in browser.get(reverse("console:records")).content.decode()


def test_a_form_left_open_over_an_idle_close_is_kept(ana: User) -> None:
    """What was filled in is never lost to a race."""
    conversation = talk(ana)
    services.close_conversation(conversation.pk, by="visitor")
    answer_page = signed_in(ana).post(address(conversation), {**FORM, "epoch": conversation.epoch})
    assert answer_page.status_code == 302
    assert ContactRecord.objects.get().epoch == conversation.epoch


def test_who_is_away_too_long_is_told_that_the_family_waits_again(ana: User) -> None:
    """Recorded is not closed: somebody has to go on."""
    conversation = talk(ana)
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    form = {**FORM, "epoch": conversation.epoch}
    page = signed_in(ana).post(address(conversation), form, follow=True).content.decode()
    assert "The family is back in line" in page
    assert "is closed and recorded" not in page
    assert ContactRecord.objects.get().epoch == conversation.epoch


def test_of_somebody_elses_talk_there_is_no_form(ana: User) -> None:
    """They are sent back to the conversation, and told why."""
    conversation = talk(ana)
    browser = signed_in(make_specialist("ben"))
    for path in (address(conversation), address(conversation, conversation.epoch)):
        for answer_page in (browser.get(path), browser.post(path, {**FORM, "epoch": "3"})):
            assert answer_page.status_code == 302
    assert browser.post(address(conversation)).status_code == 302
    assert fresh(conversation).control == "specialist"
    assert not ContactRecord.objects.exists()
    assert signed_in(make_reviewer("rita")).get(address(conversation)).status_code == 403


def test_a_conversation_that_is_gone_is_not_found(ana: User) -> None:
    """Erased while the form stood open."""
    path = reverse("console:close", args=[uuid.uuid4()])
    assert signed_in(ana).get(path).status_code == 404
    assert signed_in(ana).post(path).status_code == 404
    assert signed_in(ana).post(path, {**FORM, "epoch": "3"}).status_code == 404
