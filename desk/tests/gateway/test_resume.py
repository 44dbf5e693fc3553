"""Resume links over HTTP."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.gateway.api_client import Api, open_api

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]


async def test_a_link_goes_on_elsewhere_and_the_old_device_is_shut_out() -> None:
    """The secret stands in the fragment, of the page where the chat was opened."""
    first = await open_api(page_url="https://charity.example/help?from=mail#top")
    await first.say("study please")
    made = await first.post("…/resume-link")
    assert made.status == 201
    assert made["url"] == f"https://charity.example/help#resume={made['token']}"
    second = Api()
    resumed = await second.post("/api/v1/resume", {"token": made["token"]})
    assert (resumed.status, resumed["id"], resumed["state"]) == (200, first.id, "bot")
    second.id, second.token = resumed["id"], resumed["token"]
    assert [message["text"] for message in await second.told()][1] == "study please"
    assert resumed["last_seq"] == (await second.get("…"))["last_seq"]
    assert (await first.get("…")).status == 404


async def test_a_spent_link_and_one_that_is_none_are_told_apart() -> None:
    """410 and 404, each with a sentence that can be shown."""
    api = await open_api()
    made = await api.post("…/resume-link")
    assert not urlsplit(made["url"]).query
    assert (await api.post("/api/v1/resume", {"token": made["token"]})).status == 200
    spent = await Api().post("/api/v1/resume", {"token": made["token"]})
    assert (spent.status, spent["type"]) == (410, "/problems/resume-link-spent")
    assert "used already" in spent["detail"]
    forged = await Api().post("/api/v1/resume", {"token": made["token"][:-2]})
    assert (forged.status, forged["type"]) == (404, "/problems/not-found")
    assert "not one of ours" in forged["detail"]


async def test_a_link_is_made_by_the_visitor_alone() -> None:
    """Without the token there is no such conversation."""
    api = await open_api()
    api.token = "wrong"
    assert (await api.post("…/resume-link")).status == 404


async def test_a_new_chat_may_name_the_one_it_goes_on_from() -> None:
    """What does not fit is left out of account: nobody loses a chat by it."""
    api = await open_api()
    made = await api.post("…/resume-link")
    resumed = await api.post("/api/v1/resume", {"token": made["token"]})
    fits = {"id": resumed["id"], "token": resumed["token"]}
    for continues in (fits, {"id": api.id, "token": "wrong"}):
        assert (await open_api(continues=continues)).id
    refused = await Api().post(
        "/api/v1/conversations", {"consent": True, "continues": {"id": "7", "token": "x"}}
    )
    assert (refused.status, refused.fields) == (422, ["continues.id"])
