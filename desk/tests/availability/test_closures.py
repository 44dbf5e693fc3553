"""A sudden closing goes before the hours, whatever they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEntry
from availability import content
from availability.errors import ClosureRefused
from availability.models import Closure
from availability.services import LONGEST_MESSAGE, close_service, lift_closure
from availability.state import ClosureNotice, service_state
from tests.factories import OPEN, make_admin, make_reviewer, make_specialist

pytestmark = pytest.mark.django_db

NEW_YORK = timedelta(hours=5)  # Behind UTC in November.


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on the clocks of New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + NEW_YORK


def test_closed_until_a_time_within_the_hours(clock):
    make_specialist()
    until = on(23, 11)
    close_service(by=make_admin(), until=until, message="A storm. Back at eleven.")
    state = service_state(OPEN)
    assert (state.is_open, state.opens_at) == (False, until)
    assert (state.is_staffed, state.can_reach_person) == (True, False)
    assert state.closure == ClosureNotice("A storm. Back at eleven.", until)
    assert state.slots() == {"opens_at": "today at 11:00 AM EST"}
    again = service_state(until)
    assert (again.is_open, again.closure, again.closes_at) == (True, None, on(23, 12))


def test_the_next_opening_skips_breaks_holidays_and_the_closing_itself(clock):
    # Until Wednesday after hours; Thursday is a holiday.
    close_service(by=make_admin(), until=on(25, 17))
    assert service_state(OPEN).opens_at == on(27, 9)


def test_until_lifted_no_opening_is_promised(clock):
    closure = close_service(by=make_admin())
    state = service_state(OPEN)
    assert (state.is_open, state.opens_at, state.slots()) == (False, None, {})
    assert state.closure == ClosureNotice("", None)
    lift_closure(closure.pk, by=make_admin())
    assert service_state(OPEN).is_open


def test_always_open_obeys_a_closing(clock, settings):
    settings.SERVICE_HOURS = "always"
    make_specialist()
    until = OPEN + timedelta(hours=20)
    close_service(by=make_admin(), until=until)
    state = service_state(OPEN)
    assert (state.is_open, state.can_reach_person, state.opens_at) == (False, False, until)
    assert service_state(until).is_open


def test_what_an_admin_says_is_told_though_the_hours_are_unconfirmed(clock, monkeypatch):
    unconfirmed = replace(content.organisation(), hours_verified=False)
    monkeypatch.setattr(content, "organisation", lambda: unconfirmed)
    close_service(by=make_admin(), until=on(23, 11))
    assert service_state(OPEN).slots() == {"opens_at": "today at 11:00 AM EST"}


def test_an_opening_that_follows_from_unconfirmed_hours_is_not_told(clock, monkeypatch):
    unconfirmed = replace(content.organisation(), hours_verified=False)
    monkeypatch.setattr(content, "organisation", lambda: unconfirmed)
    close_service(by=make_admin(), until=on(23, 20))
    state = service_state(OPEN)
    assert (state.opens_at, state.slots()) == (on(24, 9), {})


def test_a_second_closing_takes_the_place_of_the_first(clock):
    admin = make_admin()
    first = close_service(by=admin, message="First words.")
    close_service(by=admin, until=on(23, 11), message="Second words.")
    first.refresh_from_db()
    assert first.lifted_at == OPEN
    assert service_state(OPEN).closure == ClosureNotice("Second words.", on(23, 11))


def test_each_change_leaves_one_entry_without_the_words(clock):
    admin = make_admin()
    closure = close_service(by=admin, message="Our words to families.")
    lift_closure(closure.pk, by=admin)
    lift_closure(closure.pk, by=admin)
    entries = AuditEntry.objects.filter(kind__startswith="service.")
    assert [entry.kind for entry in entries] == ["service.closed", "service.reopened"]
    assert all(entry.actor == f"staff:{admin.pk}" for entry in entries)
    assert "Our words" not in str([entry.data for entry in entries])


@pytest.mark.parametrize(
    ("until", "message"),
    [(timedelta(), ""), (-timedelta(minutes=1), ""), (None, "x" * (LONGEST_MESSAGE + 1))],
)
def test_a_closing_that_makes_no_sense_is_refused(clock, until, message):
    moment = None if until is None else OPEN + until
    with pytest.raises(ClosureRefused):
        close_service(by=make_admin(), until=moment, message=message)
    assert service_state(OPEN).is_open


@pytest.mark.parametrize("make", [make_specialist, make_reviewer])
def test_only_an_admin_closes_and_opens(clock, make):
    user = make()
    with pytest.raises(PermissionDenied):
        close_service(by=user)
    closure = close_service(by=make_admin())
    with pytest.raises(PermissionDenied):
        lift_closure(closure.pk, by=user)
    assert Closure.objects.filter(lifted_at=None).count() == 1


def test_there_is_nothing_to_lift_under_an_unknown_number(clock):
    with pytest.raises(ClosureRefused):
        lift_closure(77, by=make_admin())
