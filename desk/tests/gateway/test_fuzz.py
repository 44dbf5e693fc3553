"""Whatever is sent, the API answers in its own words: never a 500, never another shape."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.limits import counter
from tests.gateway.api_client import description, open_api

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("relay")]

# Each example walks through all calls; a second for one of them is no sign of a fault here.
_SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_texts = st.text(max_size=40) | st.sampled_from(
    ["\x00", "\ud83d", "/restart", "'; DROP TABLE x; --", "<script>", "{{7*7}}", "%00", "\u202e"]
)
_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_FIELDS = """
    client_id text choice consent language page_url reason name phone email preferred_time topic
    helpful comment about score extra token continues time_zone id
"""
_fields = st.sampled_from(_FIELDS.split())
_bodies = st.dictionaries(_fields, _values | st.uuids().map(str), max_size=6) | _values
_POSTS = (
    "…/messages",
    "…/handoff",
    "…/callback",
    "…/survey",
    "…/typing",
    "…/resume-link",
    "…/transcript/email",
    "/api/v1/resume",
)
_QUERIES = ("…/messages?after={}&limit={}", "…/stream?after={}&x={}", "…/transcript?format={}&x={}")


def _encode(value: Any) -> bytes:
    return json.dumps(value).encode()


def _all_well(status: int) -> bool:
    return status < 500


@_SETTINGS
@given(body=_bodies, raw=st.binary(max_size=60), feedback=_bodies)
def test_no_body_brings_it_down(body: Any, raw: bytes, feedback: Any) -> None:
    """JSON of any form, and bytes of any kind, to every call that takes a body."""

    async def send() -> None:
        counter.forget()
        api = await open_api()
        for path in (*_POSTS, "/api/v1/conversations"):
            assert _all_well((await api.post(path, raw=_encode(body))).status), path
            assert _all_well((await api.post(path, raw=raw)).status), path
        greeting = api.messages[0]["id"]
        path = f"…/messages/{greeting}/feedback"
        assert _all_well((await api.post(path, raw=_encode(feedback))).status)

    asyncio.run(send())


@_SETTINGS
@given(first=_texts, second=_texts, header=st.text(st.characters(codec="latin-1"), max_size=20))
def test_no_address_or_header_brings_it_down(first: str, second: str, header: str) -> None:
    """Paths, parameters and headers of any kind."""
    from urllib.parse import quote

    one, two = (quote(text.encode("utf-8", "surrogatepass"), safe="") for text in (first, second))

    async def send() -> None:
        counter.forget()
        api = await open_api()
        for path in _QUERIES:
            answer = await api.get(path.format(one, two))
            answer.response.close()
            assert _all_well(answer.status), path
        for path in (f"/api/v1/{one}", f"/api/v1/conversations/{one}/{two}", f"…/messages/{one}"):
            assert _all_well((await api.get(path)).status), path
        clean = header.replace("\r", "").replace("\n", "")
        for name in ("Authorization", "Last-Event-ID", "Origin", "X-Request-ID", "Accept"):
            answer = await api.get("…/stream", headers={name: clean})
            answer.response.close()
            assert _all_well(answer.status), name

    asyncio.run(send())


@_SETTINGS
@given(
    text=st.text(min_size=1, max_size=4000).filter(lambda text: text.strip() and "\0" not in text)
)
def test_any_text_is_taken_and_given_back(text: str) -> None:
    """What a family writes comes back as they wrote it, trimmed."""

    async def send() -> None:
        counter.forget()
        api = await open_api()
        answer = await api.say(text)
        if not text.strip():
            assert answer.problem == "invalid-request"
            return
        assert answer.status == 201
        said = (await api.told())[len(api.messages)]["text"]
        assert said == text.replace("\r\n", "\n").replace("\r", "\n").strip()

    asyncio.run(send())


def test_the_fuzz_reaches_every_call_with_a_body() -> None:
    """A new call that takes a body is fuzzed as well."""
    with_body = {
        path.split("{conversation_id}")[-1]
        for path, methods in description()["paths"].items()
        for operation in methods.values()
        if "requestBody" in operation
    }
    fuzzed = {path.replace("…", "") for path in _POSTS}
    fuzzed |= {"/messages/{message_id}/feedback", "/api/v1/conversations", "/close"}
    assert with_body == fuzzed
