"""One family at the public API of a running house, for measuring it from outside."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.plain import Stop

ANSWER_SECONDS = 60


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
        self._url = f"{url}/api/v1/conversations"
        self._headers: dict[str, str] = {}
        opened = self._call("POST", "", {"consent": True, "language": "en"})
        self._url += f"/{opened['id']}"
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

    def _send(self, content: Mapping[str, str]) -> Exchange:
        started = time.perf_counter()
        sent = self._call("POST", "/messages", {"client_id": str(uuid.uuid4()), **content})
        seconds = time.perf_counter() - started
        return Exchange(sent["message"]["id"], sent["replies"], seconds)

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own house
            self._url + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", **self._headers},
            method=method,
        )
        # A proxy that the environment names has no business in between.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=ANSWER_SECONDS) as response:
                answer: dict[str, Any] = json.loads(response.read() or b"{}")
        except urllib.error.HTTPError as error:
            hint = " Start that house with RATE_LIMIT=off." if error.code == 429 else ""
            raise Stop(f"The house refused a call with status {error.code}.{hint}") from error
        except urllib.error.URLError as error:
            raise Stop(f"No house answers at {self._url}: {error.reason}.") from error
        return answer
