"""One JSON object per log line, with the request id and never a visitor's words.

Exceptions are logged by type and place alone: database errors carry the values of the row that
was refused, and a row may hold what a family wrote.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from audit.request_id import current_request_id

# What a caller may add with `extra=`; anything else is dropped, so that no text slips in.
FIELDS = (
    "conversation_id",
    "mail_id",
    "message_id",
    "turn_id",
    "count",
    "duration_ms",
    "failure",
    "kind",
    "path",
    "status",
    "status_code",
)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "said": record.getMessage(),
            "request_id": current_request_id(),
        }
        for field in FIELDS:
            if hasattr(record, field):
                line[field] = str(getattr(record, field))
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename}:{frame.lineno}:{frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ][-12:]
        return json.dumps(line, ensure_ascii=False)


def configuration(level: str) -> dict[str, Any]:
    """Django's `LOGGING` at `level`: everything to standard error through one formatter."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            # Their own handlers would print tracebacks with values, or every address twice.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn": {"handlers": [], "level": level, "propagate": True},
            "uvicorn.error": {"handlers": [], "level": level, "propagate": True},
            "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
            "httpx": {"handlers": [], "level": "WARNING", "propagate": True},
            "httpcore": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
