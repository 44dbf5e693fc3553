"""Headers on every answer, request ids, and logs without anybody's words."""

import json
import logging

import pytest
from csp.constants import NONE, SELF
from django.contrib.staticfiles import finders
from django.core.exceptions import DisallowedHost
from django.db import IntegrityError
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.module_loading import import_string

from audit.request_id import current_request_id
from config import logs
from config.middleware import PermissionsPolicyMiddleware, RequestIdMiddleware, StreamingMiddleware
from config.static_files import StaticFilesMiddleware

pytestmark = pytest.mark.django_db


def test_every_answer_carries_the_security_headers(client):
    headers = client.get("/no-such-page").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_no_directive_lets_anything_from_elsewhere_in(settings):
    allowed = {SELF, NONE}
    for sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].values():
        assert set(sources) <= allowed


def test_each_answer_has_a_request_id(client):
    first, second = client.get("/a"), client.get("/b")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert current_request_id() == ""


@pytest.mark.parametrize(
    ("offered", "is_taken"),
    [("a1b2c3d4-e5", True), ("short", False), ("x" * 65, False), ('inject"ed{}', False)],
)
def test_a_proxy_may_name_the_request_but_not_forge_log_lines(client, offered, is_taken):
    answer = client.get("/a", headers={"X-Request-ID": offered})
    assert (answer.headers["X-Request-ID"] == offered) is is_taken


async def test_the_request_id_is_bound_around_async_views_too(async_client):
    answer = await async_client.get("/a")
    assert len(answer.headers["X-Request-ID"]) == 16


async def test_middleware_passes_async_answers_through(rf):
    async def view(request):
        return HttpResponse(current_request_id())

    request = rf.get("/")
    answer = await RequestIdMiddleware(PermissionsPolicyMiddleware(view))(request)
    assert answer.content.decode() == answer.headers["X-Request-ID"]
    assert "Permissions-Policy" in answer.headers


@pytest.mark.parametrize(("answer", "is_given_back"), [("stream", True), ("page", False)])
async def test_a_stream_holds_no_database_connection(rf, monkeypatch, answer, is_given_back):
    given_back = []
    monkeypatch.setattr("config.middleware.close_old_connections", lambda: given_back.append(1))

    async def view(request):
        return StreamingHttpResponse() if answer == "stream" else HttpResponse()

    await StreamingMiddleware(view)(rf.get("/"))
    assert bool(given_back) is is_given_back


def formatted(record: logging.LogRecord) -> dict:
    """The line as it is written."""
    return json.loads(logs.JsonFormatter().format(record))


def make_record(message="said", *, exc_info=None, **extra) -> logging.LogRecord:
    """A log record."""
    record = logging.LogRecord("desk", logging.ERROR, __file__, 1, message, (), exc_info)
    record.__dict__.update(extra)
    return record


def test_a_line_says_when_how_grave_who_and_what():
    line = formatted(make_record("the bot is away", conversation_id="7", text="private words"))
    assert (line["level"], line["logger"], line["said"]) == ("ERROR", "desk", "the bot is away")
    assert line["conversation_id"] == "7"
    assert "private words" not in json.dumps(line)


def test_an_exception_is_logged_by_type_and_place_never_by_its_words():
    try:
        raise IntegrityError("DETAIL: Failing row contains (my baby has a fever)")
    except IntegrityError as error:
        line = formatted(make_record(exc_info=(type(error), error, error.__traceback__)))
    assert line["error"] == "IntegrityError"
    assert "test_http.py" in line["where"][0]
    assert "fever" not in json.dumps(line)


def test_a_line_is_one_line():
    assert "\n" not in logs.JsonFormatter().format(make_record("two\nlines"))


def test_an_error_in_a_view_logs_no_words(client, caplog, capsys, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("my baby has a fever")

    monkeypatch.setattr("django.core.handlers.base.BaseHandler.resolve_request", broken)
    client.raise_request_exception = False
    assert client.get("/a").status_code == 500
    lines = [logs.JsonFormatter().format(record) for record in caplog.records]
    assert any("RuntimeError" in line for line in lines)
    assert not any("fever" in line for line in lines)
    assert "fever" not in capsys.readouterr().err


def test_an_unknown_host_is_refused(client):
    assert client.get("/a", headers={"host": "evil.example"}).status_code == 400
    assert issubclass(DisallowedHost, Exception)


class TestStaticFiles:
    """Files of the staff pages come without a thread and without a warning."""

    @pytest.fixture
    def file(self, settings, tmp_path):
        """A static file of an app, as the finders see it."""
        (tmp_path / "page.css").write_text("body { color: black }")
        settings.STATICFILES_DIRS = [tmp_path]
        finders.get_finder.cache_clear()
        yield "/static/page.css"
        finders.get_finder.cache_clear()

    @pytest.mark.filterwarnings("error")
    async def test_a_file_is_served_in_the_event_loop(self, file, rf):
        async def view(request):
            return HttpResponse(status=404)

        serve = StaticFilesMiddleware(view)
        answer = await serve(rf.get(file))
        assert answer.content == b"body { color: black }"
        assert answer.headers["Content-Type"] == 'text/css; charset="utf-8"'
        assert "Access-Control-Allow-Origin" not in answer.headers
        unchanged = rf.get(file, headers={"If-None-Match": answer.headers["ETag"]})
        assert (await serve(unchanged)).status_code == 304
        assert (await serve(rf.get("/static/other.css"))).status_code == 404
        assert (await serve(rf.get("/static/../settings.py"))).status_code == 404

    def test_and_in_a_synchronous_stack(self, file, rf):
        answer = StaticFilesMiddleware(lambda request: HttpResponse(status=404))(rf.get(file))
        assert b"".join(answer.streaming_content) == b"body { color: black }"
        answer.close()

    def test_no_middleware_holds_a_thread_while_a_visitor_waits(self, settings):
        slow = [
            name
            for name in settings.MIDDLEWARE
            if not getattr(import_string(name), "async_capable", False)
        ]
        assert slow == []
