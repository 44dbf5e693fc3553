"""Reads JSON bodies, refusing what is too large, of another type, or not JSON in UTF-8."""

import json
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from ninja.parser import Parser

from gateway.problems import (
    BODY_TOO_LARGE,
    MALFORMED_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
)

# The longest text has 4,000 characters, at most 6 bytes each as JSON escapes; the rest is air.
LARGEST_BODY_BYTES = 64 * 1024
# Where a visitor may write in their own words, whichever call it is.
_FREE_TEXTS = ("text", "reason", "topic", "comment", "preferred_time")


class JsonBody(Parser):
    """The gateway's parser: strict about form, so that the schemas see plain JSON values."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the JSON value of the body.

        Raises:
            Problem: the body is too large, not declared as JSON, or not JSON in UTF-8.
        """
        return read_json(request)


def raw_body(request: HttpRequest) -> bytes:
    """Return the body as received.

    Raises:
        Problem: it is larger than `LARGEST_BODY_BYTES`.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large() from None
    except UnreadablePostError:
        raise Problem(MALFORMED_BODY, "The body broke off.") from None
    if len(body) > LARGEST_BODY_BYTES:
        raise too_large()
    return body


def read_json(request: HttpRequest) -> Any:
    """Return the JSON value of a request's body; raises Problem."""
    body = raw_body(request)
    if request.content_type != "application/json":
        raise Problem(UNSUPPORTED_MEDIA_TYPE, "Send the header Content-Type: application/json.")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Problem(MALFORMED_BODY, "The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise Problem(MALFORMED_BODY, "The body is not valid JSON.") from None


def lenient_text(request: HttpRequest) -> str:
    """Return what can be read of a body that is refused, for the safety guard alone.

    A family that writes "she is not breathing" into a front end that garbles its JSON still has
    to be told whom to call.
    """
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return ""
    text = body[:LARGEST_BODY_BYTES].decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(value, dict):
        return ""
    return "\n\n".join(value[name] for name in _FREE_TEXTS if isinstance(value.get(name), str))


def too_large() -> Problem:
    """Return the refusal of a body that nobody types."""
    return Problem(
        BODY_TOO_LARGE, f"A body may have {LARGEST_BODY_BYTES // 1024} KiB; send a shorter one."
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
