"""Callbacks, feedback, surveys, typing."""

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import ClientIdReused, InvalidInput, UnknownCallback, UnknownMessage
from conversations.models import CallbackRequest, Feedback, Survey
from tests.factories import (
    answer,
    fresh,
    last_notice,
    make_conversation,
    make_specialist,
    told,
    write,
)

pytestmark = pytest.mark.django_db


def test_a_callback_gets_a_reference_and_the_visitor_is_told():
    conversation = make_conversation()
    scheduled = services.schedule_callback(
        conversation.pk,
        client_id="one",
        name=" Ana ",
        phone="(212) 555-0100",
        email="Ana@Example.ORG",
        preferred_time="mornings",
        topic="questions",
    )
    callback = CallbackRequest.objects.get()
    assert (callback.name, callback.phone) == ("Ana", "+12125550100")
    assert callback.email == "Ana@example.org"
    assert len(callback.reference) == 9
    assert callback.reference in scheduled.messages[0].text
    assert last_notice(conversation) == "notice:callback_saved"
    assert not scheduled.is_repeat


def test_a_repeated_callback_is_stored_once():
    conversation = make_conversation()
    first = services.schedule_callback(conversation.pk, client_id="one", phone="212 555 0100")
    again = services.schedule_callback(conversation.pk, client_id="one", phone="212-555-0100")
    assert again.is_repeat
    assert again.callback.reference == first.callback.reference
    with pytest.raises(ClientIdReused):
        services.schedule_callback(conversation.pk, client_id="one", phone="212 555 0199")
    assert CallbackRequest.objects.count() == 1


def test_a_callback_works_after_the_close_without_a_message():
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    before = fresh(conversation).last_seq
    scheduled = services.schedule_callback(conversation.pk, client_id="one", email="a@example.org")
    assert scheduled.callback.reference
    assert scheduled.messages == []
    assert fresh(conversation).last_seq == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "phone"),
        ({"phone": "  "}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "2" * 50}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"phone": "212 555 0100", "name": "x" * 121}, "name"),
        ({"phone": "212 555 0100", "preferred_time": "x" * 201}, "preferred_time"),
        ({"phone": "212 555 0100", "topic": "x" * 1001}, "topic"),
    ],
)
def test_a_callback_nobody_could_make_is_refused_with_the_field(fields, field):
    conversation = make_conversation()
    with pytest.raises(InvalidInput) as caught:
        services.schedule_callback(conversation.pk, client_id="one", **fields)
    assert [error["field"] for error in caught.value.data["errors"]] == [field]
    assert CallbackRequest.objects.count() == 0


def test_all_that_is_wrong_with_a_callback_is_said_at_once():
    with pytest.raises(InvalidInput) as caught:
        services.schedule_callback(
            make_conversation().pk, client_id="one", phone="1", email="x", name="x" * 200
        )
    fields = {error["field"] for error in caught.value.data["errors"]}
    assert fields == {"name", "phone", "email"}


def test_a_callback_is_worked_to_its_end(clock):
    specialist = make_specialist()
    conversation = make_conversation()
    callback = services.schedule_callback(
        conversation.pk, client_id="one", phone="212 555 0100"
    ).callback
    assert access.open_callbacks() == [callback]
    for _ in range(2):
        assert services.complete_callback(callback.pk, by=specialist).state == "done"
    assert access.open_callbacks() == []
    assert AuditEntry.objects.filter(kind="callback.done").count() == 1
    with pytest.raises(UnknownCallback):
        services.complete_callback(callback.pk + 1, by=specialist)


def test_feedback_replaces_feedback():
    conversation = make_conversation()
    said = answer(write(conversation))[0]
    services.give_feedback(conversation.pk, said.pk, is_helpful=True)
    services.give_feedback(conversation.pk, said.pk, is_helpful=False, comment="too short")
    feedback = Feedback.objects.get()
    assert (feedback.is_helpful, feedback.comment) == (False, "too short")


def test_feedback_is_about_what_the_bot_said_here():
    conversation, other = make_conversation(), make_conversation()
    accepted = write(conversation)
    elsewhere = answer(write(other))[0]
    for message_id in (accepted.message.pk, elsewhere.pk, "garbage", conversation.pk):
        with pytest.raises(UnknownMessage):
            services.give_feedback(conversation.pk, message_id, is_helpful=True)


def test_a_survey_is_stored_once():
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    fields = {"client_id": "one", "about": "bot", "score": 5, "comment": "kind"}
    assert not services.record_survey(conversation.pk, **fields).is_repeat
    assert services.record_survey(conversation.pk, **fields).is_repeat
    with pytest.raises(ClientIdReused):
        services.record_survey(conversation.pk, **(fields | {"score": 1}))
    assert Survey.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"score": 0}, "score"), ({"score": 6}, "score"), ({"about": "system"}, "about")],
)
def test_a_survey_that_makes_no_sense_is_refused(fields, field):
    with pytest.raises(InvalidInput) as caught:
        services.record_survey(
            make_conversation().pk, **({"client_id": "s", "about": "bot", "score": 3} | fields)
        )
    assert caught.value.data["errors"][0]["field"] == field


def test_typing_is_never_stored():
    conversation = make_conversation()
    before = fresh(conversation).change_seq
    services.note_typing(conversation.pk)
    assert fresh(conversation).change_seq == before
    assert len(told(conversation)) == 1
