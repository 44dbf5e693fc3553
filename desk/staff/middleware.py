"""Any authenticated request counts as a sign that its sender is there."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from staff.presence import note_seen

type Answer = HttpResponse | Awaitable[HttpResponse]


class PresenceMiddleware:
    """Notes that a signed-in specialist was seen.

    Around asynchronous views it does nothing: the console's stream notes it for as long as it is
    open, and the calls of the public API are a visitor's.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        if not self._is_async:
            _note(request)
        return self.get_response(request)


def _has_session(request: HttpRequest) -> bool:
    # A visitor has no cookie: their calls must not cost a look at sessions or accounts.
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _note(request: HttpRequest) -> None:
    if _has_session(request) and request.user.is_authenticated:
        note_seen(request.user)
