"""What a visitor is told about the wait: a range from what really happened, or nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from conversations import access, services
from conversations.access.waits import FEWEST_WAITS, RECENT_DAYS, wait_minutes
from staff.presence import note_gone, note_seen
from tests.factories import fresh, make_queued, make_specialist, minutes, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_hours(settings):
    """Waits of hours must not run into closing time."""
    settings.SERVICE_HOURS = "always"


@pytest.fixture
def ana(clock):
    return make_specialist("ana")


def waited(ana, clock, *spans):
    """Families who were taken after so many minutes each, one after the other."""
    for span in spans:
        conversation = make_queued(ana)
        clock.shift(minutes(span))
        note_seen(ana)
        services.claim_conversation(conversation.pk, specialist=ana, beyond_capacity=True)


def expected(position=1):
    """The range at that place now."""
    return wait_minutes(position, timezone.now())


def test_nothing_is_said_from_too_little(ana, clock):
    assert expected() is None
    waited(ana, clock, *[4] * (FEWEST_WAITS - 1))
    assert expected() is None
    waited(ana, clock, 4)
    assert expected() == (4, 4)
    assert expected(3) == (12, 12)


def test_a_wait_of_seconds_is_no_promise_of_nothing(ana, clock):
    waited(ana, clock, *[0.1] * FEWEST_WAITS)
    assert expected() == (1, 1)


def test_one_who_waited_for_ever_does_not_widen_it_for_all(ana, clock):
    waited(ana, clock, 3, 3, 4, 5, 5, 6, 6, 240)
    low, high = expected()
    assert low == 3
    assert high <= 6


def test_old_waits_are_forgotten(ana, clock):
    waited(ana, clock, *[4] * FEWEST_WAITS)
    clock.shift(minutes(60 * 24 * (RECENT_DAYS + 1)))
    assert expected() is None


def test_those_who_gave_up_count_as_having_waited_at_least_so_long(ana, clock):
    """Else a service where half give up after an hour would promise five minutes."""
    waited(ana, clock, *[5] * FEWEST_WAITS)
    before = expected()
    for _ in range(FEWEST_WAITS):
        conversation = make_queued(ana)
        clock.shift(minutes(60))
        note_seen(ana)
        services.leave_queue(conversation.pk)
    assert before == (5, 5)
    assert expected() is None


def test_those_who_still_wait_count_too(ana, clock):
    waited(ana, clock, *[5] * 6)
    waiting = [make_queued(ana) for _ in range(2)]
    clock.shift(minutes(90))
    note_seen(ana)
    assert expected() == (5, 5)
    waiting.append(make_queued(ana))
    clock.shift(minutes(90))
    assert expected() is None
    assert access.summary_of(waiting[0].pk).wait_minutes is None


def test_urgent_families_who_are_taken_first_shorten_no_ones_wait(ana, clock, find):
    waited(ana, clock, *[20] * FEWEST_WAITS)
    before = expected()
    for _ in range(10):
        conversation = make_queued(ana)
        find("emergency_life")
        write(conversation, "words")
        find()
        clock.shift(2)
        services.claim_conversation(conversation.pk, specialist=ana, beyond_capacity=True)
    assert expected() == before == (20, 20)


def test_after_a_release_the_wait_starts_anew(ana, clock):
    """What the family had waited for the first specialist was told and is over."""
    ben = make_specialist("ben")
    for _ in range(FEWEST_WAITS):
        conversation = make_queued(ana)
        clock.shift(minutes(2))
        services.claim_conversation(conversation.pk, specialist=ana, beyond_capacity=True)
        clock.shift(minutes(60))
        services.release_conversation(conversation.pk, specialist=ana, to="queue")
        clock.shift(minutes(2))
        services.claim_conversation(conversation.pk, specialist=ben, beyond_capacity=True)
        note_seen(ana)
    assert expected() == (2, 2)


def test_a_lost_console_counts_as_a_wait_of_its_own(ana, clock):
    ben = make_specialist("ben")
    conversation = make_queued(ana)
    clock.shift(minutes(2))
    services.claim_conversation(conversation.pk, specialist=ana)
    clock.shift(minutes(30))
    note_gone(ana)
    services.requeue_vanished()
    clock.shift(minutes(7))
    services.claim_conversation(conversation.pk, specialist=ben)
    spans = [
        int((each.claimed_at - each.created_at).total_seconds() / 60)
        for each in fresh(conversation).handoffs.all()
    ]
    assert spans == [2, 7]


def test_a_place_further_back_is_counted_by_the_place(ana, clock):
    """Each of five took five minutes: the third in line has three times as long to wait."""
    # Of two who came at the same instant, chance would say who is first.
    apart = minutes(1) / 60
    for _ in range(FEWEST_WAITS):
        first = make_queued(ana)
        clock.shift(apart)
        second = make_queued(ana)
        for conversation, after in ((first, minutes(5) - apart), (second, minutes(5) + apart)):
            clock.shift(after)
            note_seen(ana)
            services.claim_conversation(conversation.pk, specialist=ana, beyond_capacity=True)
    low, high = expected(3)
    assert (low, high) == (15, 15)
