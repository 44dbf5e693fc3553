"""What anybody may know, and whether the house works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError

from availability.models import Closure
from availability.services import close_service, lift_closure
from gateway import calls_health
from relay.fake import FakeRelay
from tests.factories import OPEN, make_admin
from tests.gateway.api_client import Api, open_api
from tests.gateway.database import specialist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("relay")]


@pytest.mark.usefixtures("open_hours")
async def test_the_service_tells_who_runs_it_and_how_to_get_help() -> None:
    """Before consent, without a token."""
    answer = await Api().get("/api/v1/service")
    assert answer.status == 200
    assert answer["organisation"] == {
        "name": "Test Charity",
        "former_name": "Old Test Charity",
        "is_demonstration": True,
    }
    assert (answer["emergency_number"], answer["crisis_line"]) == ("911", "988")
    assert "911" in answer["consent"]["text"]
    assert answer["consent"]["version"]
    assert answer["notices"]["review_pending"]


@pytest.mark.usefixtures("open_hours")
async def test_it_tells_whether_people_are_there() -> None:
    """Open and staffed are two things."""
    before = (await Api().get("/api/v1/service"))["service"]
    assert (before["is_open"], before["is_staffed"]) == (True, False)
    assert before["closes_at"] == "2026-11-23T17:00:00Z"
    await specialist()
    after = (await Api().get("/api/v1/service"))["service"]
    assert (after["is_open"], after["is_staffed"]) == (True, True)


@pytest.mark.usefixtures("closed_hours")
async def test_it_tells_when_people_are_back() -> None:
    """With the next opening."""
    state = (await Api().get("/api/v1/service"))["service"]
    assert (state["is_open"], state["opens_at"]) == (False, "2026-11-23T14:00:00Z")
    assert state["hours_verified"] is True


@pytest.mark.usefixtures("open_hours")
async def test_a_sudden_closing_is_told_with_the_teams_own_words() -> None:
    """At once, with its end, and gone when it is lifted."""
    await specialist()
    assert (await Api().get("/api/v1/service"))["service"]["closure"] is None
    closure = await _close("Our phones are down. We are sorry.", hours=1)
    state = (await Api().get("/api/v1/service"))["service"]
    assert state["closure"] == {
        "message": "Our phones are down. We are sorry.",
        "until": "2026-11-23T16:00:00Z",
    }
    assert (state["is_open"], state["is_staffed"]) == (False, True)
    assert (state["opens_at"], state["wait_minutes"]) == ("2026-11-23T16:00:00Z", None)
    await sync_to_async(lift_closure)(closure.pk, by=closure.closed_by)
    state = (await Api().get("/api/v1/service"))["service"]
    assert (state["is_open"], state["closure"]) == (True, None)


@pytest.mark.usefixtures("open_hours")
async def test_a_person_asked_for_during_a_closing_is_an_offer_in_the_visitors_zone() -> None:
    """Times are those of whoever reads them; an unknown zone costs nobody the chat."""
    await specialist()
    here = await open_api(time_zone="America/Los_Angeles")
    nowhere = await open_api(time_zone="Mars/Olympus")
    await _close("", hours=1)
    for api, words in ((here, "today at 8:00 AM PST"), (nowhere, "today at 11:00 AM EST")):
        offered = await api.post("…/handoff", {"client_id": str(uuid4())})
        assert (offered.status, offered["offer"], offered["state"]) == (200, "callback", "bot")
        assert words in offered["messages"][0]["text"]


@sync_to_async
def _close(message: str, hours: int) -> Closure:
    until = OPEN + timedelta(hours=hours)
    return close_service(by=make_admin(), until=until, message=message)


async def test_the_house_is_ready() -> None:
    """All parts."""
    answer = await Api().get("/readyz")
    assert answer.status == 200
    assert answer.body == {"status": "ready", "bot": "ok", "database": "ok", "stream": "ok"}
    assert (await Api().get("/healthz")).body == {"status": "ok"}
    assert (await Api().call("HEAD", "/readyz")).status == 200
    assert (await Api().call("HEAD", "/healthz")).status == 200


async def test_without_the_bot_the_house_is_still_ready(relay: FakeRelay) -> None:
    """People can still reach a specialist."""
    relay.is_ready = False
    answer = await Api().get("/readyz")
    assert (answer.status, answer["status"], answer["bot"]) == (200, "ready", "down")


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
async def test_without_the_database_it_is_not(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 in the same shape, while the process still lives."""

    class Away:
        def cursor(self) -> Any:
            raise kind("away")

    monkeypatch.setattr(calls_health, "connection", Away())
    answer = await Api().call("GET", "/readyz")
    assert (answer.status, answer["database"]) == (503, "down")
    assert (await Api().get("/healthz")).status == 200


async def test_nothing_of_the_api_stays_in_a_cache() -> None:
    """What families write must not lie in anybody's cache."""
    api = await open_api()
    for path in ("…", "…/messages", "/api/v1/service", "/readyz"):
        assert (await api.get(path)).response["Cache-Control"] == "no-store"
