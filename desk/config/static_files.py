"""Static files of the staff pages, served by WhiteNoise without leaving the event loop.

WhiteNoise's own middleware is synchronous: under ASGI it would hold a thread for as long as a
visitor waits for the bot, and hand its files to Django in pieces that Django warns about.
"""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from config.middleware import Answer, GetResponse


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Answers from the files found at start; everything else goes on to the view."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        return self._from_files(request) if self._is_async else super().__call__(request)

    async def _from_files(self, request: HttpRequest) -> HttpResponse:
        static_file = self.files.get(request.path_info)
        if static_file is None:
            return await self.get_response(request)
        served = self.serve(static_file, request)
        # A few kilobytes each, and in the system's cache: one read beats a hop between threads.
        content = b"".join(served.streaming_content)
        served.close()
        headers = dict(served.headers.items())
        return HttpResponse(content, status=served.status_code, headers=headers)
