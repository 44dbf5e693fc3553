"""Ending a conversation, by hand or by time."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import AlreadyClaimed, ConversationClosed, NotInControl
from conversations.models import Turn, TurnState
from staff.models import User
from staff.presence import ANOTHER_SIGN_SECONDS, note_gone, note_seen, set_accepting
from tests.factories import (
    OPEN,
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

WAYS_ON = ["keep_waiting", "ask_while_waiting", "callback", "back_to_bot"]


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
    note_seen(User.objects.get())
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
    verdict = services.verdict_on("my baby is not breathing")
    services.note_refused_text(urgent.conversation.pk, verdict)
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


class TestLongWait:
    """A long wait ends in an offer, never in silence, and costs nothing that was typed."""

    @pytest.mark.parametrize("name", ["keep_waiting", "ask_while_waiting", "callback"])
    def test_every_way_but_one_keeps_place_and_words(self, clock, settings, name):
        conversation = make_queued()
        write(conversation, "my long story")
        asked_at = fresh(conversation).queued_at
        clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
        services.remind_waiting()
        accepted = write(conversation, choice_id=name)
        assert accepted.replies
        after = fresh(conversation)
        assert (after.control, after.queued_at) == ("queue", asked_at)
        assert "my long story" in [message.text for message in told(conversation)]

    def test_back_with_the_bot_the_words_are_still_there(self, clock, settings):
        conversation = make_queued()
        write(conversation, "my long story")
        clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
        services.remind_waiting()
        write(conversation, choice_id="back_to_bot")
        assert fresh(conversation).control == "bot"
        assert "my long story" in [message.text for message in told(conversation)]

    def test_a_question_left_while_waiting_takes_along_what_was_typed(self, clock):
        conversation = make_queued()
        write(conversation, "my long story")
        left = services.schedule_callback(
            conversation.pk, client_id="c", phone="212 555 0100", kind="question"
        )
        assert "my long story" in left.callback.topic

    def test_while_nobody_is_there_no_person_is_promised(self, clock, settings):
        conversation = make_queued()
        clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
        assert services.remind_waiting() == 1
        assert last_notice(conversation) == "notice:queue_nobody"
        write(conversation, choice_id="keep_waiting")
        assert last_notice(conversation) == "notice:queue_nobody"

    def test_in_an_empty_house_nobody_is_told_again_and_again(self, clock, settings):
        """Open at every hour, with nobody at a console until the morning."""
        settings.SERVICE_HOURS = "always"
        conversation = make_queued()
        note_gone(User.objects.get())
        for _ in range(30):
            clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
            services.remind_waiting()
        said = [notice_of(message) for message in told(conversation)]
        assert said.count("notice:queue_nobody") == 1
        write(conversation, "is anybody there")
        clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
        services.remind_waiting()
        assert last_notice(conversation) == "notice:queue_nobody"
        note_seen(User.objects.get())
        services.remind_waiting()
        clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
        note_seen(User.objects.get())
        services.remind_waiting()
        assert last_notice(conversation) == "notice:still_waiting"

    def test_who_was_promised_the_morning_is_told_when_nobody_comes(self, clock, settings):
        conversation = make_queued()
        clock.move_to(OPEN.replace(hour=23, minute=0))
        note_gone(User.objects.get())
        services.tell_closed()
        assert last_notice(conversation) == "notice:queue_closed"
        clock.shift(minutes(60 * 16))
        services.tell_closed()
        services.remind_waiting()
        assert last_notice(conversation) == "notice:queue_nobody"
        clock.shift(minutes(settings.QUEUE_REMINDER_MINUTES))
        assert services.remind_waiting() == 0


class TestClosingTime:
    """Those who still wait when the service closes are told, and keep their place."""

    @pytest.fixture
    def waiting(self, clock):
        """One who waits; Ana is at her console at two minutes before closing time."""
        conversation = make_queued(make_specialist("ana"))
        clock.move_to(OPEN.replace(hour=21, minute=58))
        note_seen(User.objects.get())
        return conversation

    def test_with_somebody_still_there_the_place_counts_on(self, waiting, clock):
        ana = User.objects.get()
        assert services.tell_closed() == 0
        clock.shift(minutes(2))
        note_seen(ana)
        assert services.tell_closed() == 1
        assert services.tell_closed() == 0
        notice = told(waiting)[-1]
        assert notice_of(notice) == "notice:queue_closing"
        assert [choice.public_id for choice in notice.choices.all()] == WAYS_ON
        services.claim_conversation(waiting.pk, specialist=ana)
        assert fresh(waiting).queue_told == ""

    def test_once_nobody_works_any_more_they_learn_when_people_are_back(self, waiting, clock):
        clock.shift(minutes(2))
        note_seen(User.objects.get())
        services.tell_closed()
        note_gone(User.objects.get())
        assert services.tell_closed() == 1
        assert services.tell_closed() == 0
        notice = told(waiting)[-1]
        assert notice_of(notice) == "notice:queue_closed"
        assert "tomorrow at 9:00 AM EST" in notice.text
        assert [choice.public_id for choice in notice.choices.all()] == WAYS_ON
        assert fresh(waiting).control == "queue"
        entries = AuditEntry.objects.filter(kind="queue.closed_told")
        assert [entry.data["is_staffed"] for entry in entries] == [True, False]

    def test_nobody_is_reminded_through_the_night_unless_they_write(self, waiting, clock):
        clock.shift(minutes(5))
        services.tell_closed()
        before = fresh(waiting).last_seq
        for _ in range(6):
            clock.shift(minutes(30))
            assert services.remind_waiting() == 0
            assert services.tell_closed() == 0
        assert fresh(waiting).last_seq == before
        write(waiting, "is anybody there?")
        assert services.remind_waiting() == 1
        assert last_notice(waiting) == "notice:queue_closed"

    def test_in_the_morning_they_are_the_first_in_line(self, waiting, clock):
        ana = User.objects.get()
        clock.shift(minutes(5))
        services.tell_closed()
        clock.move_to(OPEN.replace(day=24))
        note_seen(ana)
        later = make_queued(ana)
        services.tell_closed()
        assert fresh(waiting).queue_told == ""
        assert [row.conversation.pk for row in access.waiting_rows()] == [waiting.pk, later.pk]
        assert services.remind_waiting() == 1
        assert last_notice(waiting) == "notice:still_waiting"

    def test_an_open_chat_finishes(self, waiting, clock):
        ana = User.objects.get()
        services.claim_conversation(waiting.pk, specialist=ana)
        clock.shift(minutes(30))
        note_seen(ana)
        for chore in (services.tell_closed, services.remind_waiting, services.requeue_vanished):
            assert chore() == 0
        write(waiting, "one more thing")
        services.send_reply(
            waiting.pk, specialist=ana, client_id="r", text="yes", epoch=fresh(waiting).epoch
        )
        assert told(waiting)[-1].text == "yes"

    def test_lost_after_closing_time_they_are_told_once(self, waiting, clock):
        services.claim_conversation(waiting.pk, specialist=User.objects.get())
        clock.shift(minutes(30))
        assert services.requeue_vanished() == 1
        assert last_notice(waiting) == "notice:specialist_left_nobody"
        assert services.tell_closed() == 0
        assert services.remind_waiting() == 0


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
        note_seen(ben)
        assert services.requeue_vanished() == 1
        assert services.requeue_vanished() == 0
        after = fresh(first)
        assert (after.control, after.specialist, after.queued_at) == ("queue", None, asked_at)
        assert last_notice(first) == "notice:specialist_left_queue"
        rows = [row.conversation.pk for row in access.waiting_rows()]
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

    def test_each_of_several_gets_exactly_the_old_place(self, clock, settings):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        waiting = []
        for _ in range(4):
            clock.shift(5)
            waiting.append(make_queued(ana))
        for number in (1, 2):
            services.claim_conversation(waiting[number].pk, specialist=ana)
        clock.shift(settings.VANISHED_SECONDS + 1)
        note_seen(ben)
        assert services.requeue_vanished() == 2
        rows = access.waiting_rows()
        assert [row.conversation.pk for row in rows] == [one.pk for one in waiting]
        assert [row.conversation.lost_specialist for row in rows] == [None, ana, ana, None]

    def test_others_see_whose_family_it_was_and_the_first_may_take_it_again(self, clock, settings):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_claimed(ana)
        clock.shift(settings.VANISHED_SECONDS + 1)
        note_seen(ben)
        services.requeue_vanished()
        note_seen(ana)
        assert access.waiting_rows()[0].conversation.lost_specialist == ana
        services.claim_conversation(conversation.pk, specialist=ana)
        after = fresh(conversation)
        assert (after.specialist, after.lost_specialist) == (ana, None)
        with pytest.raises(AlreadyClaimed):
            services.claim_conversation(conversation.pk, specialist=ben)

    def test_a_close_forgets_whose_family_it_was(self, clock):
        ana = make_specialist("ana")
        conversation = make_claimed(ana)
        note_gone(ana)
        services.requeue_vanished()
        services.close_conversation(conversation.pk, by="visitor")
        assert fresh(conversation).lost_specialist is None

    def test_who_only_takes_no_new_chats_keeps_those_they_have(self, clock, settings):
        """Presence is not availability: connected and accepting are two facts."""
        ana = make_specialist("ana")
        conversation = make_claimed(ana)
        set_accepting(ana, is_accepting=False)
        clock.shift(settings.VANISHED_SECONDS - 1)
        note_seen(ana)
        clock.shift(2)
        assert services.requeue_vanished() == 0
        assert fresh(conversation).specialist == ana

    def test_who_signs_out_on_one_device_keeps_chats_on_another(self, clock):
        ana = make_specialist("ana")
        tablet, desktop = Client(), Client()
        for each in (tablet, desktop):
            each.force_login(ana)
        conversation = make_claimed(ana)
        desktop.post(reverse("console:sign_out"), {"sure": "yes"})
        assert services.requeue_vanished() == 0
        clock.shift(16)  # A console gives a sign every fifteen seconds.
        tablet.get(reverse("staff:here"))
        clock.shift(44)
        assert services.requeue_vanished() == 0
        tablet.post(reverse("console:sign_out"), {"sure": "yes"})
        assert fresh(conversation).lost_specialist == ana

    def test_another_device_that_gives_no_sign_does_not_hold_a_chat_for_long(self, clock):
        ana = make_specialist("ana")
        left_open, desktop = Client(), Client()
        for each in (left_open, desktop):
            each.force_login(ana)
        make_claimed(ana)
        desktop.post(reverse("console:sign_out"), {"sure": "yes"})
        clock.shift(ANOTHER_SIGN_SECONDS)
        assert services.requeue_vanished() == 1

    def test_the_grace_starts_with_the_last_sign_of_the_console(self, clock, settings):
        ana = make_specialist("ana")
        make_claimed(ana)
        clock.shift(30)
        note_seen(ana)
        clock.shift(settings.VANISHED_SECONDS - 1)
        assert services.requeue_vanished() == 0
        clock.shift(1)
        assert services.requeue_vanished() == 1
        assert settings.VANISHED_SECONDS == 60
