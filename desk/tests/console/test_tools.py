"""What helps to write a reply: searched, put in, checked and kept on record."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from conversations import services
from conversations.models import Conversation, Message
from staff.models import User
from tests.factories import (
    answer,
    fresh,
    make_queued,
    make_reviewer,
    make_specialist,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def specialist(clock: object) -> User:
    return make_specialist("ana")


@pytest.fixture
def held(specialist: User) -> Conversation:
    conversation = make_queued(specialist)
    services.claim_conversation(conversation.pk, specialist=specialist)
    return fresh(conversation)


@pytest.fixture
def browser(specialist: User) -> Client:
    client = Client()
    client.force_login(specialist)
    return client


def reply(browser: Client, conversation: Conversation, text: str, resources: object):
    given = resources if isinstance(resources, str) else json.dumps(resources)
    return browser.post(
        reverse("console:reply", args=[conversation.pk]),
        {
            "text": text,
            "client_id": str(uuid.uuid4()),
            "epoch": conversation.epoch,
            "seen_seq": conversation.last_seq,
            "resources": given,
        },
    )


def test_words_find_answers_with_their_text_ready_to_put_in(browser):
    page = browser.get(reverse("console:find_answer"), {"words": "whom to call"}).content.decode()
    assert 'data-insert="entry" data-id="fever-call"' in page
    assert "Where this comes from:" in page


def test_a_search_without_result_says_so_and_an_empty_one_is_silent(browser):
    address = reverse("console:find_answer")
    assert "No approved answer" in browser.get(address, {"words": "xyzzyplugh"}).content.decode()
    assert browser.get(address, {"words": " "}).content.decode().strip() == ""


def test_what_is_searched_for_is_never_markup(browser):
    page = browser.get(reverse("console:find_answer"), {"words": "<script>alert(1)</script>"})
    assert b"<script>" not in page.content


def test_the_drawer_has_templates_by_category_and_services(browser):
    page = browser.get(reverse("console:tools")).content.decode()
    assert "[[your first name]]" in page
    assert "not confirmed under the present name" in page


@pytest.mark.parametrize("name", ["console:tools", "console:find_answer"])
def test_only_those_who_watch_may_look(clock, name):
    stranger, reviewer = Client(), Client()
    reviewer.force_login(make_reviewer())
    assert stranger.get(reverse(name)).status_code == 302
    assert reviewer.get(reverse(name)).status_code == 403


def test_what_was_put_into_a_reply_is_on_record_and_the_visitor_sees_the_words_alone(browser, held):
    put_in = [{"kind": "entry", "id": "fever-call", "title": "x", "version": "forged"}]
    assert reply(browser, held, "Call your team.", put_in).status_code == 204
    message = Message.objects.get(sender="specialist")
    [kept] = message.resources
    assert (kept["kind"], kept["id"]) == ("entry", "fever-call")
    assert kept["version"] != "forged"


DEEP = "[" * 4_000 + "]" * 4_000


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "7",
        '["x"]',
        '[{"kind": "entry", "id": "gone"}]',
        pytest.param(DEEP, id="deep"),
        pytest.param(f"[{DEEP}, {DEEP}]", id="long"),
        pytest.param("[" * 200_000, id="deeper than can be read"),
        pytest.param(f'[{{"kind": {DEEP}, "id": "x"}}]', id="deep inside"),
    ],
)
def test_a_broken_list_of_what_was_put_in_sends_nothing_and_says_what_to_do(browser, held, given):
    said = reply(browser, held, "Hello.", given)
    assert said.status_code == 422
    assert said.content.decode().startswith("Not sent: ")
    assert not Message.objects.filter(sender="specialist").exists()


def test_an_open_blank_is_named_and_nothing_is_sent(browser, held):
    said = reply(browser, held, "Hello, I'm [[your first name]].", [])
    assert said.status_code == 422
    assert "[[your first name]]" in said.content.decode()
    assert not Message.objects.filter(sender="specialist").exists()


def test_whoever_asked_the_bot_nothing_has_no_list(browser, held):
    page = browser.get(reverse("console:conversation", args=[held.pk])).content.decode()
    assert '<p class="muted small">The family asked the bot nothing.</p>' in page
    assert '<ol class="asked' not in page


def test_the_page_tells_in_short_what_was_asked_and_answered(browser, specialist):
    conversation = make_queued(specialist)
    services.leave_queue(conversation.pk)
    answer(write(conversation, "what is a fever"))
    services.request_handoff(conversation.pk)
    page = browser.get(reverse("console:conversation", args=[conversation.pk])).content.decode()
    assert "In short" in page
    assert "what is a fever<br>Answered: " in page
    assert "Earlier contacts" not in page
