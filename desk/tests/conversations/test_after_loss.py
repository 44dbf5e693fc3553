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


def test_asking_about_grief_in_words_tells_of_a_death_and_a_tap_does_not(monkeypatch):
    monkeypatch.setattr("conversations.services.bot_turns._GRIEF_ENTRIES", ("study-result",))
    typed, tapped = make_conversation(), make_conversation()
    answer(write(typed, "how do people grieve"), answer_draft())
    assert fresh(typed).is_bereaved
    offered = response_draft("clarify", "utter_clarify", choices=("ask/study-result",))
    [message] = answer(write(tapped), offered)
    choice = message.choices.first()
    answer(write(tapped, choice_id=choice.public_id), answer_draft())
    assert not fresh(tapped).is_bereaved


def test_without_a_death_a_refusal_stays_as_it_is():
    conversation = make_conversation()
    replies = answer(write(conversation), response_draft("refusal", "utter_refusal_advice"))
    assert [notice_of(reply) for reply in replies] == ["response:utter_refusal_advice"]
    assert not fresh(conversation).is_bereaved


def test_a_dose_is_refused_with_whom_to_call():
    replies = answer(write(bereaved()), response_draft("refusal", "utter_refusal_dose"))
    assert [notice_of(reply) for reply in replies] == ["response:utter_refusal_dose"]


def test_a_refusal_beside_the_words_for_a_death_is_kind_too():
    grief = response_draft("smalltalk", "utter_grief")
    refused = response_draft("refusal", "utter_refusal_advice")
    replies = answer(write(make_conversation(), "he died. should we have"), grief, refused)
    assert [notice_of(reply) for reply in replies] == [
        "response:utter_grief",
        "response:utter_after_loss",
    ]


def test_below_a_crisis_line_nobody_bereaved_is_told_what_we_cannot_answer(find):
    conversation = bereaved()
    find("crisis_suicide", certainty="doubt")
    refused = response_draft("refusal", "utter_refusal_advice")
    replies = answer(write(conversation, "i want to be with him"), refused)
    assert [notice_of(reply) for reply in replies] == ["response:utter_beside_safety"]
