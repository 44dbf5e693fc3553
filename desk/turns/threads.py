"""Runs what speaks to the database off the event loop, in a few threads of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection, connections

# Few threads: they share one interpreter, and each more of them that computes lets all others wait
# after every query. With six, two hundred chats had a message on its way for four seconds; with
# one for calls and one for pages, for a tenth of one (`make bench ONLY=screens`). A family's
# message does not stand in line behind the lists of twenty consoles, nor behind what may be slow.
_readers = ThreadPoolExecutor(1, thread_name_prefix="desk-read")
_pages = ThreadPoolExecutor(1, thread_name_prefix="desk-page")
# Reading a text for danger computes and touches no database; nobody who writes stands behind it.
_checks = ThreadPoolExecutor(1, thread_name_prefix="desk-check")
_slow = ThreadPoolExecutor(2, thread_name_prefix="desk-slow")
# They wait for each other's locks in the database most of the time.
_writers = ThreadPoolExecutor(4, thread_name_prefix="desk-write")
# SQLite lets one writer through at a time, and those who wait for it take turns by chance, some
# of them for seconds. In one thread they go in the order in which they came.
_only_writer = ThreadPoolExecutor(1, thread_name_prefix="desk-write")

# The loop itself remembers a task only as long as somebody else does.
_going_on: set[asyncio.Task[Any]] = set()


async def to_the_end[R](work: Coroutine[Any, Any, R]) -> R:
    """Return what several steps return; all of them are done even when the caller goes away.

    A server breaks off the answer to a phone that lost its connection. What the phone sent has to
    be stored all the same, with the safety text that it calls for.
    """
    return await asyncio.shield(begin(work))


def begin[R](work: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
    """Have something done that nobody need wait for."""
    task = asyncio.create_task(work)
    _going_on.add(task)
    task.add_done_callback(_going_on.discard)
    return task


async def run[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a verb that only reads returns, without holding up the event loop.

    The request id goes along; whatever the verb raises comes back unchanged.
    """
    return await _run_in(_readers, verb, *args, **kwargs)


async def run_page[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a view of a page returns, without holding up calls and streams."""
    return await _run_in(_pages, verb, *args, **kwargs)


async def run_check[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a verb that only computes returns, without holding up readers or writers."""
    return await _run_in(_checks, verb, *args, **kwargs)


async def run_slow[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a verb returns that may take its time, without holding up anything else."""
    return await _run_in(_slow, verb, *args, **kwargs)


async def run_writing[**P, R](verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a verb that writes returns, without holding up the event loop."""
    pool = _only_writer if connection.vendor == "sqlite" else _writers
    return await _run_in(pool, verb, *args, **kwargs)


async def _run_in[**P, R](
    pool: ThreadPoolExecutor, verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    def with_own_connection() -> R:
        _tidy_connections()
        try:
            return verb(*args, **kwargs)
        finally:
            # The server signals the end of a request in another thread than this one.
            _tidy_connections()

    return await sync_to_async(with_own_connection, thread_sensitive=False, executor=pool)()


def _tidy_connections() -> None:
    """Give back what this thread need not keep.

    A connection to SQLite stays with its thread: opening one costs more than most queries, and
    closing the last one of the house makes SQLite write the whole log back.
    """
    for each in connections.all(initialized_only=True):
        if each.vendor != "sqlite":
            each.close_if_unusable_or_obsolete()
        elif each.errors_occurred:
            each.close()
