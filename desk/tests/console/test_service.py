"""The page about the service: every member of staff reads it, an admin closes and opens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from availability.models import Closure
from availability.services import close_service
from availability.state import service_state
from staff.models import Role
from staff.presence import set_accepting
from tests.factories import (
    OPEN,
    make_admin,
    make_reviewer,
    make_specialist,
    make_staff,
    make_supervisor,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "console:service"


def signed_in(user: Any) -> Client:
    """A browser of that account."""
    client = Client()
    client.force_login(user)
    return client


def page_of(user: Any) -> str:
    """The page as that account sees it."""
    answer = signed_in(user).get(reverse(PAGE))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_supervisor_who_takes_conversations_is_there_too() -> None:
    sam = make_supervisor("sam")
    set_accepting(sam, is_accepting=True)
    page = page_of(sam)
    assert "Open: families can ask for a person" in page
    assert 'Sam <span class="tag">taking conversations</span>' in page


def test_it_says_who_is_there_and_when_the_service_is_open() -> None:
    make_specialist("ana")
    page = page_of(make_specialist("ben"))
    assert "Open: families can ask for a person" in page
    assert "Until Monday, Nov 23, 12:00" in page
    assert "Ana" in page
    assert "09:00 to 12:00, 13:00 to 17:00" in page
    thursday = page.partition("Thursday, Nov 26")[2].partition("</tr>")[0]
    assert "Closed" in thursday
    assert "special date" in thursday


def test_it_says_where_the_hours_are_not_in_force(settings: Any) -> None:
    specialist = make_specialist()
    assert "at any hour" not in page_of(specialist)
    settings.SERVICE_HOURS = "always"
    assert "families can ask at any hour" in page_of(specialist)


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUPERVISOR])
def test_staff_read_it_and_only_an_admin_is_shown_the_switch(role: Role) -> None:
    user = make_staff(role)
    assert "Close now" not in page_of(user)
    assert "Close now" in page_of(make_admin())
    assert signed_in(user).post(reverse("console:close_service")).status_code == 403
    closure = close_service(by=make_admin())
    lift = reverse("console:lift_closure", args=[closure.pk])
    assert "Open again" not in page_of(user)
    assert signed_in(user).post(lift).status_code == 403
    assert not service_state(OPEN).is_open


def test_who_is_no_part_of_the_console_sees_nothing() -> None:
    assert signed_in(make_reviewer()).get(reverse(PAGE)).status_code == 403
    assert Client().get(reverse(PAGE)).status_code == 302


def test_an_admin_closes_until_a_time_on_the_organisations_clocks_and_opens_again() -> None:
    admin = signed_in(make_admin())
    form = {"until": "2026-11-23T11:30", "message": "The <b>phones</b> are down."}
    answer = admin.post(reverse("console:close_service"), form, follow=True)
    closure = Closure.objects.get()
    assert closure.ends_at == datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    page = answer.content.decode()
    assert "Closed for new requests" in page
    assert "until Monday, Nov 23, 11:30" in page
    assert "The &lt;b&gt;phones&lt;/b&gt; are down." in page
    admin.post(reverse("console:lift_closure", args=[closure.pk]))
    assert service_state(OPEN).is_open


@pytest.mark.parametrize("until", ["2026-11-23T09:00", "yesterday", "9999-12-31T23:59"])
def test_a_time_that_makes_no_sense_is_said_and_nothing_is_closed(until: str) -> None:
    admin = signed_in(make_admin())
    answer = admin.post(reverse("console:close_service"), {"until": until}, follow=True)
    assert 'class="flash error"' in answer.content.decode()
    assert service_state(OPEN).is_open


def test_a_page_is_asked_for_by_get_and_changed_by_post() -> None:
    admin = signed_in(make_admin())
    assert admin.get(reverse("console:close_service")).status_code == 405
    assert admin.post(reverse(PAGE)).status_code == 405
