"""Asking for a person."""

from dataclasses import replace

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from availability import content
from conversations import access, services
from conversations.access.waits import FEWEST_WAITS, queue_position, wait_minutes
from conversations.errors import ClientIdReused, ConversationClosed, InvalidInput, NotQueued
from conversations.models import Handoff
from staff.presence import set_accepting
from tests.factories import (
    fresh,
    last_notice,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    minutes,
    notice_of,
    told,
    write,
)

pytestmark = pytest.mark.django_db


def test_a_visitor_is_queued_when_somebody_is_there(clock):
    make_specialist()
    conversation = make_conversation()
    outcome = services.request_handoff(conversation.pk, client_id="one", reason="questions")
    assert (outcome.control, outcome.queue_position, outcome.offer) == ("queue", 1, None)
    assert not outcome.is_repeat
    assert [notice_of(message) for message in outcome.messages] == ["notice:handoff_queued"]
    assert outcome.messages[0].kind == "handoff"
    after = fresh(conversation)
    assert (after.epoch, after.handoff_reason) == (2, "questions")
    assert after.queued_at is not None


def test_nobody_signed_in_means_the_offer_of_a_callback(clock):
    make_specialist(is_there=False)
    conversation = make_conversation()
    outcome = services.request_handoff(conversation.pk)
    assert (outcome.control, outcome.offer, outcome.opens_at) == ("bot", "callback", None)
    assert last_notice(conversation) == "notice:callback_offer_nobody"
    assert fresh(conversation).epoch == 1


def test_outside_the_hours_the_offer_names_the_next_opening(closed_clock):
    make_specialist()
    conversation = make_conversation()
    outcome = services.request_handoff(conversation.pk)
    assert outcome.opens_at.isoformat() == "2026-11-23T14:00:00+00:00"
    assert "tomorrow at 9:00 AM EST" in outcome.messages[0].text
    assert [choice.public_id for choice in outcome.messages[0].choices.all()] == ["callback"]


def test_unconfirmed_hours_are_not_told_outside_them(closed_clock, monkeypatch):
    unconfirmed = replace(content.organisation(), hours_verified=False)
    monkeypatch.setattr(content, "organisation", lambda: unconfirmed)
    conversation = make_conversation()
    outcome = services.request_handoff(conversation.pk)
    assert outcome.offer == "callback"
    assert last_notice(conversation) == "notice:callback_offer_nobody"


def test_always_open_queues_at_any_hour(closed_clock, settings):
    settings.SERVICE_HOURS = "always"
    make_specialist()
    assert services.request_handoff(make_conversation().pk).control == "queue"


def test_a_specialist_who_does_not_accept_does_not_count(clock):
    specialist = make_specialist()
    set_accepting(specialist, is_accepting=False)
    assert services.request_handoff(make_conversation().pk).offer == "callback"


def test_asking_again_while_waiting_or_talking_changes_nothing(clock):
    specialist = make_specialist()
    for conversation in (make_queued(specialist), make_claimed(specialist)):
        before = fresh(conversation)
        outcome = services.request_handoff(conversation.pk, client_id="again")
        after = fresh(conversation)
        assert outcome.is_repeat
        assert outcome.messages == []
        assert (after.epoch, after.last_seq, after.queued_at) == (
            before.epoch,
            before.last_seq,
            before.queued_at,
        )


def test_a_late_repeat_does_not_queue_a_visitor_who_has_gone_back(clock):
    make_specialist()
    conversation = make_conversation()
    first = services.request_handoff(conversation.pk, client_id="one")
    services.leave_queue(conversation.pk)
    again = services.request_handoff(conversation.pk, client_id="one")
    assert again.is_repeat
    assert (again.control, again.offer) == ("bot", None)
    assert [message.pk for message in again.messages] == [first.messages[0].pk]
    assert fresh(conversation).control == "bot"
    assert services.request_handoff(conversation.pk, client_id="two").control == "queue"


def test_a_repeated_offer_is_the_same_offer(closed_clock):
    conversation = make_conversation()
    first = services.request_handoff(conversation.pk, client_id="one")
    again = services.request_handoff(conversation.pk, client_id="one")
    assert (again.offer, again.opens_at) == (first.offer, first.opens_at)
    assert again.messages == first.messages
    assert fresh(conversation).last_seq == 2


def test_the_same_client_id_with_another_reason_is_refused(clock):
    conversation = make_conversation()
    services.request_handoff(conversation.pk, client_id="one", reason="questions")
    with pytest.raises(ClientIdReused):
        services.request_handoff(conversation.pk, client_id="one", reason="money")


def test_a_reason_that_is_too_long_is_refused():
    with pytest.raises(InvalidInput) as caught:
        services.request_handoff(make_conversation().pk, reason="x" * 501)
    assert caught.value.data["errors"][0]["field"] == "reason"


def test_a_closed_conversation_takes_no_request(clock):
    make_specialist()
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        services.request_handoff(conversation.pk)


def test_waiting_services_are_for_those_who_wait():
    conversation = make_conversation()
    for service in (services.keep_waiting, services.ask_while_waiting, services.leave_queue):
        with pytest.raises(NotQueued):
            service(conversation.pk)


def test_going_back_to_the_bot_starts_a_new_bot_session(clock):
    conversation = make_queued()
    before = fresh(conversation).bot_session
    services.leave_queue(conversation.pk)
    assert fresh(conversation).bot_session != before


def test_the_queue_is_served_urgent_first_and_then_oldest_first(clock, find):
    specialist = make_specialist()
    waiting = []
    for _ in range(3):
        clock.shift(60)
        waiting.append(make_queued(specialist))
    assert [queue_position(fresh(one)) for one in waiting] == [1, 2, 3]
    find("emergency_life")
    write(waiting[2], "words")
    assert [queue_position(fresh(one)) for one in waiting] == [2, 3, 1]
    rows = access.queue_snapshot()
    assert [row.conversation.pk for row in rows] == [
        waiting[2].pk,
        waiting[0].pk,
        waiting[1].pk,
    ]
    assert [row.position for row in rows] == [1, 2, 3]
    assert rows[1].waited_seconds == 120
    assert rows[0].last_visitor_text == "words"


def test_those_who_asked_at_the_same_moment_have_different_places(clock):
    specialist = make_specialist()
    places = {queue_position(make_queued(specialist)) for _ in range(4)}
    waiting = access.queue_snapshot()
    assert {queue_position(row.conversation) for row in waiting} == {1, 2, 3, 4}
    assert max(places) <= 4


def test_no_estimate_is_better_than_a_made_up_one(clock):
    specialist = make_specialist()
    for _ in range(FEWEST_WAITS - 1):
        conversation = make_queued(specialist)
        clock.shift(minutes(4))
        services.claim_conversation(conversation.pk, specialist=specialist)
    assert services.request_handoff(make_conversation().pk).wait_minutes is None


def test_the_estimate_is_a_range_from_recent_waits(clock):
    specialist = make_specialist()
    for wait in (2, 3, 4, 5, 6, 7):
        conversation = make_queued(specialist)
        clock.shift(minutes(wait))
        services.claim_conversation(conversation.pk, specialist=specialist, beyond_capacity=True)
    now = timezone.now()
    low, high = wait_minutes(1, now)
    assert 2 <= low <= 4
    assert 5 <= high <= 7
    assert wait_minutes(2, now)[1] > high
    assert wait_minutes(1, now + minutes(60 * 24 * 30)) is None


def test_every_request_and_its_end_are_kept(clock):
    specialist = make_specialist()
    claimed, left = make_queued(specialist), make_queued(specialist)
    clock.shift(90)
    services.claim_conversation(claimed.pk, specialist=specialist)
    services.leave_queue(left.pk)
    row = Handoff.objects.get(conversation=claimed)
    assert (row.claimed_at - row.created_at).total_seconds() == 90
    assert row.claimed_by == specialist
    assert Handoff.objects.get(conversation=left).left_at is not None


def test_each_change_of_control_has_one_audit_entry(clock):
    conversation = make_queued()
    services.leave_queue(conversation.pk)
    kinds = AuditEntry.objects.filter(
        conversation_id=conversation.pk, kind__startswith="control."
    ).values_list("kind", "data__epoch")
    assert list(kinds) == [("control.queued", 2), ("control.left_queue", 3)]
    assert fresh(conversation).epoch == 3


def test_numbers_stay_gapless_over_all_of_this(clock):
    conversation = make_queued()
    services.ask_while_waiting(conversation.pk)
    services.keep_waiting(conversation.pk)
    services.leave_queue(conversation.pk)
    services.request_handoff(conversation.pk)
    numbers = [message.seq for message in told(conversation)]
    assert numbers == list(range(1, len(numbers) + 1))
