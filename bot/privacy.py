"""Keeps what families write out of every log, Rasa's own included."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_OURS = ("bot.", "__main__")


@contextmanager
def private_turn(request_id: str) -> Iterator[None]:
    """Withhold the content of other people's log records inside, and tag all with the id."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def protect_logs() -> None:
    """Install the rule of `private_turn` for the whole process; again is harmless.

    Rasa logs at many places, at debug level and on errors, with the message's text, its parts
    or a whole tracker in the line or in the traceback. No list of such places would stay
    complete. So while a turn runs, a record of anybody but ourselves keeps logger, level, file
    and line, which is enough to find the place, and loses its words. The rule sits where all
    records are made, which structlog's pass through too.
    """
    factory = logging.getLogRecordFactory()
    if getattr(factory, "protects_turns", False):
        return

    def make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = factory(*args, **kwargs)
        request_id = _request_id.get()
        record.request_id = request_id or "-"
        if request_id is not None and not record.name.startswith(_OURS):
            _withhold(record, request_id)
        return record

    make_record.protects_turns = True  # type: ignore[attr-defined] # marks it as ours
    logging.setLogRecordFactory(make_record)


def _withhold(record: logging.LogRecord, request_id: str) -> None:
    raised = record.exc_info[0] if record.exc_info else None
    cause = f" {raised.__name__}" if raised else ""
    record.msg = f"[request {request_id}] {record.module}:{record.lineno} withheld{cause}"
    record.args = ()
    record.exc_info = None
    record.exc_text = None
    record.stack_info = None
