"""Feedback, surveys, typing."""

import uuid

import pytest

from conversations import services
from conversations.errors import AlreadyScored, ClientIdReused, InvalidInput, UnknownMessage
from conversations.models import Feedback, Survey
from tests.factories import (
    answer,
    fresh,
    make_claimed,
    make_conversation,
    make_specialist,
    told,
    write,
)

pytestmark = pytest.mark.django_db


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


def test_each_stretch_of_talk_is_scored_once_bot_and_person_apart(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    reply(conversation, specialist, "Hello, I am here.")

    def score(about, number=4):
        known_as = f"{about} {number} {fresh(conversation).epoch} {Survey.objects.count()}"
        return services.record_survey(
            conversation.pk, client_id=known_as, about=about, score=number
        ).survey

    first_bot, first_person = score("bot"), score("specialist")
    assert first_bot.epoch < first_person.epoch
    for about in ("bot", "specialist"):
        with pytest.raises(AlreadyScored):
            score(about, 1)
    services.release_conversation(conversation.pk, specialist=specialist, to="bot")
    with pytest.raises(AlreadyScored):
        score("specialist", 2)
    services.take_over_conversation(conversation.pk, specialist=specialist)
    reply(conversation, specialist, "Here again.")
    assert score("specialist", 5).epoch > first_person.epoch
    assert Survey.objects.count() == 3


def reply(conversation, specialist, text):
    """The specialist writes."""
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id=str(uuid.uuid4()),
        text=text,
        epoch=fresh(conversation).epoch,
    )


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
