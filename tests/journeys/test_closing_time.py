"""Closing time comes by the clock while families talk and wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, ROOT, ContextMaker, House, house_with, shoot
from tests.journeys.family import Family
from tests.journeys.test_two_specialists import Duty

pytestmark = pytest.mark.journey

# Long enough to open the house and to bring a family to a specialist and another into the queue.
OPEN_FOR = timedelta(minutes=3)
# The worker looks every ten seconds, the open chat every thirty.
TOLD_MS = int(OPEN_FOR.total_seconds() + 120) * 1000
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.fixture
def closing_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that closes a few minutes after it opened, and opens again the next morning."""
    now = datetime.now(UTC)
    # Where it is neither late nor early, so that closing time falls on the same day.
    zone = "UTC" if 3 <= now.hour < 22 else "Asia/Tokyo"
    closes = (now + OPEN_FOR).astimezone(ZoneInfo(zone)) + timedelta(minutes=1)
    organisation = yaml.safe_load((ROOT / "knowledge" / "organisation.yml").read_text("utf-8"))
    weekly = {day: [f"02:00-{closes:%H:%M}"] for day in DAYS}
    organisation |= {
        "time_zone": zone,
        "hours": {"verified": True, "weekly": weekly},
        "holidays": {},
    }
    file = tmp_path_factory.mktemp("organisation") / "organisation.yml"
    file.write_text(yaml.safe_dump(organisation, allow_unicode=True), "utf-8")
    with house_with(SERVICE_HOURS="organisation", ORGANISATION_FILE=str(file)) as opened:
        yield opened


def test_closing_time_cuts_nobody_and_is_told_to_all(
    closing_house: House, contexts: ContextMaker
) -> None:
    """Who talks finishes; who waits is told and keeps the place; who comes reads when it opens."""
    duty = Duty(closing_house, contexts)
    ana = duty.console("ana")
    talking = duty.family("we are in the middle of a talk", PHONE)
    ana.claim("we are in the middle of a talk")
    talking.sees("has joined")
    waiting = duty.family("we have only just come")

    told = waiting.log.get_by_text("Our team has closed for now, but a person is still here.")
    told.wait_for(timeout=TOLD_MS)
    expect(waiting.page.get_by_text("You are next in line.").first).to_be_visible()
    expect(waiting.page.get_by_role("button", name="contact me").last).to_be_visible()
    shoot(waiting.page, "closing-time-waiting")

    ana.reply("Let us finish this together.")
    talking.sees("Let us finish this together.")
    talking.write("thank you for staying")
    ana.sees("thank you for staying")
    expect(talking.log.get_by_text("Our team has closed")).to_have_count(0)

    coming = Family(contexts.page(), closing_house).open()
    expect(coming.page.get_by_text("specialists are back").first).to_be_visible()
    shoot(coming.page, "closing-time-greeting")
    coming.write("hello")
    coming.page.get_by_role("button", name="Talk to a person").first.click()
    form = coming.page.get_by_role("heading", name="Have someone contact you")
    expect(form).to_be_visible()
    expect(coming.page.get_by_text("Our specialists are back").first).to_be_visible()

    ana.close()
    ana.claim("we have only just come")
    waiting.sees("has joined")
    ana.close()
