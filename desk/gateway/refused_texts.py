"""Sees to it that no text about an emergency is swallowed because its call was refused."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast

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
    NOT_FOUND,
    RATE_LIMITED,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemResponse,
)
from turns.threads import run, run_check, run_writing

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
        if not isinstance(response, ProblemResponse) or response.problem.safety is not None:
            return response
        problem, visitor = response.problem, getattr(request, "auth", None)
        is_lost = problem.problem_type == NOT_FOUND
        is_ours = problem.problem_type in _OURS and isinstance(visitor, Visitor)
        if not (is_lost or is_ours):
            return response
        verdict = await run_check(services.verdict_on, lenient_text(request))
        if not verdict.kind:
            return response
        if is_lost:
            finding = await run(services.answer_lost_text, verdict)
        else:
            key = cast(Visitor, visitor).conversation.pk
            finding = await run_writing(services.note_refused_text, key, verdict)
        return ProblemResponse(problem.with_safety(safety_notice(finding)))

    return guarded
