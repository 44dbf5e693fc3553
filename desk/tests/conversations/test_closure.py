"""When the service closes: nobody new is queued, and nobody is cut."""

from datetime import UTC, datetime

import pytest

from availability.services import close_service, lift_closure
from conversations import services
from conversations.models import Control
from tests.factories import (
    fresh,
    last_notice,
    make_admin,
    make_claimed,
    make_conversation,
    make_opened,
    make_queued,
    make_specialist,
    notice_of,
    write,
)

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
CLIENT_ID = "5c8f0d0e-6a7b-4a7e-9a34-cbbf1c2d3e4f"


def test_a_new_request_is_turned_into_an_offer_and_told_when_in_the_visitors_zone(clock):
    make_specialist()
    conversation = services.open_conversation(time_zone="America/Chicago").conversation
    close_service(by=make_admin(), until=UNTIL)
    outcome = services.request_handoff(conversation.pk)
    assert (outcome.control, outcome.offer, outcome.opens_at) == (Control.BOT, "callback", UNTIL)
    assert "today at 10:00 AM CST" in outcome.messages[0].text
    assert notice_of(outcome.messages[0]) == "notice:callback_offer_closed"


def test_without_a_known_end_nothing_is_promised(clock):
    make_specialist()
    conversation = make_conversation()
    closure = close_service(by=make_admin())
    outcome = services.request_handoff(conversation.pk)
    assert (outcome.offer, outcome.opens_at) == ("callback", None)
    assert notice_of(outcome.messages[0]) == "notice:callback_offer_nobody"
    lift_closure(closure.pk, by=make_admin())
    assert services.request_handoff(conversation.pk).control == Control.QUEUE


def test_the_greeting_obeys(clock):
    make_specialist()
    assert notice_of(make_opened().messages[0]) == "notice:greeting_open"
    close_service(by=make_admin(), message="Words of the team.")
    greeting = make_opened().messages[0]
    assert notice_of(greeting) == "notice:greeting_closed"
    # The admin's words are never the bot's.
    assert "Words of the team." not in greeting.text


def test_whoever_waits_is_still_taken(clock):
    specialist = make_specialist()
    conversation = make_queued(specialist)
    close_service(by=make_admin())
    assert fresh(conversation).control == Control.QUEUE
    assert services.request_handoff(conversation.pk).queue_position == 1
    services.claim_conversation(conversation.pk, specialist=specialist)
    assert fresh(conversation).control == Control.SPECIALIST


def test_whoever_talks_goes_on_talking(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    close_service(by=make_admin(), until=UNTIL)
    write(conversation, "Are you still there?")
    sent = services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id=CLIENT_ID,
        text="Yes, I am.",
        epoch=fresh(conversation).epoch,
    )
    assert sent.message.seq == fresh(conversation).last_seq
    services.release_conversation(conversation.pk, specialist=specialist, to="queue")
    services.claim_conversation(conversation.pk, specialist=specialist)
    services.close_conversation(conversation.pk, by="specialist", specialist=specialist)
    assert last_notice(conversation) == "notice:closed_by_specialist"


def test_closing_time_cuts_nobody_either(clock):
    specialist = make_specialist()
    waiting, talking = make_queued(specialist), make_claimed(specialist)
    clock.move_to(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))  # 18:00 there
    write(talking, "Still here.")
    services.claim_conversation(waiting.pk, specialist=specialist)
    assert {fresh(waiting).control, fresh(talking).control} == {Control.SPECIALIST}
    assert services.request_handoff(make_conversation().pk).offer == "callback"


def test_an_unknown_zone_falls_back_to_the_organisations(clock):
    make_specialist()
    conversation = services.open_conversation(time_zone="Mars/Olympus").conversation
    assert conversation.time_zone == ""
    close_service(by=make_admin(), until=UNTIL)
    words = services.request_handoff(conversation.pk).messages[0].text
    assert "today at 11:00 AM EST" in words
