"""Any authenticated request counts as a sign that its sender is there."""

from collections.abc import Callable

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from staff.presence import note_request


class PresenceMiddleware:
    """Notes that a signed-in specialist was seen, and keeps those who act signed in.

    Around asynchronous views it is not used: the console's stream has its page ask every few
    seconds, and the calls of the public API are a visitor's.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if iscoroutinefunction(get_response):
            raise MiddlewareNotUsed
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_session(request) and request.user.is_authenticated:
            note_request(request.user)
            if request.method == "POST" and not _is_by_itself(request):
                # Whoever works is not signed out in the middle of a talk.
                request.session.modified = True
        return self._get_response(request)


def _is_by_itself(request: HttpRequest) -> bool:
    """Whether an open page tells this without anybody doing anything."""
    return request.path.endswith(("/view", "/typing"))


def _has_session(request: HttpRequest) -> bool:
    # A visitor has no cookie: their pages must not cost a look at sessions or accounts.
    return settings.SESSION_COOKIE_NAME in request.COOKIES
