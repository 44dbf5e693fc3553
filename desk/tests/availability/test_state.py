"""One function says whether a person can be reached."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from availability import content, hours
from availability.state import service_state
from availability.zones import known_zone
from staff.presence import set_accepting
from tests.factories import make_admin, make_specialist

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    """A moment on the clocks of New York, such as "2026-11-23 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "until"),
    [
        ("2026-11-23 08:59", False, "2026-11-23 09:00"),
        ("2026-11-23 09:00", True, "2026-11-23 12:00"),
        ("2026-11-23 11:59", True, "2026-11-23 12:00"),
        ("2026-11-23 12:00", False, "2026-11-23 13:00"),  # the break at noon
        ("2026-11-23 13:00", True, "2026-11-23 17:00"),
        ("2026-11-23 17:00", False, "2026-11-24 09:00"),
        ("2026-11-25 18:00", False, "2026-11-27 09:00"),  # Thursday is a holiday
        ("2026-11-27 17:00", False, "2026-11-30 09:00"),  # over the weekend
        ("2026-12-24 11:00", True, "2026-12-24 12:00"),  # a half-day
        ("2026-12-24 12:00", False, "2026-12-25 09:00"),
    ],
)
def test_hours_breaks_holidays_and_half_days(now, is_open, until):
    state = service_state(at(now))
    assert state.is_open is is_open
    assert (state.closes_at if is_open else state.opens_at) == at(until)
    assert (state.opens_at if is_open else state.closes_at) is None


def test_opening_time_follows_the_clock_change():
    # On 1 November 2026 New York goes from EDT to EST.
    assert service_state(at("2026-10-30 18:00")).opens_at == datetime(2026, 11, 2, 14, tzinfo=UTC)
    assert service_state(at("2026-10-29 18:00")).opens_at == datetime(2026, 10, 30, 13, tzinfo=UTC)


def test_closing_soon():
    assert not service_state(at("2026-11-23 16:29")).is_closing_soon
    assert service_state(at("2026-11-23 16:30")).is_closing_soon
    assert not service_state(at("2026-11-23 17:00")).is_closing_soon


def test_always_open(settings):
    settings.SERVICE_HOURS = "always"
    state = service_state(at("2026-11-22 03:00"))
    assert (state.is_open, state.closes_at, state.slots()) == (True, None, {})


def test_without_any_hours_it_is_closed_and_nothing_is_promised(monkeypatch):
    never = replace(content.organisation(), hours={}, holidays={})
    monkeypatch.setattr(content, "organisation", lambda: never)
    state = service_state(at("2026-11-23 10:00"))
    assert (state.is_open, state.opens_at, state.slots()) == (False, None, {})


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-23 08:00", "today at 9:00 AM EST"),
        ("2026-11-22 23:00", "tomorrow at 9:00 AM EST"),
        ("2026-11-27 18:00", "on Monday, November 30 at 9:00 AM EST"),
        ("2026-11-23 12:30", "today at 1:00 PM EST"),
        ("2026-07-03 18:00", "on Monday, July 6 at 9:00 AM EDT"),
    ],
)
def test_times_are_said_in_words(now, words):
    assert service_state(at(now)).slots() == {"opens_at": words}


def test_hours_that_no_source_confirms_steer_the_service_and_are_never_told(monkeypatch):
    unconfirmed = replace(content.organisation(), hours_verified=False)
    monkeypatch.setattr(content, "organisation", lambda: unconfirmed)
    closed, opened = service_state(at("2026-11-23 08:00")), service_state(at("2026-11-23 10:00"))
    assert (closed.is_open, closed.opens_at) == (False, at("2026-11-23 09:00"))
    assert (opened.is_open, opened.closes_at) == (True, at("2026-11-23 12:00"))
    assert closed.slots() == opened.slots() == {}


class TestStaffed:
    """Connected and accepting are two facts, and both are needed."""

    def test_a_specialist_who_was_just_seen_counts(self, clock, settings):
        make_specialist()
        now = at("2026-11-23 10:00")
        assert service_state(now).can_reach_person
        edge = timedelta(seconds=settings.PRESENCE_SECONDS)
        assert service_state(now + edge).is_staffed
        assert not service_state(now + edge + timedelta(seconds=1)).is_staffed

    def test_nobody_else_counts(self, clock):
        make_admin()
        make_specialist(is_there=False)
        away = make_specialist()
        set_accepting(away, is_accepting=False)
        gone = make_specialist()
        gone.is_active = False
        gone.save()
        assert not service_state(at("2026-11-23 10:00")).is_staffed

    def test_staff_outside_the_hours_cannot_be_reached(self, closed_clock):
        make_specialist()
        state = service_state(at("2026-11-22 10:00"))
        assert state.is_staffed
        assert not state.can_reach_person


@given(
    st.timedeltas(timedelta(), timedelta(days=700)).map(at("2026-01-01 00:00").__add__),
)
def test_at_every_moment_it_is_open_or_says_when_it_will_be(now):
    spans = hours.upcoming_spans(content.organisation(), now)
    opens_at, closes_at = next(spans)
    assert opens_at < closes_at
    assert closes_at > now
    later, _ = next(spans)
    assert later >= closes_at


class TestHoursThatCrossMidnightAndClockChanges:
    """Spans are real time; the clocks on the wall are only how they are written."""

    @pytest.fixture
    def weekly(self, monkeypatch):
        """Exchanges the weekly hours and the holidays."""

        def exchange(spans, holidays=None):
            hours_of = {
                day: tuple((time.fromisoformat(o), time.fromisoformat(c)) for o, c in of_day)
                for day, of_day in spans.items()
            }
            known = replace(content.organisation(), hours=hours_of, holidays=holidays or {})
            monkeypatch.setattr(content, "organisation", lambda: known)

        return exchange

    def test_a_span_over_midnight_is_one_span(self, weekly):
        weekly({0: [("18:00", "02:00")]})
        assert not service_state(at("2026-11-23 17:59")).is_open
        for moment in ("2026-11-23 18:00", "2026-11-23 23:59", "2026-11-24 01:59"):
            state = service_state(at(moment))
            assert (state.is_open, state.closes_at) == (True, at("2026-11-24 02:00"))
        assert not service_state(at("2026-11-24 02:00")).is_open

    def test_spans_that_meet_at_midnight_do_not_close_there(self, weekly):
        weekly({0: [("18:00", "00:00")], 1: [("00:00", "02:00")]})
        state = service_state(at("2026-11-23 23:45"))
        assert (state.is_closing_soon, state.closes_at) == (False, at("2026-11-24 02:00"))

    def test_a_span_belongs_to_the_day_on_which_it_begins(self, weekly):
        weekly({0: [("18:00", "02:00")]}, holidays={date(2026, 11, 24): ()})
        assert service_state(at("2026-11-24 01:00")).is_open
        weekly({0: [("18:00", "02:00")]}, holidays={date(2026, 11, 23): ()})
        assert not service_state(at("2026-11-24 01:00")).is_open

    def test_day_and_night_never_closes(self, weekly):
        weekly({day: [("00:00", "00:00")] for day in range(7)})
        state = service_state(at("2026-11-23 23:59"))
        assert (state.is_open, state.closes_at, state.is_closing_soon) == (True, None, False)

    def test_the_night_on_which_an_hour_is_skipped(self, weekly):
        # On 8 March 2026 at 02:00 the clocks go to 03:00.
        weekly({5: [("22:00", "03:30")]})
        opens_at, closes_at = (
            datetime(2026, 3, 8, 3, tzinfo=UTC),
            datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        )
        assert service_state(opens_at).closes_at == closes_at
        assert closes_at - opens_at == timedelta(hours=4.5)
        assert not service_state(closes_at).is_open

    def test_the_night_on_which_an_hour_comes_twice(self, weekly):
        # On 1 November 2026 at 02:00 the clocks go back to 01:00.
        weekly({5: [("22:00", "03:30")]})
        opens_at, closes_at = (
            datetime(2026, 11, 1, 2, tzinfo=UTC),
            datetime(2026, 11, 1, 8, 30, tzinfo=UTC),
        )
        assert service_state(opens_at).closes_at == closes_at
        assert closes_at - opens_at == timedelta(hours=6.5)
        for minute in range(0, 390, 30):
            assert service_state(opens_at + timedelta(minutes=minute)).is_open

    def test_a_span_that_the_clock_change_swallows_is_none(self, weekly):
        weekly({6: [("02:30", "03:00"), ("09:00", "10:00")]})
        assert service_state(at("2026-03-08 00:00")).opens_at == at("2026-03-08 09:00")


class TestTheVisitorsOwnClock:
    """Times are said in the visitor's zone, which is named."""

    @pytest.mark.parametrize(
        ("zone", "words"),
        [
            ("", "on Monday, November 30 at 9:00 AM EST"),
            ("America/Chicago", "on Monday, November 30 at 8:00 AM CST"),
            ("Europe/Berlin", "on Monday, November 30 at 3:00 PM CET"),
            ("Asia/Dubai", "on Monday, November 30 at 6:00 PM, Dubai time"),
            ("Asia/Tokyo", "on Monday, November 30 at 11:00 PM JST"),
        ],
    )
    def test_the_zone_is_named(self, zone, words):
        assert service_state(at("2026-11-27 18:00")).slots(zone) == {"opens_at": words}

    def test_the_day_is_the_visitors_too(self):
        # Sunday night in New York is Monday in Tokyo, where the opening is today.
        assert service_state(at("2026-11-22 20:00")).slots("Asia/Tokyo") == {
            "opens_at": "today at 11:00 PM JST"
        }

    @pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "x" * 5000])
    def test_an_unknown_zone_counts_as_none(self, name):
        assert known_zone(name) == ""

    def test_a_known_zone_is_kept(self):
        assert known_zone(" America/Chicago ") == "America/Chicago"
