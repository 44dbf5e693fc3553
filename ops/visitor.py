"""One family at the public API of a running house, for measuring it from outside."""

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ops.plain import Stop

ANSWER_SECONDS = 60
# Uvicorn closes a connection that was idle for five seconds; a browser does not use it then.
_FRESH_SECONDS = 3.0


@dataclass(frozen=True)
class Exchange:
    """A message that was sent and what came back, as the API gives it."""

    message_id: str
    replies: list[dict[str, Any]]
    seconds: float


class Visitor:
    """One conversation, held as a browser holds it."""

    def __init__(self, url: str) -> None:
        """Open a conversation.

        Args:
            url: address of the desk, without a slash at its end.

        Raises:
            Stop: the desk refused, or nobody listens there.
        """
        self._house = url
        place = urlsplit(url)
        secure = place.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        # Kept open, as a browser does; no proxy that the environment names comes in between.
        self._connection = kind(place.netloc, timeout=ANSWER_SECONDS)
        self._used_at = 0.0
        self._path = f"{place.path}/api/v1/conversations"
        self._headers: dict[str, str] = {}
        opened = self._call("POST", "", {"consent": True, "language": "en"})
        self._path += f"/{opened['id']}"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}

    def say(self, text: str) -> Exchange:
        """Send a typed message and wait for the replies.

        Raises:
            Stop: the desk refused it.
        """
        return self._send({"text": text})

    def tap(self, choice_id: str) -> Exchange:
        """Tap a choice that an earlier reply offered and wait for the replies.

        Raises:
            Stop: the desk refused it.
        """
        return self._send({"choice": choice_id})

    def erase(self) -> None:
        """Have the conversation erased for good."""
        self._call("DELETE", "", None)

    def hang_up(self) -> None:
        """Give the connection back; the next call opens another."""
        self._connection.close()

    def _send(self, content: Mapping[str, str]) -> Exchange:
        started = time.perf_counter()
        sent = self._call("POST", "/messages", {"client_id": str(uuid.uuid4()), **content})
        seconds = time.perf_counter() - started
        return Exchange(sent["message"]["id"], sent["replies"], seconds)

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> dict[str, Any]:
        if time.monotonic() - self._used_at > _FRESH_SECONDS:
            self._connection.close()  # It opens again by itself.
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", **self._headers}
        try:
            self._connection.request(method, self._path + path, content, headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Stop(f"No house answers at {self._house}: {error}.") from error
        self._used_at = time.monotonic()
        if response.status >= 400:
            hint = " Start that house with RATE_LIMIT=off." if response.status == 429 else ""
            raise Stop(f"The house refused a call with status {response.status}.{hint}")
        answer: dict[str, Any] = json.loads(text or b"{}")
        return answer
