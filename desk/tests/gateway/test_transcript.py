"""The visitor's own copy: everything said, with its sources, and nothing that runs."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid

import pytest

from tests.gateway.api_client import Api, open_api
from tests.gateway.database import claimed, reply, specialist

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]
TYPED = '<script>alert("1")</script> & the study?'


async def _conversation() -> Api:
    api = await open_api()
    await api.say(TYPED)
    someone = await specialist("ana")
    await api.say("a person please")
    await claimed(api.id, someone)
    await reply(api.id, someone, "I am <b>here</b>.", str(uuid.uuid4()))
    return api


async def test_as_text_it_has_every_word_and_every_source() -> None:
    """In order, with who wrote it; this is the form without `format`."""
    api = await _conversation()
    answer = await api.get("…/transcript?format=txt")
    assert answer.response["Content-Type"] == "text/plain; charset=utf-8"
    told = await api.told()
    position = 0
    for message in told:
        position = answer.body.index(message["text"], position)
        for source in (message["answer"] or {}).get("sources", []):
            assert source["title"] in answer.body
    for writer in ("You:", "Chatbot:", "Ana (information specialist):"):
        assert writer in answer.body
    assert "waiting for review" in answer.body
    assert (await api.get("…/transcript")).raw == answer.raw


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Los_Angeles", "2026-11-23 07:0"),
        ("Asia/Dubai", "2026-11-23 19:0"),
        ("", "2026-11-23 10:0"),
    ],
)
async def test_times_are_those_of_the_familys_clock(zone: str, words: str) -> None:
    """With the zone named; the house's where the browser did not say."""
    api = await open_api(time_zone=zone)
    names = {"America/Los_Angeles": " PST", "Asia/Dubai": ", Dubai time", "": " EST"}
    for form in ("txt", "html"):
        copy = (await api.get(f"…/transcript?format={form}")).body
        assert words in copy
        assert f"{names[zone]}{']' if form == 'txt' else '<'}" in copy


async def test_a_copy_says_that_it_comes_from_a_demonstration() -> None:
    """It bears the charity's name, and goes where no widget stands beside it."""
    api = await open_api()
    for form in ("txt", "html"):
        copy = (await api.get(f"…/transcript?format={form}")).body
        assert "This is a demonstration, not a real service." in copy


async def test_as_json_it_has_the_messages_as_the_api_gives_them() -> None:
    """The same objects, in one file."""
    api = await _conversation()
    answer = await api.get("…/transcript?format=json")
    assert answer["messages"] == await api.told()
    assert answer["conversation"]["id"] == api.id


async def test_as_html_it_runs_nothing() -> None:
    """What people typed is shown as they typed it, and is never markup."""
    api = await _conversation()
    answer = await api.get("…/transcript?format=html")
    assert answer.response["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.body
    assert "<b>" not in answer.body
    assert "&lt;b&gt;here&lt;/b&gt;" in answer.body
    style = re.search("<style>(.+)</style>", answer.body)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.response["Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"


@pytest.mark.parametrize("form", ["txt", "html", "json"])
async def test_it_is_a_file_that_no_cache_keeps(form: str) -> None:
    """With a name that tells nothing about the family."""
    api = await open_api()
    answer = await api.get(f"…/transcript?format={form}")
    disposition = answer.response["Content-Disposition"]
    assert disposition == f'attachment; filename="conversation-2026-11-23.{form}"'
    assert answer.response["Cache-Control"] == "no-store"


async def test_a_long_conversation_is_whole() -> None:
    """Longer than any page."""
    api = await open_api()
    for _ in range(3):
        await api.say("hello")
    from conversations.models import Conversation, Message
    from tests.gateway.database import in_database

    def lengthen() -> None:
        conversation = Conversation.objects.get(pk=api.id)
        last = Message.objects.filter(conversation=conversation, sender="visitor").first()
        assert last is not None
        Message.objects.bulk_create(
            Message(
                conversation=conversation,
                seq=seq,
                sender="visitor",
                kind="text",
                text=f"line {seq}",
                created_at=last.created_at,
                epoch=1,
            )
            for seq in range(8, 450)
        )

    await in_database(lengthen)
    answer = await api.get("…/transcript?format=json")
    assert [message["seq"] for message in answer["messages"]] == list(range(1, 450))


async def test_another_form_is_refused() -> None:
    """422 with the parameter."""
    api = await open_api()
    refused = await api.get("…/transcript?format=pdf")
    assert (refused.status, refused.fields) == (422, ["format"])
