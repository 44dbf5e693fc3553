"""Django's own middleware, run where the request is instead of in a thread of its own.

Around an asynchronous view Django hands each half of each of these to another thread and waits
for it. None of them does anything that blocks, and on a busy machine each way there and back costs
a place in two queues: a message went through sixteen of them before anybody looked at it.
"""

from typing import Any

from asgiref.sync import sync_to_async
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin


class _Inline(MiddlewareMixin):
    """Runs both halves of a middleware on the event loop.

    The exceptions for the type checker: Django's stubs know the synchronous way alone.
    """

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase | None = None
        if hasattr(self, "process_request"):
            response = self.process_request(request)
        # The stubs know no `get_response` that is awaited.
        response = response or await self.get_response(request)  # type: ignore[misc]
        if hasattr(self, "process_response"):
            response = await self._finished(request, response)
        return response

    async def _finished(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # It is the middleware's that this is mixed with.
        finished: HttpResponseBase = self.process_response(request, response)  # type: ignore[attr-defined]
        return finished


class Security(_Inline, SecurityMiddleware):
    """Headers and the redirect to https."""


class Csp(_Inline, CSPMiddleware):
    """The content security policy."""


class Common(_Inline, CommonMiddleware):
    """Host names and missing slashes."""


class Session(_Inline, SessionMiddleware):
    """The session, read by whoever asks for it; saving one goes to the database."""

    async def _finished(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.session.modified:
            return await super()._finished(request, response)
        # The stub wants the narrower class of response; Django's code takes any.
        return await sync_to_async(self.process_response)(request, response)  # type: ignore[arg-type]


class Csrf(_Inline, CsrfViewMiddleware):
    """The check that a form is our own; the token is in a cookie."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            # Django looks on the instance, and awaits what it finds there.
            self.process_view = self._view_inline  # type: ignore[method-assign, assignment]

    async def _view_inline(self, *args: Any) -> HttpResponseBase | None:
        return CsrfViewMiddleware.process_view(self, *args)


class Authentication(_Inline, AuthenticationMiddleware):
    """The account, looked up by whoever asks for it."""


class Messages(_Inline, MessageMiddleware):
    """What a page has to say after a redirect; in a cookie as long as it fits there."""


class XFrameOptions(_Inline, XFrameOptionsMiddleware):
    """Who may frame a page."""
