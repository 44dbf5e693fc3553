"""One request id through everything, and headers that Django has no setting for."""

import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import Token
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

from audit.request_id import bind_request_id, reset_request_id

REQUEST_ID_HEADER = "X-Request-ID"
# What a proxy in front may hand us; anything else could forge log lines.
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

type Answer = HttpResponse | Awaitable[HttpResponse]
type GetResponse = Callable[[HttpRequest], Answer]


class _Middleware:
    """Runs `before` and `after` around the view, in sync and async stacks alike."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        if self._is_async:
            return self._acall(request)
        state = self.before(request)
        response = self.get_response(request)
        return self.after(request, cast(HttpResponse, response), state)

    async def _acall(self, request: HttpRequest) -> HttpResponse:
        state = self.before(request)
        response = await cast(Awaitable[HttpResponse], self.get_response(request))
        return self.after(request, response, state)

    def before(self, request: HttpRequest) -> object:
        return None

    def after(self, request: HttpRequest, response: HttpResponse, state: object) -> HttpResponse:
        return response


class RequestIdMiddleware(_Middleware):
    """Gives each request an id, bound for logs and records and echoed in the answer."""

    def before(self, request: HttpRequest) -> object:
        offered = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = offered if _ACCEPTABLE.fullmatch(offered) else secrets.token_hex(8)
        return request_id, bind_request_id(request_id)

    def after(self, request: HttpRequest, response: HttpResponse, state: object) -> HttpResponse:
        request_id, token = cast(tuple[str, Token[str]], state)
        response.headers[REQUEST_ID_HEADER] = request_id
        reset_request_id(token)
        return response


class PermissionsPolicyMiddleware(_Middleware):
    """Says that no page of the desk uses camera, microphone, position or payment."""

    def after(self, request: HttpRequest, response: HttpResponse, state: object) -> HttpResponse:
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response


class StreamingMiddleware(_Middleware):
    """Gives the request's database connection back before a stream begins.

    Django keeps it until the answer ends, which a stream may do after hours: a few dozen open
    consoles would leave no connection for anybody else.
    """

    async def _acall(self, request: HttpRequest) -> HttpResponse:
        response = await super()._acall(request)
        if response.streaming:
            await sync_to_async(close_old_connections)()
        return response
