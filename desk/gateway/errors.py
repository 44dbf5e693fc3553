"""Turns every exception of a call into a problem."""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from conversations.errors import DeskError
from conversations.results import SafetyFinding
from gateway.bodies import too_large
from gateway.limits import too_many
from gateway.problems import (
    BAD_REQUEST,
    CLIENT_ID_REUSED,
    CONVERSATION_CLOSED,
    INTERNAL,
    INVALID_REQUEST,
    MAIL_OFF,
    NOT_FOUND,
    NOT_POSSIBLE_NOW,
    RATE_LIMITED,
    RESUME_LINK_SPENT,
    TEXT_TOO_LONG,
    UNAVAILABLE,
    UNKNOWN_CHOICE,
    FieldError,
    Problem,
    ProblemResponse,
    ProblemType,
    SafetyNotice,
    general_problem,
)

logger = logging.getLogger(__name__)

_BY_CODE: Mapping[str, ProblemType] = {
    "unknown_conversation": NOT_FOUND,
    "unknown_message": NOT_FOUND,
    "unknown_resume_link": NOT_FOUND,
    "resume_link_spent": RESUME_LINK_SPENT,
    "already_scored": NOT_POSSIBLE_NOW,
    "conversation_closed": CONVERSATION_CLOSED,
    "text_empty": INVALID_REQUEST,
    "text_too_long": TEXT_TOO_LONG,
    "client_id_reused": CLIENT_ID_REUSED,
    "unknown_choice": UNKNOWN_CHOICE,
    "stale_epoch": NOT_POSSIBLE_NOW,
    "not_in_control": NOT_POSSIBLE_NOW,
    "not_queued": NOT_POSSIBLE_NOW,
    "invalid_input": INVALID_REQUEST,
    "mail_off": MAIL_OFF,
    "too_many_mails": RATE_LIMITED,
}
# Which field of the request an error of the heart is about.
_FIELD_BY_CODE = {"text_empty": "text", "text_too_long": "text", "unknown_choice": "choice"}

_MOST_FIELD_ERRORS = 20
_LONGEST_FIELD_NAME = 60
_FIX_FIELDS = "Change the fields named in errors and send the request again."


def install_handlers(api: NinjaAPI) -> None:
    """Make every exception of the API's calls end as a problem."""
    for kind in (HttpError, Http404, ValidationError, Exception):
        # The framework has handlers of its own for the first three, found before the general one.
        api.add_exception_handler(kind, _answer)


def problem_of(error: Exception) -> Problem:
    """Return the problem that an exception is told as."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DeskError):
        return _problem_of_desk_error(error)
    if isinstance(error, ValidationError):
        if any(item["loc"][:1] == ("path",) for item in error.errors):
            return general_problem(404)  # An id that is no id names nothing.
        return Problem(INVALID_REQUEST, _FIX_FIELDS, errors=field_errors(error.errors))
    if isinstance(error, Throttled):
        return too_many(error.wait or 1)
    if isinstance(error, HttpError):
        # The framework wraps what the body's reader raised.
        cause = error.__cause__
        return cause if isinstance(cause, Problem) else general_problem(error.status_code)
    if isinstance(error, RequestDataTooBig):
        return too_large()
    if isinstance(error, Http404):
        return general_problem(404)
    if isinstance(error, DatabaseError | InterfaceError):
        return Problem(UNAVAILABLE, "Try again in a few seconds.", headers={"Retry-After": "5"})
    return general_problem(500)


def safety_notice(finding: SafetyFinding | None) -> SafetyNotice | None:
    """Return what a refusal says about a text that describes an emergency or a crisis."""
    if finding is None:
        return None
    return SafetyNotice("crisis" if finding.kind == "crisis" else "emergency", finding.text)


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Return what to change, field by field, without repeating any value."""
    return [_field_error(error) for error in list(errors)[:_MOST_FIELD_ERRORS]]


def _field_error(error: Mapping[str, Any]) -> FieldError:
    message = str(error.get("msg", "")).removeprefix("Value error, ")
    # The first part says where in the request (body, query), the next which parameter.
    where = [str(part) for part in error.get("loc", ())]
    names = where[2:] if where[:2] == ["body", "payload"] else where[1:]
    field = ".".join(_printable(name) for name in names)
    if not field and (named := re.match(r"([a-z_]+): (.+)", message)):
        field, message = named.groups()
    if error.get("type") == "extra_forbidden":
        message = "this is not known here. Remove it"
    elif error.get("type") in ("model_type", "model_attributes_type", "dict_type"):
        message = "must be a JSON object"
    elif error.get("type") == "missing":
        message = "this is required"
    elif error.get("type") in ("too_long", "string_too_long"):
        most = error.get("ctx", {}).get("max_length")
        message = f"must have at most {most} characters"
    elif error.get("type") in ("too_short", "string_too_short"):
        message = "must not be empty"
    return FieldError(field or "body", message)


def _printable(name: str) -> str:
    """Make a field's name safe to send back: it may be the caller's own invention."""
    shown = "".join(c if c.isprintable() else "?" for c in name)
    return shown.encode("utf-8", "replace").decode()[:_LONGEST_FIELD_NAME]


def _problem_of_desk_error(error: DeskError) -> Problem:
    type_ = _BY_CODE.get(error.code, BAD_REQUEST)
    errors = [
        FieldError(str(item["field"]), str(item["message"]))
        for item in error.data.get("errors", ())
    ]
    if error.code in _FIELD_BY_CODE:
        errors.append(FieldError(_FIELD_BY_CODE[error.code], error.detail))
    wait = error.data.get("retry_seconds")
    headers = {"Retry-After": str(wait)} if wait else None
    return Problem(
        type_, error.detail, errors=errors, safety=safety_notice(error.safety), headers=headers
    )


def _answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    problem = problem_of(cast(Exception, error))
    if problem.problem_type in (INTERNAL, UNAVAILABLE) and not isinstance(error, Problem):
        # The formatter writes type and place of an exception, never its words or values.
        logger.error("a call failed", exc_info=cast(Exception, error))
    return ProblemResponse(problem)
