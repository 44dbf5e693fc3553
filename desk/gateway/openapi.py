"""The API object: how calls are read, refused and described."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from gateway.bodies import JsonBody
from gateway.errors import install_handlers
from gateway.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    CONTENT_TYPE,
    INTERNAL,
    INVALID_REQUEST,
    MALFORMED_BODY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    PROBLEM_TYPES,
    RATE_LIMITED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemType,
)
from gateway.schemas import ProblemOut

DESCRIPTION = """\
The desk's public API: what the widget speaks, and any other front end may.

A conversation is opened once; its token goes into the header `Authorization: Bearer <token>` of
every later call and never into an address. Messages are numbered 1, 2, 3 ... by `seq`; `after`
and `Last-Event-ID` resume with nothing missed. Every refusal is `application/problem+json` with
a `type` from a closed list; a refused text that describes an emergency or a crisis carries the
safety reply in `safety` and `safety_text`.
"""

_ALWAYS_POSSIBLE = (BAD_REQUEST, METHOD_NOT_ALLOWED, RATE_LIMITED, INTERNAL, UNAVAILABLE)
_OF_A_BODY = (MALFORMED_BODY, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_REQUEST)


class DescribedSchema(OpenAPISchema):
    """The description with every refusal in it, which the framework leaves out."""

    def __init__(self, api: NinjaAPI, path_prefix: str, other: NinjaAPI | None) -> None:
        super().__init__(api, path_prefix)
        if other is not None:
            beside = OpenAPISchema(other, "")
            self["paths"].update(beside["paths"])
            self.schemas.update(beside.schemas)
        schema = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        self.schemas.update(schema.pop("$defs", {}))
        schema["properties"]["type"]["enum"] = [problem.uri for problem in PROBLEM_TYPES]
        self.schemas["ProblemOut"] = schema
        for methods in self["paths"].values():
            for operation in methods.values():
                _describe_refusals(operation)


class PublicApi(NinjaAPI):
    """The framework's API with our bodies, our errors and our description."""

    def __init__(self, *, also_described: NinjaAPI | None = None, **options: Any) -> None:
        """Take the framework's options; `also_described` stands in the same description."""
        super().__init__(parser=JsonBody(), docs_url=None, **options)
        self._also_described = also_described
        install_handlers(self)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description of the API."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return DescribedSchema(self, prefix, self._also_described)

    def get_openapi_operation_id(self, operation: Any) -> str:
        """Return the function's own name: module names may change, the contract may not."""
        return str(operation.view_func.__name__)


def refusals(*problems: ProblemType) -> dict[str, Any]:
    """Return the part of a call's description that says how it may be refused besides the usual.

    Args:
        problems: what this call alone may answer.
    """
    return {"x-problems": [problem.slug for problem in problems]}


def produces(media_type: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a call's description for an answer that is not JSON."""
    return {
        "responses": {
            200: {"description": description, "content": {media_type: {"schema": schema}}}
        }
    }


def _describe_refusals(operation: dict[str, Any]) -> None:
    by_slug = {problem.slug: problem for problem in PROBLEM_TYPES}
    possible = [by_slug[slug] for slug in operation.pop("x-problems", [])]
    possible += _ALWAYS_POSSIBLE
    if "requestBody" in operation:
        possible += _OF_A_BODY
    if "security" in operation:
        possible.append(NOT_FOUND)
    if operation["parameters"]:
        possible.append(INVALID_REQUEST)
    for status in sorted({problem.status for problem in possible}):
        titles = {problem.title for problem in possible if problem.status == status}
        operation["responses"].setdefault(
            status,
            {
                "description": "; ".join(sorted(titles)),
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
            },
        )
