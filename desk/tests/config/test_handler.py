"""The way of a request from the server to its view."""

from __future__ import annotations

import threading

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse

from config.handler import DeskHandler

# The end of every request looks after the connections of the thread it happens to be in, and an
# earlier test may have left one there.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def handler():
    """A handler as the server has it; what it takes off Django's signals comes back afterwards."""
    yield DeskHandler()
    for receiver in (reset_queries, close_old_connections):
        request_started.connect(receiver)


async def asked(handler, path: str, method: str = "GET"):
    """Status and headers of an answer."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    server = ApplicationCommunicator(handler, scope)
    await server.send_input({"type": "http.request", "body": b""})
    start = await server.receive_output(20)
    await server.receive_output(20)
    await server.wait(20)
    return start["status"], {
        name.decode().lower(): value.decode() for name, value in start["headers"]
    }


class TestBothWays:
    """Pages and calls have the same middleware around them."""

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/staff/sign-in", 200),
            ("/healthz", 200),
            ("/console/", 302),
            ("/console/stream", 403),
            ("/no-such-page", 404),
            ("/api/v1/no-such-call", 404),
        ],
    )
    async def test_every_answer_has_the_headers_that_protect_it(self, handler, path, status):
        found, headers = await asked(handler, path)
        assert found == status
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src" in headers["content-security-policy"]
        assert headers["x-request-id"]

    async def test_a_form_without_its_token_is_refused(self, handler):
        assert (await asked(handler, "/console/service/close", "POST"))[0] == 403

    async def test_a_call_that_does_not_exist_has_the_error_shape(self, handler):
        _, headers = await asked(handler, "/api/v1/no-such-call")
        assert headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "thread"),
    [
        ("GET", "/console/list", "desk-page"),
        ("GET", "/console/conversations/11111111-1111-4111-8111-111111111111/news", "desk-read"),
        ("POST", "/console/service/close", "desk-write"),
        ("POST", "/staff/sign-in", "desk-slow"),
        ("GET", "/no-such-page", "desk-slow"),
    ],
)
async def test_a_page_is_made_in_a_thread_that_is_there_already(
    handler, monkeypatch, method, path, thread
):
    """Nothing in it hops back and forth, and a slow form holds up no message."""
    names = []

    def get_response(request):
        names.append(threading.current_thread().name)
        return HttpResponse("ok")

    monkeypatch.setattr(handler._pages, "get_response", get_response)
    for _ in range(3):
        assert (await asked(handler, path, method))[0] == 200
    assert {name.rpartition("_")[0] for name in names} == {thread}


async def test_a_stream_takes_no_thread_for_as_long_as_it_is_open(handler, monkeypatch):
    monkeypatch.setattr(handler._pages, "get_response", lambda request: pytest.fail("a thread"))

    async def chain(request):
        return HttpResponse("ok")

    monkeypatch.setattr(handler, "_middleware_chain", chain)
    key = "11111111-1111-4111-8111-111111111111"
    for path in (f"/console/conversations/{key}/stream", f"/api/v1/conversations/{key}/stream"):
        assert (await asked(handler, path))[0] == 200
