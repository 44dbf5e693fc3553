"""Families as the public API knows them: quicker than a browser where a console is looked at."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any


class Visitor:
    """A family that speaks to the API."""

    def __init__(self, url: str, **more: str) -> None:
        """Open a conversation; `more` is what else the page says, such as its own address."""
        self._base = f"{url}/api/v1/conversations"
        self._token = ""
        opened = self._call("POST", "", {"consent": True, "language": "en", **more})
        self.id = opened["id"]
        self._token = opened["token"]

    @property
    def short(self) -> str:
        """What the console calls the family."""
        return f"Family {self.id[:8]}"

    def ask_for_a_person(self, **more: str) -> Visitor:
        """Wait in the queue."""
        body = {"client_id": str(uuid.uuid4()), **more}
        answer = self._call("POST", f"/{self.id}/handoff", body)
        assert answer["state"] == "queued", answer
        return self

    def write(self, text: str) -> None:
        """Say something."""
        body = {"client_id": str(uuid.uuid4()), "text": text}
        self._call("POST", f"/{self.id}/messages", body)

    def ask_for_a_callback(self, name: str) -> None:
        """Leave a number."""
        body = {"client_id": str(uuid.uuid4()), "name": name, "phone": "212 555 0147"}
        self._call("POST", f"/{self.id}/callback", body)

    def state(self) -> str:
        """Who has the conversation, in the API's word."""
        return self._call("GET", f"/{self.id}")["state"]

    def heard(self) -> list[str]:
        """Every text of the conversation so far."""
        page = self._call("GET", f"/{self.id}/messages?limit=200")
        return [message["text"] for message in page["messages"]]

    def leave(self) -> None:
        """End it."""
        self._call("POST", f"/{self.id}/close", {})

    def delete(self) -> None:
        """Have it deleted for good."""
        self._call("DELETE", f"/{self.id}")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(self._base + path, method=method)
        request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None
