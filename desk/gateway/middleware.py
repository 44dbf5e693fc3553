"""Around every call of the public API: who may embed it, one error shape, a line in the log."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from gateway.problems import CONTENT_TYPE, ProblemResponse, general_problem

logger = logging.getLogger(__name__)

_API = "/api/"
_OTHER_PUBLIC_PATHS = frozenset({"/api", "/healthz", "/readyz"})
_KEPT_HEADERS = ("Allow", "Retry-After")

ALLOWED_METHODS = "GET, POST, DELETE, OPTIONS"
ALLOWED_HEADERS = "Authorization, Content-Type, Last-Event-ID, X-Request-ID"
EXPOSED_HEADERS = "Content-Disposition, Retry-After, X-Request-ID"
_PREFLIGHT_SECONDS = "600"

type Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class PublicApiMiddleware:
    """Leaves all other addresses of the desk alone.

    It stands near the top, so that refusals by the middleware below it, and by Django itself,
    have the API's error shape too.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        """Answer a call, in whichever way the server runs."""
        if self._is_async:
            return self._answer_async(request)
        started_at = time.monotonic()
        response = _preflight(request) or cast(HttpResponseBase, self._get_response(request))
        return _finish(request, response, started_at)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        started_at = time.monotonic()
        response: HttpResponseBase | None = _preflight(request)
        if response is None:
            response = await cast(Awaitable[HttpResponseBase], self._get_response(request))
        return _finish(request, response, started_at)


def is_allowed_origin(origin: str) -> bool:
    """Return whether pages of this origin may call the API: the embedding sites and the desk."""
    return origin in settings.EMBED_ORIGINS or origin == _own_origin()


def _own_origin() -> str:
    parts = urlsplit(settings.DESK_URL)
    return f"{parts.scheme}://{parts.netloc}"


def _is_public(request: HttpRequest) -> bool:
    return request.path.startswith(_API) or request.path in _OTHER_PUBLIC_PATHS


def _preflight(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a browser asking whether it may call, None for every other request."""
    is_preflight = (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )
    if not is_preflight or not _is_public(request):
        return None
    response = HttpResponse(status=204)
    if is_allowed_origin(request.headers["Origin"]):
        response["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        response["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


def _finish(
    request: HttpRequest, response: HttpResponseBase, started_at: float
) -> HttpResponseBase:
    if not _is_public(request):
        return response
    if response.status_code >= 400 and not _is_ours(response):
        response = _in_our_shape(response)
    # What families write must not lie in anybody's cache.
    response.headers.setdefault("Cache-Control", "no-store")
    _add_cors(request, response)
    _note(request, response, started_at)
    return response


def _is_ours(response: HttpResponseBase) -> bool:
    """Whether one of our own calls made this refusal; Django's are pages for people."""
    media_type = response.get("Content-Type", "").partition(";")[0]
    return media_type in (CONTENT_TYPE, "application/json")


def _in_our_shape(response: HttpResponseBase) -> HttpResponse:
    ours = ProblemResponse(general_problem(response.status_code))
    # Refusals we have no name for keep their status: the shape is what clients rely on.
    for name in _KEPT_HEADERS:
        if name in response:
            ours[name] = response[name]
    return ours


def _add_cors(request: HttpRequest, response: HttpResponseBase) -> None:
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin and is_allowed_origin(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = EXPOSED_HEADERS


def _note(request: HttpRequest, response: HttpResponseBase, started_at: float) -> None:
    # The route, not the path: no id and nothing anybody typed reaches the log.
    route = request.resolver_match.route if request.resolver_match else "(no route)"
    milliseconds = (time.monotonic() - started_at) * 1000
    logger.info(
        "%s %s %s",
        request.method,
        route,
        response.status_code,
        extra={"duration_ms": round(milliseconds), "status": response.status_code},
    )
