"""Asking for a person."""

from dataclasses import replace

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from availability import content
from conversations import access, services
from conversations.access.waits import FEWEST_WAITS, queue_position, wait_minutes
from conversations.errors import (
    ClientIdReused,
    ConversationClosed,
    InvalidInput,
    NotQueued,
    StaleEpoch,
)
from conversations.models import Handoff
from conversations.results import Draft
from conversations.stream.hub import hub
from staff.presence import note_gone, set_accepting
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    last_notice,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    minutes,
    notice_of,
    told,
    turn_of,
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


def test_a_refused_reason_still_gets_its_safety_reply(clock, find):
    conversation = make_conversation()
    services.request_handoff(conversation.pk, client_id="one", reason="questions")
    find("emergency_life")
    with pytest.raises(ClientIdReused) as caught:
        services.request_handoff(
            conversation.pk, client_id="one", reason="my baby is not breathing"
        )
    assert caught.value.safety.kind == "emergency"
    assert fresh(conversation).is_urgent
    assert "safety" in [message.kind for message in told(conversation)]


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
    rows = access.waiting_rows()
    assert [row.conversation.pk for row in rows] == [
        waiting[2].pk,
        waiting[0].pk,
        waiting[1].pk,
    ]
    assert [row.position for row in rows] == [1, 2, 3]
    assert rows[0].last_words == "words"


def test_those_who_asked_at_the_same_moment_have_different_places(clock):
    specialist = make_specialist()
    places = {queue_position(make_queued(specialist)) for _ in range(4)}
    waiting = access.waiting_rows()
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


class TestOrder:
    """The bot's last words, the change of control, "a person will join", the alert."""

    def test_the_bots_last_words_come_before_the_person_is_promised(self, clock):
        """Field note "bot's last words dropped": they are stored, first, under its own control."""
        make_specialist()
        conversation = make_conversation()
        accepted = write(conversation, "can somebody call the clinic with me")
        messages = answer(accepted, Draft("handoff"), answer_draft())
        assert [(message.kind, message.epoch) for message in messages] == [
            ("answer", 1),
            ("handoff", 2),
        ]
        assert [message.seq for message in messages] == [3, 4]
        assert messages[1].text == "A person will join you here. Your place in line is 1."
        assert fresh(conversation).control == "queue"

    def test_asking_again_by_any_way_says_nothing_twice(self, clock):
        """Field note "same closing sent twice at handoff"."""
        make_specialist()
        conversation = make_conversation()
        accepted = write(conversation)
        answer(accepted, Draft("handoff"))
        for again in (
            lambda: answer(accepted, Draft("handoff")),
            lambda: services.request_handoff(conversation.pk),
            lambda: services.request_handoff(conversation.pk, client_id="other"),
        ):
            again()
        names = [notice_of(message) for message in told(conversation)]
        assert names.count("notice:handoff_queued") == 1
        assert AuditEntry.objects.filter(kind="control.queued").count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_staff_are_alerted_by_the_change_itself_and_after_it(self, clock, monkeypatch):
        """Field note "handoff unseen by staff": no message of the visitor has to follow."""
        seen = []

        def look(key, *_, **__):
            seen.append((key, [row.conversation.pk for row in access.waiting_rows()]))

        make_specialist()
        conversation = make_conversation()
        monkeypatch.setattr(hub, "rouse", look)
        services.request_handoff(conversation.pk)
        assert ("queue", [conversation.pk]) in seen
        assert all(rows == [conversation.pk] for _, rows in seen)


class TestHandback:
    """Back with the bot, it answers, and knows nothing of the stretch before."""

    def test_the_bot_speaks_again_after_every_handback(self, clock):
        """Field note "bot mute for good after handback"."""
        specialist = make_specialist()
        conversation = make_conversation()
        sessions = {fresh(conversation).bot_session}
        for _ in range(3):
            services.request_handoff(conversation.pk)
            services.claim_conversation(conversation.pk, specialist=specialist)
            services.release_conversation(conversation.pk, specialist=specialist, to="bot")
            assert last_notice(conversation) == "notice:specialist_left_bot"
            sessions.add(fresh(conversation).bot_session)
            accepted = write(conversation)
            assert answer(accepted)
        assert len(sessions) == 4

    def test_handed_back_to_a_bot_that_is_away_a_person_is_one_tap_off(self, clock):
        """Field note "handback to nobody": the next message says so and names the way back."""
        specialist = make_specialist()
        conversation = make_claimed(specialist)
        services.release_conversation(conversation.pk, specialist=specialist, to="bot")
        services.fail_turn(turn_of(write(conversation)).pk, "unreachable")
        assert last_notice(conversation) == "notice:bot_unavailable"
        write(conversation, choice_id="handoff")
        assert fresh(conversation).control == "queue"

    def test_a_queue_item_is_never_taken_by_nobody(self, clock):
        """Field note "queue item nobody can take": every way back into the queue can be claimed."""
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_claimed(ana)
        services.release_conversation(conversation.pk, specialist=ana, to="queue")
        services.claim_conversation(conversation.pk, specialist=ben)
        note_gone(ben)
        services.requeue_vanished()
        services.leave_queue(conversation.pk)
        services.request_handoff(conversation.pk)
        assert services.claim_conversation(conversation.pk, specialist=ana)
        assert fresh(conversation).specialist == ana

    def test_one_failed_turn_leaves_the_bot_in_control(self, clock):
        """Field note "a healthy bot declared dead": one slow answer moves nothing by itself."""
        make_specialist()
        conversation = make_conversation()
        accepted = write(conversation)
        services.fail_turn(turn_of(accepted).pk, "timeout")
        assert fresh(conversation).control == "bot"
        assert "handoff" in [choice.public_id for choice in told(conversation)[-1].choices.all()]
        assert answer(write(conversation))


def test_words_to_a_closed_conversation_are_refused_and_never_swallowed(clock):
    """Field note "visitor kept writing into a closed chat": the desk says so and stores nothing."""
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    services.close_conversation(conversation.pk, by="specialist", specialist=specialist)
    before = fresh(conversation).last_seq
    with pytest.raises(ConversationClosed):
        write(conversation, "one more thing")
    with pytest.raises(ConversationClosed):
        write(conversation, choice_id="handoff")
    with pytest.raises(ConversationClosed):
        services.send_reply(
            conversation.pk, specialist=specialist, client_id="r", text="words", epoch=4
        )
    assert fresh(conversation).last_seq == before


def test_the_bot_never_talks_over_a_person(clock):
    """Field note "bot talked over the agent": late words are not stored."""
    specialist = make_specialist()
    conversation = make_conversation()
    late = write(conversation)
    services.take_over_conversation(conversation.pk, specialist=specialist)
    with pytest.raises(StaleEpoch):
        answer(late)
    for message in (write(conversation), write(conversation, choice_id="keep_waiting")):
        assert message.turn is None
        assert message.replies == []
