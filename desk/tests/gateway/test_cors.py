"""Which sites may call the API from their pages."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.gateway.api_client import Api

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("relay")]
OPEN = "/api/v1/conversations"
SITE = "https://charity.example"


@pytest.fixture(autouse=True)
def _sites(settings: Settings) -> None:
    settings.EMBED_ORIGINS = (SITE,)


async def _preflight(origin: str, path: str = OPEN) -> dict[str, str]:
    answer = await Api().call(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert (answer.status, answer.raw) == (204, b"")
    return dict(answer.response.headers)


@pytest.mark.parametrize("origin", [SITE, "http://testserver"])
async def test_an_embedding_site_may_ask(origin: str) -> None:
    """With the token's header; the desk's own pages may as well."""
    headers = await _preflight(origin)
    assert headers["Access-Control-Allow-Origin"] == origin
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    assert "Last-Event-ID" in headers["Access-Control-Allow-Headers"]
    for method in ("GET", "POST", "DELETE"):
        assert method in headers["Access-Control-Allow-Methods"]
    assert "Origin" in headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://charity.example",
        "https://charity.example.evil.example",
        "https://charity.example:8443",
        "null",
    ],
)
async def test_other_sites_may_not(origin: str) -> None:
    """No header lets them, neither before nor at the call."""
    headers = await _preflight(origin)
    answer = await Api().post(OPEN, {"consent": True}, headers={"Origin": origin})
    for given in (headers, answer.response.headers):
        assert not [name for name in given if name.startswith("Access-Control")]
        assert "Origin" in given["Vary"]


async def test_an_answer_and_a_refusal_can_be_read_by_the_site() -> None:
    """Also a 404: a page that cannot read the refusal cannot tell the family what to do."""
    for path, status in ((OPEN, 201), ("/api/v1/nothing", 404)):
        answer = await Api().post(path, {"consent": True}, headers={"Origin": SITE})
        assert answer.status == status
        assert answer.response["Access-Control-Allow-Origin"] == SITE
        exposed = answer.response["Access-Control-Expose-Headers"]
        assert "Retry-After" in exposed
        assert "X-Request-ID" in exposed
        assert "Access-Control-Allow-Credentials" not in answer.response


async def test_a_preflight_works_for_every_address_of_the_api() -> None:
    """Conversations with ids in them, and the stream."""
    for path in ("/api/v1/conversations/x/stream", "/api/v1/service"):
        headers = await _preflight(SITE, path)
        assert headers["Access-Control-Allow-Origin"] == SITE


async def test_staff_pages_are_no_part_of_it() -> None:
    """Only the public API may be called from elsewhere."""
    answer = await Api().get("/staff/sign-in", headers={"Origin": SITE})
    assert "Access-Control-Allow-Origin" not in answer.response
