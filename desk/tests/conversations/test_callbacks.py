"""Callbacks and left questions: what is promised, and the work on it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from availability.services import close_service
from conversations import access, services
from conversations.contact_points import shown_phone
from conversations.errors import (
    CallbackDone,
    CallbackTaken,
    ClientIdReused,
    InvalidInput,
    NotAllowed,
    UnknownCallback,
)
from conversations.models import CallbackRequest, Conversation
from tests.factories import (
    fresh,
    last_notice,
    make_admin,
    make_conversation,
    make_queued,
    make_reviewer,
    make_specialist,
    minutes,
    write,
)

pytestmark = pytest.mark.django_db


def make_callback(conversation=None, **fields):
    """A callback to a number, unless told otherwise."""
    wanted = fields or {"phone": "212 555 0100"}
    conversation = conversation or make_conversation()
    return services.schedule_callback(conversation.pk, client_id="c", **wanted).callback


def again(callback):
    """The same callback as the database has it now."""
    return CallbackRequest.objects.get(pk=callback.pk)


def kinds():
    """What the audit says of callbacks, in order."""
    found = AuditEntry.objects.filter(kind__startswith="callback.").order_by("pk")
    return [entry.kind.removeprefix("callback.") for entry in found]


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


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_refused_callback_still_gets_its_safety_reply(is_closed, find):
    conversation = make_conversation()
    fields = {"client_id": "one", "phone": "212 555 0100"}
    services.schedule_callback(conversation.pk, **fields)
    if is_closed:
        services.close_conversation(conversation.pk, by="visitor")
    find("emergency_life")
    with pytest.raises(ClientIdReused) as caught:
        services.schedule_callback(conversation.pk, **fields, topic="my baby is not breathing")
    assert caught.value.safety.kind == "emergency"
    assert Conversation.objects.get().is_urgent
    assert [row.topic for row in CallbackRequest.objects.all()] == [""]


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
        ({"phone": "555 0100"}, "phone"),
        ({"phone": "911"}, "phone"),
        ({"phone": "+1 999 555 0100"}, "phone"),
        ({"phone": "+52 12"}, "phone"),
        ({"phone": "212 555 0100", "kind": "wish"}, "kind"),
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


# Numbers


@pytest.mark.parametrize(
    ("typed", "stored", "words", "link", "region"),
    [
        ("(212) 555-0100", "+12125550100", "(212) 555-0100", "+1-212-555-0100", ""),
        (
            "212-555-0100 ext. 12",
            "+12125550100;ext=12",
            "(212) 555-0100 ext. 12",
            "+1-212-555-0100;ext=12",
            "",
        ),
        ("+52 55 1234 5678", "+525512345678", "+52 55 1234 5678", "+52-55-1234-5678", "MX"),
        ("+34 612 34 56 78", "+34612345678", "+34 612 34 56 78", "+34-612-34-56-78", "ES"),
        ("011 44 20 7946 0018", "+442079460018", "+44 20 7946 0018", "+44-20-7946-0018", "GB"),
    ],
)
def test_a_number_is_kept_whole_and_shown_as_it_is_dialled(typed, stored, words, link, region):
    callback = make_callback(phone=typed)
    assert callback.phone == stored
    phone = shown_phone(callback.phone)
    assert (phone.words, phone.link, phone.region) == (words, link, region)


@pytest.mark.parametrize(
    ("zone", "stored"),
    [
        ("America/Chicago", "+15512345678"),
        ("America/Mexico_City", "+525512345678"),
        ("", "+15512345678"),
        ("Mars/Olympus", "+15512345678"),
    ],
)
def test_a_number_without_a_country_is_dialled_where_the_visitor_is(zone, stored):
    conversation = make_conversation()
    Conversation.objects.filter(pk=conversation.pk).update(time_zone=zone)
    assert make_callback(conversation, phone="55 1234 5678").phone == stored


def test_a_number_at_home_works_from_abroad_too():
    conversation = make_conversation()
    Conversation.objects.filter(pk=conversation.pk).update(time_zone="Europe/Madrid")
    assert make_callback(conversation, phone="212 555 0100").phone == "+12125550100"


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("555 0100", "too short"),
        ("212 555 0100 0100 0100", "too long"),
        ("999 555 0100", "no such"),
        ("call me", "Check the phone number"),
    ],
)
def test_what_is_wrong_with_a_number_is_said(typed, part):
    with pytest.raises(InvalidInput) as caught:
        make_callback(phone=typed)
    (problem,) = caught.value.data["errors"]
    assert part in problem["message"]
    assert "begin with +" in problem["message"]


# When it is due


@pytest.mark.parametrize(
    ("asked_at", "due_at"),
    [
        # Monday 10:00 in New York: two hours, a break, four hours, and two on Tuesday.
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        # Sunday: as if it had been asked when the service opens on Monday.
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), datetime(2026, 11, 24, 15, 0, tzinfo=UTC)),
        # Wednesday 16:00; Thursday is a holiday, so Friday.
        (datetime(2026, 11, 25, 21, 0, tzinfo=UTC), datetime(2026, 11, 27, 21, 0, tzinfo=UTC)),
    ],
)
def test_it_is_due_after_so_many_hours_of_service(clock, asked_at, due_at):
    clock.move_to(asked_at)
    assert make_callback().due_at == due_at


def test_a_house_that_is_always_open_counts_every_hour(clock, settings):
    settings.SERVICE_HOURS = "always"
    settings.FOLLOW_UP_HOURS = 3
    callback = make_callback()
    assert callback.due_at - callback.created_at == timedelta(hours=3)


def test_a_sudden_closing_does_not_count(clock):
    admin = make_admin()
    close_service(by=admin, until=timezone.now() + timedelta(hours=1), message="")
    # Monday 11:00 to 12:00, 13:00 to 17:00; Tuesday 09:00 to 12:00 in New York.
    assert make_callback().due_at == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def test_one_conversation_cannot_bury_the_others(find):
    conversation = make_conversation()
    wanted = {"phone": "212 555 0100"}
    for number in range(5):
        services.schedule_callback(conversation.pk, client_id=f"c{number}", **wanted)
    find("emergency_life")
    with pytest.raises(InvalidInput) as refused:
        services.schedule_callback(conversation.pk, client_id="c5", topic="words", **wanted)
    assert refused.value.safety.kind == "emergency"
    assert "several requests" in refused.value.data["errors"][0]["message"]
    assert CallbackRequest.objects.count() == 5
    find()
    assert services.schedule_callback(conversation.pk, client_id="c0", **wanted).is_repeat
    ana = make_specialist()
    services.complete_callback(CallbackRequest.objects.first().pk, by=ana, outcome="reached")
    assert services.schedule_callback(conversation.pk, client_id="c5", **wanted).callback


def test_when_it_suits_somebody_is_read_for_danger_too():
    scheduled = services.schedule_callback(
        make_conversation().pk,
        client_id="c",
        phone="212 555 0100",
        topic="the study",
        preferred_time="now, my baby is not breathing and blue",
    )
    assert scheduled.safety.kind == "emergency"


# Left questions


def test_a_left_question_comes_with_everything_typed_while_waiting(clock):
    conversation = make_conversation()
    write(conversation, "an older story")
    make_specialist()
    services.request_handoff(conversation.pk, reason="about the pump")
    clock.shift(minutes(1))
    write(conversation, "the pump beeps")
    write(conversation, choice_id="keep_waiting")
    write(conversation, "is that fine?")
    question = make_callback(conversation, kind="question", email="a@example.org")
    assert question.kind == "question"
    assert question.topic == "about the pump\n\nthe pump beeps\n\nis that fine?"


def test_asking_for_a_person_again_takes_nothing_from_a_left_question(clock):
    conversation = make_queued()
    write(conversation, "the pump beeps")
    clock.shift(minutes(1))
    services.request_handoff(conversation.pk)
    write(conversation, "is that fine?")
    question = make_callback(conversation, kind="question", email="a@example.org")
    assert question.topic == "the pump beeps\n\nis that fine?"


def test_a_specialist_who_leaves_takes_nothing_from_a_left_question(clock):
    ana = make_specialist("ana")
    conversation = make_queued(ana)
    write(conversation, "the pump beeps")
    services.claim_conversation(conversation.pk, specialist=ana)
    clock.shift(minutes(1))
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    question = make_callback(conversation, kind="question", email="a@example.org")
    assert question.topic == "the pump beeps"


def test_a_person_asked_for_twice_in_vain_is_one_question(clock):
    """At night each time ends in the offer of a callback."""
    conversation = make_conversation()
    for text in ("the pump beeps", "is that fine?"):
        services.request_handoff(conversation.pk)
        clock.shift(minutes(1))
        write(conversation, text)
    question = make_callback(conversation, kind="question", email="a@example.org")
    assert question.topic == "the pump beeps\n\nis that fine?"


def test_a_left_question_without_a_word_since_has_the_last_one(clock):
    conversation = make_conversation()
    write(conversation, "what does the study say")
    make_specialist()
    services.request_handoff(conversation.pk)
    question = make_callback(conversation, kind="question", email="a@example.org")
    assert question.topic == "what does the study say"


def test_a_left_question_with_words_of_its_own_keeps_them(clock):
    conversation = make_queued()
    write(conversation, "something else")
    question = make_callback(
        conversation, kind="question", email="a@example.org", topic="my question"
    )
    assert question.topic == "my question"


def test_a_left_question_never_has_more_than_its_place_holds(clock):
    conversation = make_queued()
    for _ in range(3):
        write(conversation, "x" * 1999)
    question = make_callback(conversation, kind="question", email="a@example.org")
    assert len(question.topic) == 4000


def test_a_repeated_question_is_stored_once_whatever_was_typed_since(clock):
    conversation = make_queued()
    write(conversation, "one")
    first = make_callback(conversation, kind="question", email="a@example.org")
    write(conversation, "two")
    assert make_callback(conversation, kind="question", email="a@example.org") == first
    with pytest.raises(ClientIdReused):
        make_callback(conversation, kind="callback", email="a@example.org")


# Who works on it


def test_a_callback_is_worked_to_its_end(clock):
    ana = make_specialist("ana")
    callback = make_callback()
    services.take_callback(callback.pk, by=ana)
    services.note_attempt(
        callback.pk, by=ana, channel="phone", result="no_answer", note="rang twice"
    )
    for _ in range(2):
        done = services.complete_callback(callback.pk, by=ana, outcome="reached", note="all said")
        assert (done.state, done.outcome, done.outcome_note) == ("done", "reached", "all said")
    row = access.follow_up(ana, callback.pk)
    assert [attempt.result for attempt in row.attempts] == ["no_answer"]
    assert access.follow_ups(ana, "open") == []
    assert [row.callback for row in access.follow_ups(ana, "done")] == [callback]
    assert kinds() == ["scheduled", "taken", "attempted", "done"]
    with pytest.raises(UnknownCallback):
        services.complete_callback(callback.pk + 1, by=ana, outcome="reached")


def test_the_audit_holds_no_word_of_a_note(clock):
    ana = make_specialist("ana")
    callback = make_callback()
    services.note_attempt(callback.pk, by=ana, channel="phone", result="no_answer", note="zebra")
    services.complete_callback(callback.pk, by=ana, outcome="reached", note="zebra")
    assert "zebra" not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_one_takes_it_and_the_other_is_told_who(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    callback = make_callback()
    services.take_callback(callback.pk, by=ana)
    services.take_callback(callback.pk, by=ana)
    with pytest.raises(CallbackTaken, match="Ana works on this"):
        services.take_callback(callback.pk, by=ben)
    for act in (
        lambda: services.note_attempt(callback.pk, by=ben, channel="phone", result="reached"),
        lambda: services.complete_callback(callback.pk, by=ben, outcome="reached"),
        lambda: services.give_back_callback(callback.pk, by=ben),
        lambda: services.hand_callback(callback.pk, by=ben, to=ben),
    ):
        with pytest.raises(CallbackTaken):
            act()
    assert again(callback).owner == ana
    assert kinds() == ["scheduled", "taken"]


def test_what_a_colleague_owns_can_be_taken_by_saying_whose_it_is(clock):
    """Somebody falls ill; their families must not wait for them."""
    ana, ben, eva = make_specialist("ana"), make_specialist("ben"), make_specialist("eva")
    callback = make_callback()
    services.take_callback(callback.pk, by=ana)
    services.take_callback(callback.pk, by=ben, from_owner=ana.pk)
    assert again(callback).owner == ben
    with pytest.raises(CallbackTaken):
        services.take_callback(callback.pk, by=eva, from_owner=ana.pk)
    services.give_back_callback(callback.pk, by=ben)
    with pytest.raises(CallbackTaken, match="Look again"):
        services.take_callback(callback.pk, by=eva, from_owner=ben.pk)


def test_it_is_handed_over_and_given_back(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    callback = make_callback()
    services.hand_callback(callback.pk, by=ana, to=ben)
    assert again(callback).owner == ben
    services.give_back_callback(callback.pk, by=ben)
    services.give_back_callback(callback.pk, by=ben)
    assert again(callback).owner is None
    assert kinds() == ["scheduled", "handed_over", "given_back"]
    with pytest.raises(NotAllowed):
        services.hand_callback(callback.pk, by=ana, to=make_reviewer())


def test_a_first_attempt_makes_it_ones_own(clock):
    ana = make_specialist("ana")
    callback = make_callback()
    services.note_attempt(callback.pk, by=ana, channel="phone", result="voicemail")
    assert again(callback).owner == ana


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": "pigeon", "result": "reached"},
        {"channel": "phone", "result": "eaten"},
        {"channel": "phone", "result": "reached", "note": "x" * 1001},
    ],
)
def test_an_attempt_that_cannot_be_is_refused(fields):
    callback = make_callback()
    with pytest.raises(InvalidInput):
        services.note_attempt(callback.pk, by=make_specialist(), **fields)
    assert again(callback).owner is None
    with pytest.raises(InvalidInput):
        services.complete_callback(callback.pk, by=make_specialist(), outcome="lost")


def test_what_is_done_takes_no_work_until_it_is_open_again(clock):
    ana = make_specialist("ana")
    callback = make_callback()
    services.complete_callback(callback.pk, by=ana, outcome="not_needed")
    for act in (
        lambda: services.take_callback(callback.pk, by=ana),
        lambda: services.note_attempt(callback.pk, by=ana, channel="phone", result="reached"),
        lambda: services.give_back_callback(callback.pk, by=ana),
    ):
        with pytest.raises(CallbackDone):
            act()
    ben = make_specialist("ben")
    services.reopen_callback(callback.pk, by=ben)
    opened = again(callback)
    assert (opened.state, opened.owner, opened.outcome, opened.done_at) == ("open", ben, "", None)


@pytest.mark.parametrize("make", [make_reviewer, make_admin])
def test_only_specialists_work_on_it(make):
    callback = make_callback()
    with pytest.raises(NotAllowed):
        services.take_callback(callback.pk, by=make())


# What is shown


def test_overdue_ones_stand_first_and_are_counted(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    old = make_callback()
    clock.shift(timedelta(days=2))
    new = make_callback()
    rows = access.follow_ups(ana, "open")
    assert [(row.callback, row.is_overdue) for row in rows] == [(old, True), (new, False)]
    counts = access.follow_up_counts(ana)
    assert (counts.due, counts.overdue) == (2, 1)
    services.take_callback(old.pk, by=ben)
    assert access.follow_up_counts(ana).due == 1
    assert access.follow_up_counts(ben).due == 2
    assert [row.callback for row in access.follow_ups(ben, "mine")] == [old]
    assert access.follow_ups(ana, "mine") == []
    with pytest.raises(NotAllowed):
        access.follow_ups(make_reviewer(), "open")
    with pytest.raises(NotAllowed):
        access.follow_up(make_reviewer(), old.pk)


def test_the_due_time_is_told_on_the_houses_clocks(clock):
    ana = make_specialist("ana")
    # Monday 10:00 in New York, eight hours of service: Tuesday 11:00.
    assert access.follow_up(ana, make_callback().pk).due_words == "tomorrow at 11:00 AM EST"


def test_only_specialists_and_supervisors_are_offered_as_owners():
    ana = make_specialist("ana")
    make_admin()
    gone = make_specialist("gone")
    gone.is_active = False
    gone.save()
    assert access.possible_owners() == [ana]
