"""The description comes from the code, and the committed copy is the one served."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from gateway.api import api, health
from tests.gateway.api_client import DESCRIPTION, Api, description

COMMAND = "manage.py describe_api > ../contracts/openapi.json"


def test_the_committed_description_is_that_of_the_code() -> None:
    """Whoever changes the API sees the change in the same commit."""
    of_code = json.loads(json.dumps(api.get_openapi_schema()))
    assert of_code == description(), f"contracts/openapi.json is old: run {COMMAND}"


def test_the_committed_description_is_written_by_the_command() -> None:
    """Sorted and indented, so that a change shows as what it is."""
    text = json.dumps(description(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    assert DESCRIPTION.read_text() == text, f"run {COMMAND}"


async def test_it_is_served() -> None:
    """At the address the contract names, without a token."""
    answer = await Api().get("/api/v1/openapi.json")
    assert (answer.status, answer.body) == (200, description())


def test_it_has_every_call_of_the_code() -> None:
    """No route is left out."""
    described = {
        (method.upper(), path)
        for path, methods in description()["paths"].items()
        for method in methods
    }
    in_code = set()
    for part, prefix in ((api, "/api/v1"), (health, "")):
        for router in part._get_bound_routers():
            for path, view in router.path_operations.items():
                for operation in view.operations:
                    if operation.include_in_schema:
                        in_code |= {(method, prefix + path) for method in operation.methods}
    assert described == in_code
    assert len(described) >= 16


def test_every_schema_in_it_is_one() -> None:
    """JSON Schema 2020-12, as OpenAPI 3.1 has it."""
    assert description()["openapi"].startswith("3.1")
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("status", ["400", "404", "405", "422", "429", "500", "503"])
def test_every_call_to_a_conversation_says_how_it_is_refused(status: str) -> None:
    """As a problem, at least with these."""
    for path, methods in description()["paths"].items():
        if "{conversation_id}" not in path:
            continue
        for operation in methods.values():
            content = operation["responses"][status]["content"]
            assert "application/problem+json" in content, (path, status)
            assert operation["security"] == [{"VisitorToken": []}]


def test_unknown_request_fields_are_refused_by_description() -> None:
    """A front end's own checks know it too."""
    for name, schema in description()["components"]["schemas"].items():
        if name.endswith("Body"):
            assert schema["additionalProperties"] is False, name
