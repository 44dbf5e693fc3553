"""Reads the desk's service state."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

DEFAULT_URL = "http://127.0.0.1:8000"
SECONDS = 1.0
"""Longest to wait. The desk answers in milliseconds; the bot waits 1.5 seconds for us."""

_MOST_BYTES = 64 * 1024
_NOT_TO_BE_HAD = (OSError, HTTPException, asyncio.TimeoutError)
_NOT_UNDERSTOOD = (ValueError, LookupError, TypeError, AttributeError)


class DeskUnavailable(Exception):
    """The desk did not answer in time, or with something else than its service state."""


@dataclass(frozen=True)
class ServiceState:
    """Whether people can be reached now.

    `opens_at` is the next opening, None when there is none that families may be told.
    `wait_minutes` is the shortest and longest wait to expect, None when nobody can say.
    """

    is_open: bool
    is_staffed: bool
    opens_at: str | None
    wait_minutes: tuple[int, int] | None


async def read_service_state(url: str | None = None, seconds: float = SECONDS) -> ServiceState:
    """Return the desk's present service state.

    Args:
        url: of the desk; by default the environment's `DESK_URL`.
        seconds: longest to wait in all.

    Raises:
        DeskUnavailable: no answer in time, or none that can be understood.
    """
    address = f"{url or os.environ.get('DESK_URL') or DEFAULT_URL}/api/v1/service"
    fetching = asyncio.to_thread(_fetch, address, seconds)
    try:
        body = await asyncio.wait_for(fetching, seconds)
        return _state_from(json.loads(body)["service"])
    except (*_NOT_TO_BE_HAD, *_NOT_UNDERSTOOD) as error:
        raise DeskUnavailable(type(error).__name__) from error


def _fetch(address: str, seconds: float) -> bytes:
    # The desk is on this machine or a private network, so no proxy may come between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=seconds) as answer:
        body: bytes = answer.read(_MOST_BYTES)
    return body


def _state_from(service: dict[str, Any]) -> ServiceState:
    wait = service.get("wait_minutes")
    return ServiceState(
        is_open=bool(service["is_open"]),
        is_staffed=bool(service["is_staffed"]),
        opens_at=service.get("opens_at") if service.get("hours_verified") else None,
        wait_minutes=(int(wait[0]), int(wait[1])) if wait else None,
    )
