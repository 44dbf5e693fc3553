"""Sends a bounded number of messages to a server on this machine and takes the time of each."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ops.bench.scores import percentile
from ops.plain import Stop
from ops.settings import LOOPBACK

REPLY_SECONDS = 60
MESSAGES_OF_A_CONVERSATION = 10  # As long as a family's; Rasa's own cost grows with it.

Say = Callable[[str], float]
"""Sends a text as one visitor and returns the seconds until the reply was there."""


@dataclass(frozen=True)
class Load:
    """Times of messages in milliseconds, and how many were answered in a second."""

    milliseconds: Sequence[float]
    per_second: float

    @property
    def p50(self) -> float:
        """Milliseconds within which half of the messages were answered."""
        return percentile(self.milliseconds, 0.5)

    @property
    def p95(self) -> float:
        """Milliseconds within which 95 % of the messages were answered."""
        return percentile(self.milliseconds, 0.95)


class JsonClient:
    """Keeps one connection to a server on loopback open, as a desk does."""

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            Stop: the address is not on this machine; nothing else may be put under load.
        """
        place = urlsplit(url)
        if place.hostname != LOOPBACK or place.port is None:
            raise Stop(f"{url} is not on this machine, and the bench loads nothing else.")
        self._path = place.path
        self._connection = http.client.HTTPConnection(LOOPBACK, place.port, timeout=REPLY_SECONDS)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Return the answer to a posted JSON body.

        Raises:
            Stop: the server refused it.
        """
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", self._path + path, json.dumps(body), headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise Stop(f"A server under load answered {response.status}.")
        return json.loads(content)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def put_under_load(
    new_visitor: Callable[[], Say],
    texts: Sequence[str],
    messages: int,
    at_once: int,
    conversation: int = MESSAGES_OF_A_CONVERSATION,
) -> Load:
    """Send messages from some visitors at once and return the times.

    Args:
        new_visitor: opens a conversation.
        texts: what is asked, over and over.
        messages: how many in all.
        at_once: visitors at the same time.
        conversation: messages of one visitor before the next one comes.
    """
    endless, lock = itertools.cycle(texts), threading.Lock()

    def visit(count: int) -> list[float]:
        seconds = []
        say = new_visitor()
        for number in range(count):
            if number and number % conversation == 0:
                say = new_visitor()
            with lock:
                text = next(endless)
            seconds.append(say(text))
        return seconds

    shares = [messages // at_once + (number < messages % at_once) for number in range(at_once)]
    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        seconds = [one for several in pool.map(visit, shares) for one in several]
    elapsed = time.perf_counter() - started
    return Load([1000 * one for one in seconds], messages / elapsed)
