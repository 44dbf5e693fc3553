"""Right after a danger was told, no idle words: what comes next seldom names it again."""

import pytest

from conversations.models import Message
from conversations.services.bot_turns import DANGER_MESSAGES, DANGER_TIME
from tests.factories import (
    answer,
    answer_draft,
    make_conversation,
    notice_of,
    response_draft,
    write,
)

pytestmark = pytest.mark.django_db

OKAY = response_draft("smalltalk", "utter_smalltalk_okay")
KIND = response_draft("smalltalk", "utter_empathy")
CHOICES = response_draft("clarify", "utter_clarify", choices=("ask/fever-what", "ask/fever-call"))
REFUSAL = response_draft("refusal", "utter_refusal_advice")


def after(find, category, certainty="certain"):
    """A conversation in which a danger was just told."""
    conversation = make_conversation()
    find(category, certainty=certainty)
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
        ("crisis_suicide", REFUSAL, ["utter_after_danger"]),
        ("crisis_suicide", KIND, ["utter_empathy", "utter_after_danger"]),
        ("emergency_life", OKAY, ["utter_after_danger"]),
        ("emergency_life", response_draft(), ["utter_after_danger"]),
        ("emergency_life", REFUSAL, ["utter_refusal_advice"]),
    ],
)
def test_the_lines_to_call_come_again(category, draft, expected, find):
    assert said(after(find, category), draft) == expected


def test_a_crisis_in_doubt_is_followed_up_and_an_emergency_in_doubt_is_not(find):
    assert said(after(find, "crisis_suicide", "doubt"), OKAY) == ["utter_after_danger"]
    assert said(after(find, "emergency_infection", "doubt"), OKAY) == ["utter_smalltalk_okay"]


def test_an_answer_stands_alone(find):
    replies = answer(write(after(find, "crisis_suicide"), "what is mrd"), answer_draft())
    assert [reply.kind for reply in replies] == ["answer"]


def test_it_ends_after_a_few_messages(find):
    conversation = after(find, "crisis_suicide")
    for _ in range(DANGER_MESSAGES):
        assert said(conversation, OKAY) == ["utter_after_danger"]
    assert said(conversation, OKAY) == ["utter_smalltalk_okay"]


def test_it_ends_after_a_while(find):
    conversation = after(find, "crisis_suicide")
    for message in Message.objects.filter(conversation=conversation):
        Message.objects.filter(pk=message.pk).update(created_at=message.created_at - DANGER_TIME)
    assert said(conversation, OKAY) == ["utter_smalltalk_okay"]
