"""What visitors, specialists and reviewers may read."""

import uuid
from datetime import date

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import ConversationClosed, NotAllowed, UnknownConversation
from tests.factories import (
    answer,
    fresh,
    make_admin,
    make_claimed,
    make_conversation,
    make_queued,
    make_reviewer,
    make_specialist,
    minutes,
    response_draft,
    turn_of,
    write,
)

pytestmark = pytest.mark.django_db


def test_the_summary_says_where_a_conversation_stands(clock):
    ana = make_specialist("ana")
    summary = access.summary(make_conversation())
    assert (summary.control, summary.queue_position, summary.specialist_name) == ("bot", None, None)
    queued = access.summary_of(make_queued(ana).pk)
    assert (queued.control, queued.queue_position, queued.wait_minutes) == ("queue", 1, None)
    claimed = access.summary_of(make_claimed(ana).pk)
    assert (claimed.control, claimed.specialist_name) == ("specialist", "Ana")
    with pytest.raises(UnknownConversation):
        access.summary_of(uuid.uuid4())


def test_staff_read_conversations_and_nobody_else_does(clock):
    conversation = make_conversation()
    for user in (make_specialist(), make_reviewer(), make_admin()):
        assert access.conversation_for_staff(user, conversation.pk) == conversation
        for conversation_id in (uuid.uuid4(), "garbage"):
            with pytest.raises(UnknownConversation):
                access.conversation_for_staff(user, conversation_id)
    outsider = make_specialist()
    outsider.groups.clear()
    with pytest.raises(NotAllowed):
        access.conversation_for_staff(type(outsider).objects.get(pk=outsider.pk), conversation.pk)


def test_a_deactivated_account_reads_nothing():
    specialist = make_specialist()
    specialist.is_active = False
    specialist.save()
    with pytest.raises(NotAllowed):
        access.conversation_for_staff(specialist, make_conversation().pk)


def test_a_transcript_has_every_turns_record(clock, find):
    specialist = make_specialist()
    conversation = make_conversation()
    said = answer(write(conversation))[0]
    services.give_feedback(conversation.pk, said.pk, is_helpful=True)
    services.fail_turn(turn_of(write(conversation)).pk, "timeout")
    services.request_handoff(conversation.pk, reason="questions")
    services.add_note(conversation.pk, author=specialist, text="note")
    read = access.transcript(conversation.pk)
    by_seq = {message.seq: message for message in read.messages}
    assert by_seq[2].turn.state == "answered"
    assert by_seq[3].record.candidates
    assert by_seq[3].feedback.is_helpful
    assert by_seq[4].turn.failure == "timeout"
    assert not hasattr(by_seq[4], "record")
    assert read.notes[0].author == specialist
    assert [handoff.reason for handoff in read.conversation.handoffs.all()] == ["questions"]
    assert [message.seq for message in access.transcript(conversation.pk, after=4).messages] == [
        5,
        6,
    ]
    with pytest.raises(UnknownConversation):
        access.transcript(uuid.uuid4())


def test_reading_a_transcript_costs_the_same_however_long_it_is(django_assert_max_num_queries):
    conversation = make_conversation()
    for _ in range(5):
        answer(write(conversation))
    with django_assert_max_num_queries(8):
        read = access.transcript(conversation.pk)
        for message in read.messages:
            list(message.choices.all())
            _ = hasattr(message, "record"), hasattr(message, "turn"), message.author
    with django_assert_max_num_queries(3):
        for message in access.messages_after(conversation.pk, 0, 200).messages:
            list(message.choices.all())


def test_reading_a_transcript_is_itself_on_record():
    reviewer = make_reviewer()
    conversation = make_conversation()
    services.note_transcript_read(conversation.pk, by=reviewer)
    entry = AuditEntry.objects.get(kind="conversation.read")
    assert (entry.actor, entry.conversation_id) == (f"staff:{reviewer.pk}", conversation.pk)


def test_those_with_the_bot_are_shown_for_a_day_the_urgent_ones_apart(clock, find):
    quiet, urgent = make_conversation(), make_conversation()
    make_queued()
    find("crisis_suicide")
    write(urgent, "words")
    find()
    write(quiet)
    assert [(row.conversation.pk, row.last_words) for row in access.urgent_with_bot()] == [
        (urgent.pk, "words")
    ]
    assert [one.pk for one in access.with_bot()] == [quiet.pk]
    clock.shift(minutes(60 * 25))
    assert access.urgent_with_bot() == access.with_bot() == []


def test_an_alarm_outlives_its_chat_until_somebody_has_seen_to_it(clock, find):
    """At 3 a.m. nobody is there, and an hour later the chat has closed by itself."""
    night, day, later = make_conversation(), make_conversation(), make_conversation()
    ana = make_specialist()
    find("emergency_life")
    write(night, "she is blue")
    services.close_conversation(night.pk, by="visitor")
    write(day, "words")
    services.take_over_conversation(day.pk, specialist=ana)
    services.close_conversation(day.pk, by="specialist", specialist=ana)
    talked = make_conversation()
    write(talked, "words")
    services.take_over_conversation(talked.pk, specialist=ana)
    services.send_reply(
        talked.pk, specialist=ana, client_id="r", text="I am here.", epoch=fresh(talked).epoch
    )
    services.close_conversation(talked.pk, by="visitor")
    find()
    write(later, "thanks")
    services.close_conversation(later.pk, by="visitor")
    assert [row.conversation.pk for row in access.urgent_unheard()] == [night.pk]
    assert night.pk in access.live_state().waiting
    find("crisis_suicide")
    clock.shift(minutes(1))
    for ended in (later, day):
        with pytest.raises(ConversationClosed):
            write(ended, "words")
    assert [row.conversation.pk for row in access.urgent_unheard()] == [
        *sorted((later.pk, day.pk)),
        night.pk,
    ]
    services.settle_urgent(night.pk, specialist=ana, flagged_at=fresh(night).urgent_at.isoformat())
    assert night.pk not in access.live_state().waiting
    clock.shift(minutes(60 * 24 * 5))
    assert access.urgent_unheard() == []
    assert access.live_state().waiting == {}


class TestReview:
    """The list of transcripts."""

    def test_latest_first_with_flags_and_first_words(self, clock, find):
        make_specialist()
        plain = make_conversation()
        answer(write(plain, "a plain question"))
        clock.shift(60)
        busy = make_conversation()
        answer(write(busy, "a hard question"), response_draft())
        services.fail_turn(turn_of(write(busy, "another one")).pk, "timeout")
        services.request_handoff(busy.pk)
        services.schedule_callback(busy.pk, client_id="c", phone="212 555 0100")
        find("crisis_suicide")
        write(busy, "words")
        page = access.review_page(access.ReviewFilters())
        assert [row.conversation.pk for row in page.rows] == [busy.pk, plain.pk]
        assert page.rows[0].flags == ("urgent", "fallback", "handoff", "failed", "callback")
        assert page.rows[0].first_words == "a hard question"
        assert page.rows[1].flags == ()
        assert (page.page, page.pages, page.total) == (1, 1, 2)

    def test_each_flag_narrows_the_list(self, clock):
        conversation = make_conversation()
        said = answer(write(conversation))[0]
        services.give_feedback(conversation.pk, said.pk, is_helpful=False)
        make_conversation()
        for flag in access.FLAGS:
            rows = access.review_page(access.ReviewFilters(flags=(flag,))).rows
            assert [row.conversation.pk for row in rows] == (
                [conversation.pk] if flag == "unhelpful" else []
            )
        unknown = access.review_page(access.ReviewFilters(flags=("no such flag",)))
        assert unknown.total == 2

    def test_control_and_days_and_words_narrow_the_list(self, clock):
        first = make_conversation()
        write(first, "about a Fever at night")
        services.close_conversation(first.pk, by="visitor")
        clock.shift(minutes(24 * 60))
        second = make_conversation()
        write(second, "about 100% of it")

        def found(**filters):
            page = access.review_page(access.ReviewFilters(**filters))
            return [row.conversation.pk for row in page.rows]

        assert found(control="closed") == [first.pk]
        assert found(from_on=date(2026, 11, 24)) == [second.pk]
        assert found(to_on=date(2026, 11, 23)) == [first.pk]
        assert found(search="fever") == [first.pk]
        assert found(search="100% of") == [second.pk]
        assert found(search="50%") == []
        assert found(search="no\x00thing") == []

    def test_pages_are_counted_from_one_and_kept_in_bounds(self, monkeypatch, clock):
        monkeypatch.setattr("conversations.access.review.PER_PAGE", 2)
        for _ in range(5):
            make_conversation()
        filters = access.ReviewFilters()
        seen = [
            row.conversation.pk
            for page in (1, 2, 3)
            for row in access.review_page(filters, page).rows
        ]
        assert len(set(seen)) == 5
        assert access.review_page(filters, 99).page == 3
        assert access.review_page(filters, 0).page == 1

    def test_the_list_costs_the_same_however_long_it_is(self, django_assert_max_num_queries):
        for _ in range(6):
            answer(write(make_conversation()))
        with django_assert_max_num_queries(3):
            access.review_page(access.ReviewFilters())


def test_a_conversation_that_was_read_is_the_one_stored():
    conversation = make_conversation()
    assert fresh(conversation).pk == conversation.pk
