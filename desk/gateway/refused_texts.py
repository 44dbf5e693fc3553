"""Sees to it that no text about an emergency is swallowed because its call was refused."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from conversations import services
from gateway.access_token import Visitor
from gateway.bodies import lenient_text
from gateway.errors import safety_notice
from gateway.problems import (
    BODY_TOO_LARGE,
    INVALID_REQUEST,
    MALFORMED_BODY,
    RATE_LIMITED,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemResponse,
)
from turns.threads import run_writing

# What the gateway refuses by itself. The refusals of the heart have read the text already.
_OURS = frozenset(
    {BODY_TOO_LARGE, INVALID_REQUEST, MALFORMED_BODY, RATE_LIMITED, UNSUPPORTED_MEDIA_TYPE}
)

type Call = Callable[..., Awaitable[HttpResponseBase]]


def read_refused_texts(call: Call) -> Call:
    """Have the safety guard read what a refused call carried, and add its reply to the refusal.

    However malformed or hasty a call is: somebody may have written of an emergency in it.
    """

    @wraps(call)
    async def guarded(request: HttpRequest, **parameters: Any) -> HttpResponseBase:
        response = await call(request, **parameters)
        visitor = getattr(request, "auth", None)
        if not isinstance(response, ProblemResponse) or not isinstance(visitor, Visitor):
            return response
        if response.problem.problem_type not in _OURS or response.problem.safety is not None:
            return response
        text = lenient_text(request)
        if not text:
            return response
        finding = await run_writing(services.note_refused_text, visitor.conversation.pk, text)
        return ProblemResponse(response.problem.with_safety(safety_notice(finding)))

    return guarded
