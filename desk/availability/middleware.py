"""Staff read every time on the service's own clock, whatever clock the machine keeps."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from availability import content

type Answer = HttpResponse | Awaitable[HttpResponse]


class ServiceClockMiddleware:
    """Draws pages with the times of the service's zone.

    Around asynchronous views it does nothing: they draw no pages, and the public API tells times
    in UTC or in the visitor's zone.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        if self._is_async:
            return self.get_response(request)
        with timezone.override(ZoneInfo(content.organisation().time_zone)):
            return self.get_response(request)
