"""Once a death was told, nothing speaks to the family as if the child were alive."""

import pytest

from tests.factories import (
    answer,
    answer_draft,
    fresh,
    make_conversation,
    notice_of,
    response_draft,
    write,
)

pytestmark = pytest.mark.django_db


def bereaved():
    conversation = make_conversation()
    answer(write(conversation, "our son died"), response_draft("smalltalk", "utter_grief"))
    return fresh(conversation)


@pytest.mark.parametrize(
    "draft",
    [
        response_draft("refusal", "utter_refusal_advice"),
        response_draft("fallback", "utter_fallback"),
        response_draft("fallback", "utter_out_of_scope"),
    ],
)
def test_nobody_bereaved_is_turned_away_with_words_for_others(draft):
    replies = answer(write(bereaved(), "what do we do with her things"), draft)
    assert [notice_of(reply) for reply in replies] == ["response:utter_after_loss"]
    assert replies[0].kind == draft.kind
    assert [choice.public_id for choice in replies[0].choices.all()] == ["handoff"]


def test_two_refusals_are_said_once():
    refused = response_draft("refusal", "utter_refusal_advice")
    replies = answer(write(bereaved(), "and now"), refused, answer_draft(), refused)
    assert [reply.kind for reply in replies] == ["refusal", "answer"]


def test_a_death_is_what_the_next_message_is_about():
    conversation = bereaved()
    assert conversation.is_bereaved
    assert conversation.last_entry_id == "grief"


def test_without_a_death_a_refusal_stays_as_it_is():
    conversation = make_conversation()
    replies = answer(write(conversation), response_draft("refusal", "utter_refusal_advice"))
    assert [notice_of(reply) for reply in replies] == ["response:utter_refusal_advice"]
    assert not fresh(conversation).is_bereaved
