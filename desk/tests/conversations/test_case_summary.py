"""The few lines beside a chat hold what is on record, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import access, services
from conversations.access import case_summary
from conversations.models import ContactRecord, Conversation
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    make_conversation,
    make_specialist,
    response_draft,
    write,
)

pytestmark = pytest.mark.django_db


def summary(conversation: Conversation):
    return case_summary(access.transcript(conversation.pk), now=timezone.now())


def record(conversation: Conversation, **fields) -> ContactRecord:
    return ContactRecord.objects.create(
        conversation=conversation,
        specialist=make_specialist(),
        epoch=conversation.epoch,
        purpose="information",
        asker="mother",
        next_step="none",
        created_at=timezone.now(),
        **fields,
    )


def test_each_question_stands_with_what_came_of_it(clock):
    conversation = make_conversation()
    [said] = answer(write(conversation, "what is a fever"), answer_draft())
    services.give_feedback(conversation.pk, said.pk, is_helpful=False)
    answer(write(conversation, "asdf"), response_draft("fallback", "utter_fallback"))
    found = summary(conversation)
    assert [(asked.text, asked.is_answer, asked.is_helpful) for asked in found.asked] == [
        ("what is a fever", True, False),
        ("asdf", False, None),
    ]
    assert found.asked[0].outcome == said.answer["title"]
    assert found.asked[1].outcome == "no answer found"
    assert found.unanswered == []


def test_what_nobody_answered_and_what_raised_an_alarm_is_told(clock):
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    write(conversation, "please hurry")
    write(conversation, "my baby is not breathing")
    found = summary(conversation)
    assert found.unanswered == ["please hurry", "my baby is not breathing"]
    assert [kind for _, kind in found.safety_flags] == ["emergency"]


def test_a_tap_on_a_way_on_is_no_question(clock):
    make_specialist()
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    write(conversation, choice_id="keep_waiting")
    found = summary(conversation)
    assert found.asked == []
    assert found.unanswered == []


def test_waits_run_until_somebody_joins(clock):
    conversation = make_conversation()
    specialist = make_specialist()
    services.request_handoff(conversation.pk)
    clock.shift(timedelta(seconds=90))
    assert summary(conversation).waits == [90]
    services.claim_conversation(conversation.pk, specialist=specialist)
    clock.shift(timedelta(seconds=60))
    assert summary(conversation).waits == [90]


def test_earlier_contacts_are_told_only_after_a_resume_link(clock):
    conversation = make_conversation()
    kept = record(conversation)
    assert summary(conversation).earlier == []
    Conversation.objects.filter(pk=conversation.pk).update(resumed_at=timezone.now())
    [contact] = summary(conversation).earlier
    assert contact.purpose == "Facts about the disease or its treatment"
    assert contact.ended_at == kept.created_at


def test_a_chat_that_goes_on_from_another_shows_the_record_of_that_one_alone(clock):
    before, stranger = make_conversation(), make_conversation()
    kept = record(before)
    record(stranger)
    after = make_conversation()
    Conversation.objects.filter(pk=after.pk).update(continues=before)
    assert [contact.ended_at for contact in summary(after).earlier] == [kept.created_at]
    assert summary(fresh(stranger)).earlier == []
