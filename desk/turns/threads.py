"""Runs the heart's synchronous verbs off the event loop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import close_old_connections

# Enough to keep reading while some wait for the one writer; SQLite has only one.
_THREADS = 8
_pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="desk")


async def run[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `verb` returns, without holding up the event loop.

    The request id goes along; whatever the verb raises comes back unchanged.
    """

    def with_own_connection() -> R:
        close_old_connections()
        try:
            return verb(*args, **kwargs)
        finally:
            # The server signals the end of a request in another thread than this one.
            close_old_connections()

    return await sync_to_async(with_own_connection, thread_sensitive=False, executor=_pool)()
