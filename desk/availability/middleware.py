"""Staff read every time on the service's own clock, whatever clock the machine keeps."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from availability import content


class ServiceClockMiddleware:
    """Draws pages with the times of the service's zone.

    Around asynchronous views it is not used: they draw no pages, and the public API tells times
    in UTC or in the visitor's zone.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if iscoroutinefunction(get_response):
            raise MiddlewareNotUsed
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(ZoneInfo(content.organisation().time_zone)):
            return self._get_response(request)
