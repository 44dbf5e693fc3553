"""The transcript by e-mail, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from conversations.models import Mail
from tests.gateway.api_client import Answer, Api, open_api
from tests.gateway.database import in_database

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]


@pytest.fixture
def sends_mail(settings: Any) -> None:
    """A desk with a mail server."""
    settings.SENDS_MAIL = True
    settings.DEFAULT_FROM_EMAIL = "desk@charity.example"


async def _ask(api: Api, email: str = "maria@example.org", client_id: str = "") -> Answer:
    body = {"client_id": client_id or str(uuid4()), "email": email}
    return await api.post("…/transcript/email", body)


@pytest.mark.usefixtures("sends_mail")
async def test_it_is_on_its_way_and_asked_for_once() -> None:
    """202, then 200 with how far it is."""
    api, client_id = await open_api(), str(uuid4())
    first, again = await _ask(api, client_id=client_id), await _ask(api, client_id=client_id)
    assert (first.status, first.body) == (202, {"state": "queued"})
    assert (again.status, again.body) == (200, {"state": "queued"})
    for stored, told in (("sent", "sent"), ("failed", "failed")):
        await in_database(lambda state=stored: Mail.objects.update(state=state))
        assert (await _ask(api, client_id=client_id)).body == {"state": told}
    other = await _ask(api, "other@example.org", client_id)
    assert (other.status, other.problem) == (409, "client-id-reused")


@pytest.mark.usefixtures("sends_mail")
async def test_it_works_in_a_closed_conversation() -> None:
    """Families ask for it afterwards."""
    api = await open_api()
    await api.post("…/close")
    assert (await _ask(api)).status == 202


@pytest.mark.usefixtures("sends_mail")
@pytest.mark.parametrize("email", ["", "maria", "a@b@c.org", "a@example.org\nBcc: b@c.org", None])
async def test_an_address_that_is_none_is_refused(email: Any) -> None:
    """422 with the field, and nothing is sent."""
    api = await open_api()
    refused = await _ask(api, email)
    assert (refused.status, refused.fields) == (422, ["email"])
    assert await in_database(Mail.objects.count) == 0


@pytest.mark.usefixtures("sends_mail")
async def test_a_stranger_gets_no_copy() -> None:
    """Another token finds nothing there."""
    api, other = await open_api(), await open_api()
    api.token = other.token
    assert (await _ask(api)).status == 404


@pytest.mark.usefixtures("sends_mail")
async def test_too_many_are_refused() -> None:
    """By the minute, and by the day."""
    api = await open_api()
    answers = [await _ask(api, f"a{number}@example.org") for number in range(7)]
    assert [answer.status for answer in answers[:5]] == [202] * 5
    assert {answer.problem for answer in answers[5:]} == {"rate-limited"}
    assert answers[6].response["Retry-After"]


async def test_a_desk_without_mail_says_so() -> None:
    """Beforehand, so that a front end offers none, and when it is asked all the same."""
    assert (await Api().get("/api/v1/service"))["mail"] is False
    refused = await _ask(await open_api())
    assert (refused.status, refused.problem) == (503, "mail-off")


@pytest.mark.usefixtures("sends_mail")
async def test_a_desk_with_mail_says_so() -> None:
    """`mail` of the service."""
    assert (await Api().get("/api/v1/service"))["mail"] is True
