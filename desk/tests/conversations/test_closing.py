"""Ending a conversation, by hand or by time."""

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import ConversationClosed, NotInControl
from conversations.models import Turn, TurnState
from staff.presence import note_gone, note_seen
from tests.factories import (
    answer,
    fresh,
    last_notice,
    make_claimed,
    make_conversation,
    make_opened,
    make_queued,
    make_specialist,
    minutes,
    notice_of,
    told,
    write,
)

pytestmark = pytest.mark.django_db


def test_a_visitor_ends_the_conversation_and_is_told(clock):
    conversation = make_conversation()
    messages = services.close_conversation(conversation.pk, by="visitor")
    after = fresh(conversation)
    assert [notice_of(message) for message in messages] == ["notice:closed_by_visitor"]
    assert (after.control, after.closed_by, after.epoch) == ("closed", "visitor", 2)
    assert after.closed_at is not None
    assert told(conversation)[-1] == messages[0]


def test_closing_twice_changes_nothing(clock):
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    before = fresh(conversation)
    assert services.close_conversation(conversation.pk, by="visitor") == []
    assert fresh(conversation).epoch == before.epoch
    assert AuditEntry.objects.filter(kind="control.closed").count() == 1


def test_a_specialist_ends_only_their_own(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    conversation = make_claimed(ana)
    with pytest.raises(NotInControl):
        services.close_conversation(conversation.pk, by="specialist", specialist=ben)
    with pytest.raises(NotInControl):
        services.close_conversation(conversation.pk, by="specialist")
    services.close_conversation(conversation.pk, by="specialist", specialist=ana)
    after = fresh(conversation)
    assert (after.control, after.specialist) == ("closed", None)
    assert last_notice(conversation) == "notice:closed_by_specialist"


def test_closing_while_waiting_leaves_the_queue(clock):
    conversation = make_queued()
    services.close_conversation(conversation.pk, by="visitor")
    assert fresh(conversation).queued_at is None


def test_a_turn_at_work_ends_with_the_conversation(clock):
    conversation = make_conversation()
    write(conversation)
    services.close_conversation(conversation.pk, by="visitor")
    assert Turn.objects.get().state == TurnState.FAILED


def test_silence_is_warned_about_and_then_closed(clock, settings):
    conversation = make_conversation()
    answer(write(conversation))
    clock.shift(minutes(settings.IDLE_WARNING_MINUTES - 1))
    assert services.warn_idle() == 0
    clock.shift(minutes(1))
    assert services.warn_idle() == 1
    assert services.warn_idle() == 0
    assert last_notice(conversation) == "notice:idle_warning"
    clock.shift(minutes(settings.IDLE_CLOSE_MINUTES - 1))
    assert services.close_idle() == 0
    clock.shift(minutes(1))
    assert services.close_idle() == 1
    assert fresh(conversation).closed_by == "idle"
    assert last_notice(conversation) == "notice:closed_idle"


def test_a_word_after_the_warning_starts_the_clock_anew(clock, settings):
    conversation = make_conversation()
    write(conversation)
    clock.shift(minutes(settings.IDLE_WARNING_MINUTES))
    services.warn_idle()
    write(conversation)
    clock.shift(minutes(settings.IDLE_CLOSE_MINUTES))
    assert services.close_idle() == 0
    assert services.warn_idle() == 1


def test_one_tap_on_the_warning_keeps_the_chat_open(clock, settings):
    conversation = make_conversation()
    answer(write(conversation))
    clock.shift(minutes(settings.IDLE_WARNING_MINUTES))
    services.warn_idle()
    offered = [choice.public_id for choice in told(conversation)[-1].choices.all()]
    assert offered == ["still_here"]
    clock.shift(minutes(settings.IDLE_CLOSE_MINUTES - 1))
    accepted = write(conversation, choice_id="still_here")
    assert accepted.turn is None
    assert last_notice(conversation) == "notice:still_here"
    clock.shift(minutes(1))
    assert services.close_idle() == 0


def test_a_specialist_reads_that_the_family_is_still_there(clock, settings):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    write(conversation, choice_id="still_here")
    assert told(conversation)[-1].text == "I am still here"
    assert fresh(conversation).control == "specialist"


def test_a_closed_chat_cannot_be_kept_open(clock):
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        write(conversation, choice_id="still_here")


def test_whoever_waits_for_a_person_is_never_closed(clock, settings):
    conversation = make_queued()
    write(conversation)
    clock.shift(minutes(24 * 60))
    assert services.warn_idle() == 0
    assert services.close_idle() == 0
    assert fresh(conversation).control == "queue"


def test_nobody_is_closed_for_a_specialists_silence(clock, settings):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    write(conversation, "are you there?")
    clock.shift(minutes(24 * 60))
    assert services.warn_idle() == 0
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id="r",
        text="yes",
        epoch=fresh(conversation).epoch,
    )
    clock.shift(minutes(settings.IDLE_WARNING_MINUTES))
    assert services.warn_idle() == 1
    clock.shift(minutes(settings.IDLE_CLOSE_MINUTES))
    assert services.close_idle() == 1


def test_a_long_wait_turns_into_a_choice_and_nobody_loses_the_place(clock, settings):
    conversation = make_queued()
    clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES - 1))
    assert services.remind_waiting() == 0
    clock.shift(minutes(1))
    assert services.remind_waiting() == 1
    assert services.remind_waiting() == 0
    message = told(conversation)[-1]
    assert notice_of(message) == "notice:still_waiting"
    assert [choice.public_id for choice in message.choices.all()] == [
        "keep_waiting",
        "ask_while_waiting",
        "callback",
        "back_to_bot",
    ]
    assert fresh(conversation).control == "queue"
    write(conversation, choice_id="keep_waiting")
    clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
    assert services.remind_waiting() == 1


def test_an_empty_conversation_expires_and_one_with_words_does_not(clock, settings):
    empty, spoken, called, urgent = (make_opened() for _ in range(4))
    write(spoken.conversation)
    services.note_refused_text(urgent.conversation.pk, "my baby is not breathing")
    services.schedule_callback(called.conversation.pk, client_id="c", phone="212 555 0100")
    clock.shift(minutes(settings.EMPTY_EXPIRY_HOURS * 60 - 1))
    assert services.expire_empty() == 0
    clock.shift(minutes(2))
    assert services.expire_empty() == 1
    assert fresh(spoken.conversation)
    assert fresh(called.conversation)
    assert fresh(urgent.conversation)
    with pytest.raises(type(empty.conversation).DoesNotExist):
        fresh(empty.conversation)


def test_an_empty_conversation_is_not_warned_about(clock, settings):
    make_conversation()
    clock.shift(minutes(24 * 60))
    assert services.warn_idle() == 0


class TestVanished:
    """A specialist whose console is gone leaves nobody alone."""

    def test_the_visitor_is_told_and_waits_at_the_old_place(self, clock, settings):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        first = make_claimed(ana)
        asked_at = fresh(first).queued_at
        clock.shift(60)
        second = make_queued(ben)
        clock.shift(settings.VANISHED_SECONDS - 60)
        assert services.requeue_vanished() == 0
        clock.shift(61)
        assert services.requeue_vanished() == 1
        assert services.requeue_vanished() == 0
        after = fresh(first)
        assert (after.control, after.specialist, after.queued_at) == ("queue", None, asked_at)
        assert last_notice(first) == "notice:specialist_left_queue"
        rows = [row.conversation.pk for row in access.queue_snapshot()]
        assert rows == [first.pk, second.pk]
        assert services.claim_conversation(first.pk, specialist=ana)

    def test_an_open_console_keeps_its_conversations(self, clock, settings):
        specialist = make_specialist()
        conversation = make_claimed(specialist)
        for _ in range(3):
            clock.shift(settings.VANISHED_SECONDS)
            note_seen(specialist)
            assert services.requeue_vanished() == 0
        assert fresh(conversation).control == "specialist"

    def test_who_signs_out_gives_conversations_back(self, clock):
        specialist = make_specialist()
        conversation = make_claimed(specialist)
        note_gone(specialist)
        assert services.requeue_vanished() == 1
        assert fresh(conversation).control == "queue"
