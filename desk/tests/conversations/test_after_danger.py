"""Right after a danger was told, no idle words: what comes next seldom names it again."""

import pytest

from conversations import services
from conversations.models import Message
from conversations.services.bot_turns import DANGER_TIME, MESSAGES_AFTER
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    make_claimed,
    make_conversation,
    make_specialist,
    notice_of,
    response_draft,
    write,
)

pytestmark = pytest.mark.django_db

OKAY = response_draft("smalltalk", "utter_smalltalk_okay")
THANKS = response_draft("smalltalk", "utter_smalltalk_thanks")
KIND = response_draft("smalltalk", "utter_empathy")
CHOICES = response_draft("clarify", "utter_clarify", choices=("ask/fever-what", "ask/fever-call"))
REFUSAL = response_draft("refusal", "utter_refusal_advice")
GRIEF = response_draft("smalltalk", "utter_grief")


def after(find, *categories, certainty="certain"):
    """A conversation in which a danger was just told."""
    conversation = make_conversation()
    find(*categories, certainty=certainty)
    write(conversation, "a danger")
    find()
    return conversation


def said(conversation, *drafts):
    replies = answer(write(conversation, "maybe i will"), *drafts)
    return [notice_of(reply).removeprefix("response:") for reply in replies]


@pytest.mark.parametrize(
    ("category", "draft", "expected"),
    [
        ("crisis_suicide", OKAY, ["utter_after_danger"]),
        ("crisis_suicide", CHOICES, ["utter_after_danger"]),
        ("crisis_suicide", response_draft(), ["utter_after_danger"]),
        ("crisis_suicide", REFUSAL, ["utter_after_danger", "utter_refusal_advice"]),
        ("crisis_suicide", KIND, ["utter_empathy", "utter_after_danger"]),
        ("crisis_suicide", THANKS, ["utter_smalltalk_thanks"]),
        ("emergency_life", OKAY, ["utter_after_danger"]),
        ("emergency_life", response_draft(), ["utter_after_danger"]),
        ("emergency_life", CHOICES, ["utter_after_danger", "utter_clarify"]),
        ("emergency_life", GRIEF, ["utter_grief"]),
        ("emergency_infection", OKAY, ["utter_smalltalk_okay"]),
    ],
)
def test_the_lines_to_call_come_again(category, draft, expected, find):
    assert said(after(find, category), draft) == expected


def test_in_doubt_a_crisis_is_followed_up_once_and_an_emergency_is_not(find):
    conversation = after(find, "crisis_suicide", certainty="doubt")
    assert said(conversation, OKAY) == ["utter_after_danger"]
    assert said(conversation, OKAY) == ["utter_smalltalk_okay"]
    assert said(after(find, "emergency_life", certainty="doubt"), OKAY) == ["utter_smalltalk_okay"]


def test_in_doubt_choices_stay(find):
    conversation = after(find, "crisis_suicide", certainty="doubt")
    assert said(conversation, CHOICES) == ["utter_after_danger", "utter_clarify"]


def test_an_answer_stands_alone(find):
    replies = answer(write(after(find, "crisis_suicide"), "what is mrd"), answer_draft())
    assert [reply.kind for reply in replies] == ["answer"]


def test_it_ends_after_a_few_messages(find):
    conversation = after(find, "crisis_suicide")
    for _ in range(MESSAGES_AFTER["certain"]):
        assert said(conversation, OKAY) == ["utter_after_danger"]
    assert said(conversation, OKAY) == ["utter_smalltalk_okay"]


def test_it_ends_where_a_specialist_has_written(find, clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    find("crisis_suicide")
    write(conversation, "a danger")
    find()
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id="reply-1",
        text="I am with you.",
        epoch=fresh(conversation).epoch,
    )
    services.release_conversation(conversation.pk, specialist=specialist, to="bot")
    assert said(fresh(conversation), OKAY) == ["utter_smalltalk_okay"]


def test_it_ends_after_a_while(find):
    conversation = after(find, "crisis_suicide")
    for message in Message.objects.filter(conversation=conversation):
        earlier = message.created_at - 2 * DANGER_TIME
        Message.objects.filter(pk=message.pk).update(created_at=earlier)
    assert said(conversation, OKAY) == ["utter_smalltalk_okay"]
