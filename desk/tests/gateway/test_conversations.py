"""Opening, reading, closing and erasing a conversation."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from conversations.models import Conversation, ConversationToken, Message
from relay.fake import FakeRelay
from retention.models import PendingForget
from tests.gateway.api_client import Api, going_on_elsewhere, open_api
from tests.gateway.database import conversation, in_database, specialist

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]
OPEN = "/api/v1/conversations"


async def test_a_conversation_opens_with_a_greeting() -> None:
    """The bot greets, names itself a program, and is in control."""
    answer = await Api().post(OPEN, {"consent": True})
    assert answer.status == 201
    assert set(answer.body) == {"id", "token", "state", "messages"}
    assert answer["state"] == "bot"
    assert [message["seq"] for message in answer["messages"]] == [1]
    assert answer["messages"][0]["sender"] == "bot"
    assert answer.response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["consent"]),
        ({"consent": False}, ["consent"]),
        ({"consent": "true"}, ["consent"]),
        ({"consent": 1}, ["consent"]),
        ({"consent": None}, ["consent"]),
        ({"consent": True, "language": 7}, ["language"]),
        ({"consent": True, "language": "e" * 36}, ["language"]),
        ({"consent": True, "page_url": "javascript:alert(1)"}, ["page_url"]),
        ({"consent": True, "page_url": "not an address"}, ["page_url"]),
        ({"consent": True, "page_url": "https://a.example/" + "x" * 2000}, ["page_url"]),
        ({"consent": True, "page_url": "http://[broken"}, ["page_url"]),
        ({"consent": True, "name": "Emma", "age": 3}, ["name", "age"]),
    ],
)
async def test_nothing_is_stored_without_consent_or_with_wrong_fields(
    body: dict[str, Any], fields: list[str]
) -> None:
    """422, every field named, no conversation."""
    refused = await Api().post(OPEN, body)
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert sorted(refused.fields) == sorted(fields)
    assert await in_database(Conversation.objects.count) == 0


async def test_the_page_is_stored_without_query_and_fragment() -> None:
    """They may tell more than which page it is."""
    api = await open_api(page_url="https://user:pw@charity.example/help?name=Emma#top")
    stored = await conversation(api.id)
    assert stored.page_url == "https://charity.example/help"


@pytest.mark.parametrize("language", ["es", "de-AT", "x-klingon"])
async def test_an_unsupported_language_falls_back_and_says_so(language: str) -> None:
    """English, with a word about it before the greeting."""
    api = await open_api(language=language)
    assert [message["language"] for message in api.messages] == ["en", "en"]
    assert "English" in api.messages[0]["text"]


async def test_the_token_is_stored_only_as_a_digest() -> None:
    """A stolen database opens nothing."""
    api = await open_api()
    stored = await in_database(ConversationToken.objects.get, conversation=api.id)
    assert api.token not in stored.digest
    assert len(api.token) >= 43


async def test_wrong_tokens_and_unknown_ids_cannot_be_told_apart() -> None:
    """The same 404, byte for byte, with and without a conversation of that id."""
    one, other = await open_api(), await open_api()
    strangers = [
        Api(id=one.id, token="wrong"),
        Api(id=one.id, token=other.token),
        Api(id=one.id, token=one.token + "x"),
        Api(id=one.id),
        Api(id=str(uuid.uuid4()), token=one.token),
        Api(id="not-a-uuid", token=one.token),
        Api(id=one.id, token="\xe4\xf6"),
        Api(id=one.id, token="x" * 10_000),
    ]
    answers = [await stranger.get("…") for stranger in strangers]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.raw for answer in answers}) == 1


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic abc", "Token abc"])
async def test_other_ways_to_sign_in_are_none(value: str) -> None:
    """Only a bearer token opens a conversation, and never one in the address."""
    api = await open_api()
    assert (await api.get("…", headers={"Authorization": value})).status == 404
    assert (await Api(id=api.id).get(f"…?token={api.token}")).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "…"),
        ("DELETE", "…"),
        ("GET", "…/messages"),
        ("POST", "…/messages"),
        ("GET", "…/stream"),
        ("POST", "…/handoff"),
        ("POST", "…/callback"),
        ("POST", "…/messages/5f0c1e3a-0000-4000-8000-000000000000/feedback"),
        ("POST", "…/typing"),
        ("POST", "…/close"),
        ("POST", "…/survey"),
        ("POST", "…/resume-link"),
        ("GET", "…/transcript"),
    ],
)
async def test_every_call_asks_for_the_token(method: str, path: str) -> None:
    """Before it looks at anything else of the request."""
    api = await open_api()
    stranger = Api(id=api.id, token="wrong")
    refused = await stranger.call(method, path, raw=b"{garbage" if method == "POST" else None)
    assert (refused.status, refused.problem) == (404, "not-found")


async def test_a_revoked_token_opens_nothing() -> None:
    """Going on elsewhere shuts the old device out."""
    api = await open_api()
    second = await going_on_elsewhere(api)
    assert (await api.get("…")).status == 404
    assert (await second.get("…")).status == 200


async def test_where_a_conversation_stands() -> None:
    """State, place in the queue, specialist and the last number."""
    api = await open_api()
    standing = await api.get("…")
    assert standing.body == {
        "id": api.id,
        "state": "bot",
        "queue_position": None,
        "wait_minutes": None,
        "asks_while_waiting": False,
        "specialist": None,
        "last_seq": 1,
    }


async def test_messages_come_in_pages() -> None:
    """In order of `seq`, with a flag for more, and 50 unless asked for otherwise."""
    api = await open_api()
    for _ in range(30):
        await api.say("hello")
    first = await api.get("…/messages")
    assert [m["seq"] for m in first["messages"]] == list(range(1, 51))
    assert (first["more"], first["last_seq"], first["state"]) == (True, 61, "bot")
    rest = await api.get("…/messages?after=50&limit=200")
    assert [m["seq"] for m in rest["messages"]] == list(range(51, 62))
    assert rest["more"] is False
    assert (await api.get("…/messages?after=61"))["messages"] == []
    assert (await api.get("…/messages?limit=1"))["messages"] == first["messages"][:1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=1.5", "after"),
        ("after=9999999999999999999999", "after"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=", "limit"),
    ],
)
async def test_a_wrong_page_is_refused(query: str, field: str) -> None:
    """422 with the parameter's name."""
    api = await open_api()
    refused = await api.get(f"…/messages?{query}")
    assert (refused.status, refused.fields) == (422, [field])


async def test_closing_ends_the_chat_and_closing_again_changes_nothing() -> None:
    """The visitor is told once."""
    api = await open_api()
    await api.say("hello")
    closed = await api.post("…/close")
    assert (closed.status, closed["state"]) == (200, "closed")
    told = await api.told()
    assert (await api.post("…/close", {})).status == 200
    assert await api.told() == told


async def test_a_closed_conversation_can_still_be_read_judged_and_erased() -> None:
    """Reading, feedback, survey, callback, transcript and erasing work after the close."""
    api = await open_api()
    reply = (await api.say("the study"))["replies"][0]
    await api.post("…/close")
    assert (await api.get("…"))["state"] == "closed"
    feedback = await api.post(f"…/messages/{reply['id']}/feedback", {"helpful": True})
    assert feedback.status == 204
    survey = {"client_id": str(uuid.uuid4()), "about": "bot", "score": 4}
    assert (await api.post("…/survey", survey)).status == 201
    callback = {"client_id": str(uuid.uuid4()), "name": "Ana", "email": "ana@example.org"}
    assert (await api.post("…/callback", callback)).status == 201
    assert (await api.get("…/transcript?format=txt")).status == 200
    assert (await api.call("DELETE", "…")).status == 204


async def test_erasing_leaves_nothing(relay: FakeRelay) -> None:
    """No message, no token, nothing in the bot; and the same 404 as for a stranger."""
    api = await open_api()
    await api.say("the study")
    session = relay.questions[0].sender
    assert (await api.call("DELETE", "…")).status == 204
    assert (await api.get("…")).problem == "not-found"
    assert (await api.call("DELETE", "…")).status == 404
    for model in (Conversation, Message, ConversationToken):
        assert await in_database(model.objects.count) == 0
    assert relay.forgotten == [session]


async def test_a_bot_that_is_down_forgets_later(relay: FakeRelay) -> None:
    """Erasing does not wait for it, and it is told again until it confirms."""
    from retention.services import forget_pending

    api = await open_api()
    await api.say("the study")
    relay.is_ready = False
    assert (await api.call("DELETE", "…")).status == 204
    assert await in_database(PendingForget.objects.count) == 1
    relay.is_ready = True
    assert await in_database(forget_pending) == 1
    assert relay.forgotten == [relay.questions[0].sender]


async def test_typing_is_passed_on_and_not_stored() -> None:
    """204, and nothing of it remains."""
    await specialist()
    api = await open_api()
    before = await in_database(Message.objects.count)
    assert (await api.post("…/typing")).status == 204
    assert (await api.post("…/typing", {})).status == 204
    assert (await api.post("…/typing", {"text": "I am wri"})).fields == ["text"]
    assert await in_database(Message.objects.count) == before
