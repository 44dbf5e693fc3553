"""How a request gets from the server to its view.

The calls of the public API and the streams are asynchronous and go the way that Django has for
them. Every other page is read from the database from its first line to its last, so it goes the
whole way, middleware and all, in one of the threads that are there for the database. Django itself
would make a new thread for each such request, and with it a new connection, and pass between
thread and event loop at every middleware.
"""

from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from turns.threads import run, run_page, run_slow, run_writing

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What a specialist does to a conversation stands in line with what families write. Other rooms
# may take their time: a password hash costs a tenth of a second, an erasure waits for the bot.
_CONSOLE = "/console/"
# What was said a moment ago comes before lists and pages.
_NEWS = "/news"


class DeskHandler(ASGIHandler):
    """Django's handler with a way of its own for pages."""

    def __init__(self) -> None:
        super().__init__()
        self._pages = BaseHandler()
        self._pages.load_middleware(is_async=False)
        # The threads see to their connections themselves; waiting for another one to do so at the
        # start of each request would help nobody.
        for receiver in (close_old_connections, reset_queries):
            request_started.disconnect(receiver)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, without a thread made for it alone."""
        if scope["type"] != "http":
            raise ValueError(f"The desk speaks HTTP only, not {scope['type']}.")
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Take the way that the view needs."""
        if _is_asynchronous(request):
            return await super().get_response_async(request)
        return await _way_of(request)(self._pages.get_response, request)


def _way_of(request: HttpRequest) -> Any:
    if not request.path_info.startswith(_CONSOLE):
        return run_slow
    if request.method not in _SAFE_METHODS:
        return run_writing
    return run if request.path_info.endswith(_NEWS) else run_page


def _is_asynchronous(request: HttpRequest) -> bool:
    try:
        return bool(iscoroutinefunction(resolve(request.path_info).func))
    except Resolver404:
        return request.path_info.startswith("/api/")
