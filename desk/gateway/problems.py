"""Every way in which a call can be refused, and the one shape all refusals have (RFC 9457).

The list is closed: clients may rely on `type`. docs/problems.md explains each, held by test.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpResponse

from conversations.wording import sentence

CONTENT_TYPE = "application/problem+json"
PATH = "/problems/"


@dataclass(frozen=True)
class ProblemType:
    """One entry of the closed list: its name in `type`, status, fixed title and what it means."""

    slug: str
    status: int
    title: str
    meaning: str

    @property
    def uri(self) -> str:
        """What stands in `type`; the desk explains it at that path."""
        return PATH + self.slug


BAD_REQUEST = ProblemType(
    "bad-request",
    400,
    "The request cannot be understood",
    "The request itself is wrong: its address, its host name or its headers.",
)
MALFORMED_BODY = ProblemType(
    "malformed-body",
    400,
    "The body is not JSON in UTF-8",
    "Send one JSON object, encoded as UTF-8, and all of it.",
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    "There is nothing here",
    "No such address, no such conversation for this token, or no such message in it. A wrong "
    "token and an unknown conversation cannot be told apart.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "This method is not possible here",
    "The header Allow names the methods that are.",
)
CONVERSATION_CLOSED = ProblemType(
    "conversation-closed",
    409,
    "The conversation is closed",
    "It takes no messages any more. Reading, feedback, survey, callback, transcript and erasing "
    "still work; open a new conversation to go on.",
)
CLIENT_ID_REUSED = ProblemType(
    "client-id-reused",
    409,
    "The client id was used before, with another content",
    "A client id names one message for good. Send the same content again, or a new client id.",
)
NOT_POSSIBLE_NOW = ProblemType(
    "not-possible-now",
    409,
    "That is not possible in this state",
    "Read the conversation: its state has changed since.",
)
RESUME_LINK_SPENT = ProblemType(
    "resume-link-spent",
    410,
    "The link was used or has expired",
    "A resume link works once and for a limited time. Ask for a new one on the first device.",
)
BODY_TOO_LARGE = ProblemType(
    "body-too-large", 413, "The body is too large", "Send a shorter one; `detail` has the limit."
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported-media-type",
    415,
    "The body has to be JSON",
    "Send the header Content-Type: application/json.",
)
INVALID_REQUEST = ProblemType(
    "invalid-request",
    422,
    "Some fields need another value",
    "`errors` names each field and what to change. Unknown fields are refused.",
)
TEXT_TOO_LONG = ProblemType(
    "text-too-long",
    422,
    "The text is too long",
    "A message has at most 4,000 characters after trimming. Send it in parts.",
)
UNKNOWN_CHOICE = ProblemType(
    "unknown-choice",
    422,
    "This choice is not on offer",
    "A choice id comes from a message of the same conversation, or is one of the desk's own.",
)
RATE_LIMITED = ProblemType(
    "rate-limited",
    429,
    "Too many calls in a short time",
    "Wait as many seconds as the header Retry-After says, then send it again.",
)
INTERNAL = ProblemType(
    "internal",
    500,
    "Something went wrong on our side",
    "It has been noted. Try again; if it stays, quote the header X-Request-ID.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "The service cannot do this at the moment",
    "A part of the house is away, such as the database. Try again after Retry-After seconds.",
)
STILL_IN_WORK = ProblemType(
    "still-in-work",
    503,
    "The message is stored, its reply not yet there",
    "Send the same again after Retry-After seconds: nothing is stored or asked twice. The reply "
    "comes through the stream as well.",
)
MAIL_OFF = ProblemType(
    "mail-off",
    503,
    "This desk sends no mail",
    "No mail server is set; `mail` of the service says so beforehand. The transcript can be saved.",
)

PROBLEM_TYPES: tuple[ProblemType, ...] = (
    BAD_REQUEST,
    MALFORMED_BODY,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONVERSATION_CLOSED,
    CLIENT_ID_REUSED,
    NOT_POSSIBLE_NOW,
    RESUME_LINK_SPENT,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID_REQUEST,
    TEXT_TOO_LONG,
    UNKNOWN_CHOICE,
    RATE_LIMITED,
    INTERNAL,
    UNAVAILABLE,
    STILL_IN_WORK,
    MAIL_OFF,
)

# For refusals that come from outside our own views: Django, a middleware, the URL table.
_GENERAL_BY_STATUS = {
    400: BAD_REQUEST,
    404: NOT_FOUND,
    405: METHOD_NOT_ALLOWED,
    413: BODY_TOO_LARGE,
    415: UNSUPPORTED_MEDIA_TYPE,
    422: INVALID_REQUEST,
    429: RATE_LIMITED,
    503: UNAVAILABLE,
}


@dataclass(frozen=True)
class FieldError:
    """One field of the request and what to change about it."""

    field: str
    message: str


@dataclass(frozen=True)
class SafetyNotice:
    """The safety reply to a refused text: its kind and its words."""

    kind: Literal["emergency", "crisis"]
    text: str


class Problem(Exception):
    """A refusal on its way to the caller.

    Attributes:
        problem_type: its entry in the closed list.
        detail: what happened this time and what to do; never a visitor's own words.
        errors: the fields to change, for invalid input.
        safety: the safety reply, when the refused text describes an emergency or a crisis.
        headers: headers of the answer, such as Retry-After.
    """

    def __init__(
        self,
        problem_type: ProblemType,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        safety: SafetyNotice | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{problem_type.slug}: {detail}")
        self.problem_type = problem_type
        self.detail = detail
        self.errors = tuple(errors)
        self.safety = safety
        self.headers = dict(headers or {})

    def with_safety(self, safety: SafetyNotice | None) -> "Problem":
        """Return the same refusal, carrying a safety reply if there is one."""
        if safety is None:
            return self
        return Problem(
            self.problem_type, self.detail, errors=self.errors, safety=safety, headers=self.headers
        )

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        body: dict[str, Any] = {
            "type": self.problem_type.uri,
            "title": self.problem_type.title,
            "status": self.problem_type.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [
                {"field": error.field, "message": sentence(error.message)} for error in self.errors
            ]
        if self.safety:
            body["safety"] = self.safety.kind
            body["safety_text"] = self.safety.text
        return body


def invalid_field(field: str, message: str) -> Problem:
    """Return the refusal of one field."""
    return Problem(
        INVALID_REQUEST,
        "Change the fields named in errors and send the request again.",
        errors=[FieldError(field, message)],
    )


def general_problem(status: int) -> Problem:
    """Return the refusal for a status that something other than our own views answered with."""
    details = {
        404: "Check the address and the token.",
        405: "The header Allow names the methods that are possible.",
        500: "It has been noted. Try again; if it stays, quote the X-Request-ID header.",
    }
    found = _GENERAL_BY_STATUS.get(status, INTERNAL if status >= 500 else BAD_REQUEST)
    return Problem(found, details.get(found.status, "Change the request and send it again."))


class ProblemResponse(HttpResponse):
    """The answer for a refusal; remembers which, for whoever adds to it on the way out."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            json.dumps(problem.body(), ensure_ascii=False),
            status=problem.problem_type.status,
            content_type=CONTENT_TYPE,
            headers=problem.headers,
        )
        self.problem = problem
