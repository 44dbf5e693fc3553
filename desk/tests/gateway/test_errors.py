"""One error shape across the whole API, whatever is wrong with a call."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from conversations import access
from gateway.problems import PROBLEM_TYPES
from tests.gateway.api_client import Api, description, open_api

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "problems.md"
OPEN = "/api/v1/conversations"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/conversations",
        "/api/v1/conversations/",
        "/api/v1/conversations/x/y/z",
        "/api/v1/%00",
        "/api/v1/%ff%fe",
        "/api/../api/v1/x",
    ],
)
async def test_unknown_addresses_are_problems(method: str, path: str) -> None:
    """404 in the API's shape, for every method."""
    refused = await Api().call(method, path)
    assert (refused.status, refused.problem) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", OPEN, {"POST"}),
        ("DELETE", OPEN, {"POST"}),
        ("PUT", "…/messages", {"GET", "POST"}),
        ("PATCH", "…", {"GET", "DELETE"}),
        ("GET", "…/handoff", {"POST"}),
        ("POST", "…/stream", {"GET"}),
        ("POST", "/api/v1/service", {"GET"}),
        ("POST", "/api/v1/openapi.json", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("DELETE", "/readyz", {"GET", "HEAD"}),
    ],
)
async def test_wrong_methods_are_problems(method: str, path: str, allowed: set[str]) -> None:
    """405, and Allow names what is possible."""
    api = await open_api()
    refused = await api.call(method, path)
    assert (refused.status, refused.problem) == (405, "method-not-allowed")
    assert set(re.split(", *", refused.response["Allow"])) == allowed


@pytest.mark.parametrize(
    ("raw", "content_type", "problem", "status"),
    [
        (b"{", "application/json", "malformed-body", 400),
        (b'{"consent": true,}', "application/json", "malformed-body", 400),
        (b'{"consent": NaN}', "application/json", "malformed-body", 400),
        (b"\xff\xfe\x00", "application/json", "malformed-body", 400),
        (b'{"consent": "\xe9"}', "application/json", "malformed-body", 400),
        (b"[" * 20_000, "application/json", "malformed-body", 400),
        (b"1" * 10_000, "application/json", "malformed-body", 400),
        (b'{"consent": true}', "text/plain", "unsupported-media-type", 415),
        (b"consent=true", "application/x-www-form-urlencoded", "unsupported-media-type", 415),
        (b'{"consent": true}', "multipart/form-data; boundary=x", "unsupported-media-type", 415),
        (b"null", "application/json", "invalid-request", 422),
        (b"[]", "application/json", "invalid-request", 422),
        (b'"text"', "application/json", "invalid-request", 422),
        (b'{"\\ud800": 1, "consent": true}', "application/json", "invalid-request", 422),
        (b'{"a\\u0000b": 1, "consent": true}', "application/json", "invalid-request", 422),
        (b" " * 70_000, "application/json", "body-too-large", 413),
        (b" " * 300_000, "application/json", "body-too-large", 413),
    ],
)
async def test_unusable_bodies_are_problems(
    raw: bytes, content_type: str, problem: str, status: int
) -> None:
    """Each in its own kind, none a crash."""
    refused = await Api().post(OPEN, raw=raw, content_type=content_type)
    assert (refused.status, refused.problem) == (status, problem)
    assert b"OpenConversationBody" not in refused.raw  # A name of ours says nothing to a caller.


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
async def test_json_is_taken_with_and_without_its_charset(content_type: str) -> None:
    """Both are usual."""
    answer = await Api().post(OPEN, raw=b'{"consent": true}', content_type=content_type)
    assert answer.status == 201


async def test_a_refusal_repeats_nothing_of_the_body() -> None:
    """What a family wrote stands in no error text."""
    api = await open_api()
    refused = await api.post(
        "…/messages", {"client_id": "my son Emil", "text": ["my son Emil"], "choice": {"Emil": 1}}
    )
    assert refused.status == 422
    assert b"Emil" not in refused.raw


async def test_an_unknown_host_is_a_problem() -> None:
    """Also what Django refuses before any view."""
    refused = await Api().post(OPEN, {"consent": True}, headers={"Host": "evil.example"})
    assert (refused.status, refused.problem) == (400, "bad-request")


async def test_a_crash_is_a_problem_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 with a fixed text; the reason is for the log."""

    def crash(*args: Any) -> None:
        raise RuntimeError("a secret reason")

    api = await open_api()
    monkeypatch.setattr(access, "summary", crash)
    refused = await api.get("…")
    assert (refused.status, refused.problem) == (500, "internal")
    assert b"secret" not in refused.raw


async def test_a_database_that_is_away_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with a time to come back at."""

    def away(*args: Any) -> None:
        raise OperationalError("the values of a row")

    api = await open_api()
    monkeypatch.setattr(access, "conversation_for_token", away)
    refused = await api.get("…")
    assert (refused.status, refused.problem) == (503, "unavailable")
    assert int(refused.response["Retry-After"]) > 0
    assert b"row" not in refused.raw


async def test_request_ids_go_in_and_come_out() -> None:
    """One id through everything; what could forge a log line is replaced."""
    api = Api()
    given = await api.get("/api/v1/service", headers={"X-Request-ID": "abcd-1234-efgh"})
    assert given.response["X-Request-ID"] == "abcd-1234-efgh"
    forged = await api.get("/api/v1/nothing", headers={"X-Request-ID": "a b\x0b{}"})
    assert re.fullmatch(r"[0-9a-f]{16}", forged.response["X-Request-ID"])


async def test_the_log_names_routes_and_never_texts(caplog: pytest.LogCaptureFixture) -> None:
    """Neither ids nor words of a conversation stand in the access line."""
    caplog.set_level("INFO", logger="gateway")
    api = await open_api()
    await api.say("my daughter Emma")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("gateway")]
    assert any("/messages 201" in line for line in lines)
    assert api.id not in "".join(lines)
    assert "Emma" not in caplog.text


def test_every_problem_is_in_the_document_and_in_the_description() -> None:
    """The list of `type`s is closed: code, docs/problems.md and OpenAPI have the same."""
    in_code = {problem.slug for problem in PROBLEM_TYPES}
    text = DOCUMENT.read_text()
    assert set(re.findall(r"^## `([a-z-]+)`", text, re.MULTILINE)) == in_code
    for problem in PROBLEM_TYPES:
        part = text.split(f"## `{problem.slug}`")[1].split("\n## ")[0]
        assert str(problem.status) in part
        assert problem.title in part
    described = description()["components"]["schemas"]["ProblemOut"]["properties"]["type"]
    assert set(described["enum"]) == {problem.uri for problem in PROBLEM_TYPES}


@pytest.mark.parametrize("slug", [problem.slug for problem in PROBLEM_TYPES])
async def test_every_type_can_be_opened(slug: str) -> None:
    """`type` is an address; somebody will open it."""
    page = await Api().get(f"/problems/{slug}")
    assert page.status == 200
    assert (await Api().get("/problems/made-up")).status == 404
