"""Sending messages: what comes back, and that a repeat is one."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from relay.fake import FakeRelay
from tests.gateway.api_client import open_api

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("relay", "clock")]


async def test_an_answer_comes_with_its_sources() -> None:
    """The reply to a message stands in the answer to the call, with all that belongs to it."""
    api = await open_api()
    answer = await api.say("what did the study find?")
    assert answer.status == 201
    assert answer["message"]["sender"] == "visitor"
    (reply,) = answer["replies"]
    assert (reply["kind"], reply["in_reply_to"]) == ("answer", answer["message"]["id"])
    assert reply["answer"]["entry_id"] == "study-result"
    assert reply["answer"]["sources"][0]["title"]
    assert answer["state"] == "bot"
