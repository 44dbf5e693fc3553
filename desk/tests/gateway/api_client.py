"""A visitor's front end for tests. Every answer it gets is held against the API's description."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from asgiref.sync import ThreadSensitiveContext
from django.http import HttpResponse
from django.test import AsyncClient

DESCRIPTION = Path(__file__).resolve().parents[3] / "contracts" / "openapi.json"
PROBLEM = "application/problem+json"


@cache
def description() -> dict[str, Any]:
    """Return the committed description of the API."""
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return loaded


@dataclass
class Answer:
    """What came back.

    Attributes:
        status: the HTTP status.
        body: the JSON value, the text of another media type, or None when there is nothing.
        response: the whole of it.
    """

    status: int
    body: Any
    response: HttpResponse

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    @property
    def raw(self) -> bytes:
        """The body, byte for byte."""
        return self.response.content

    @property
    def problem(self) -> str:
        """The name of the problem in a refusal."""
        assert self.status >= 400, (self.status, self.body)
        return str(self.body["type"]).removeprefix("/problems/")

    @property
    def fields(self) -> list[str]:
        """The fields a refusal names."""
        return [error["field"] for error in self.body.get("errors", [])]


@dataclass
class Api:
    """Calls the API, as one visitor or as nobody yet."""

    client: AsyncClient = field(default_factory=AsyncClient)
    id: str = ""
    token: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Make one call; `…` in the path stands for this visitor's conversation."""
        path = path.replace("…", f"/api/v1/conversations/{self.id}")
        sent = dict(headers or {})
        if self.token and "authorization" not in {name.lower() for name in sent}:
            sent["Authorization"] = f"Bearer {self.token}"
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else b"")
        # As the server does: each call has a thread of its own, so that calls can overlap.
        async with ThreadSensitiveContext():
            response = await self.client.generic(
                method, path, data, content_type=content_type if data else "", headers=sent
            )
        answer = Answer(response.status_code, _read(response), response)
        check_against_description(method, path, answer)
        return answer

    async def get(self, path: str, **options: Any) -> Answer:
        """Read."""
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """Write."""
        return await self.call("POST", path, body, **options)

    async def say(
        self, text: str | None = None, *, choice: str | None = None, client_id: str = ""
    ) -> Answer:
        """Send a message or take a choice."""
        body: dict[str, Any] = {"client_id": client_id or str(uuid.uuid4())}
        if text is not None:
            body["text"] = text
        if choice is not None:
            body["choice"] = choice
        return await self.post("…/messages", body)

    async def told(self) -> list[dict[str, Any]]:
        """Read the whole conversation."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            after = found[-1]["seq"] if found else 0
            page = await self.get(f"…/messages?after={after}&limit=200")
            assert page.status == 200, page.body
            found += page["messages"]
            more = page["more"]
        return found


async def open_api(**body: Any) -> Api:
    """Open a conversation and return its visitor's front end."""
    api = Api()
    answer = await api.post("/api/v1/conversations", {"consent": True, **body})
    assert answer.status == 201, answer.body
    api.id, api.token, api.messages = answer["id"], answer["token"], answer["messages"]
    return api


async def going_on_elsewhere(api: Api) -> Api:
    """Use a resume link of a visitor's and return the front end that has their chat now."""
    link = (await api.post("…/resume-link"))["token"]
    resumed = await Api().post("/api/v1/resume", {"token": link})
    return Api(id=resumed["id"], token=resumed["token"])


def _read(response: HttpResponse) -> Any:
    if getattr(response, "streaming", False) or not response.content:
        return None
    if "Content-Encoding" in response:
        return response.content
    if "json" in response.get("Content-Type", ""):
        return json.loads(response.content)
    return response.content.decode()


def check_against_description(method: str, path: str, answer: Answer) -> None:
    """Fail unless the description has this answer to this call."""
    is_unready = path == "/readyz" and answer.status == 503
    is_public = path.startswith(("/api", "/healthz", "/readyz"))
    if answer.status >= 400 and is_public and not is_unready:
        check_problem(answer)
    operation = _operation(method, path.partition("?")[0])
    if operation is None:
        return
    described = operation["responses"].get(str(answer.status))
    assert described, f"{method} {path} answered {answer.status}, which is not described"
    media_type = answer.response.get("Content-Type", "").partition(";")[0]
    content = described.get("content")
    if content is None:
        assert answer.body is None, (method, path, answer.body)
        return
    assert media_type in content, f"{method} {path} answered with {media_type}"
    if "json" in media_type:
        check_schema(answer.body, content[media_type]["schema"])


def check_problem(answer: Answer) -> None:
    """Fail unless this is a problem of the closed list in the one shape."""
    assert answer.response["Content-Type"] == PROBLEM, (answer.status, answer.response.headers)
    check_schema(answer.body, {"$ref": "#/components/schemas/ProblemOut"})
    assert answer["status"] == answer.status
    if answer.status == 429:
        assert int(answer.response["Retry-After"]) >= 1


def check_schema(value: Any, schema: dict[str, Any]) -> None:
    """Fail unless a value has the form of a part of the description."""
    whole = {**schema, "components": description()["components"]}
    jsonschema.validate(value, whole, cls=jsonschema.Draft202012Validator)


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, methods in description()["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path):
            found: dict[str, Any] | None = methods.get(method.lower())
            return found
    return None
