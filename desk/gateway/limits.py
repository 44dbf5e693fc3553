"""How many calls one conversation and one address may make.

Generous on purpose: a whole hospital may stand behind one address, and a family that is kept out
is worse than a load we can bear. The limits stop a script gone wild, not a person. Each process
counts for itself, so several processes allow several times as much.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from gateway.problems import RATE_LIMITED, Problem

# Sums of floats are off by less; a wait this short is none.
_GRAIN_SECONDS = 1e-6
_MINUTE = 60.0
# Counts of callers that went quiet are dropped when this many are kept.
_MOST_KEPT = 50_000


@dataclass(frozen=True)
class Limit:
    """What is counted together, and how often a minute it may happen; None is without limit."""

    name: str
    per_conversation: int | None
    per_address: int | None


OPENING = Limit("opening", None, 240)
MESSAGES = Limit("messages", 60, 3000)
WRITING = Limit("writing", 60, 3000)
TYPING = Limit("typing", 120, 6000)
# Catching up after a break pages quickly; several tabs read the same conversation.
READING = Limit("reading", 600, 12_000)
# Each ends in somebody's mailbox.
MAILING = Limit("mailing", 6, 60)
RESUMING = Limit("resuming", None, 60)


class Counter:
    """Lets each key through so many times a minute, a whole minute's worth of it at once.

    The generic cell rate algorithm: of each key only the moment is kept at which its calls would
    have been due, had they come evenly.

    Args:
        clock: seconds from a clock that never goes back.

    Source: ITU-T Recommendation I.371, annex A (virtual scheduling).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due_at: dict[str, float] = {}

    def seconds_to_wait(self, key: str, per_minute: int) -> float:
        """Count a call: return 0 when it may go on, else the seconds until it may."""
        now = self._clock()
        due_at = max(self._due_at.get(key, now), now) + _MINUTE / per_minute
        too_early = due_at - _MINUTE - now
        if too_early > _GRAIN_SECONDS:
            return too_early
        if len(self._due_at) >= _MOST_KEPT:
            self._drop_quiet(now)
        self._due_at[key] = due_at
        return 0.0

    def forget(self) -> None:
        """Start every count anew."""
        self._due_at.clear()

    def _drop_quiet(self, now: float) -> None:
        self._due_at = {key: due_at for key, due_at in self._due_at.items() if due_at > now}


counter = Counter()


class Throttle(BaseThrottle):
    """Counts each call before its body is looked at, so that malformed ones count too.

    The framework asks `allow_request` and, for a refusal, `wait` right after it.
    """

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._seconds = 0.0

    def allow_request(self, request: HttpRequest) -> bool:
        """Return whether the call may go on.

        Of an IPv6 address the network counts, since one household has millions of addresses.
        """
        self._seconds = seconds_to_wait(request, self._limit)
        return not self._seconds

    def wait(self) -> int:
        """Return the whole seconds until the refused call may go on."""
        return max(1, math.ceil(self._seconds))


def seconds_to_wait(request: HttpRequest, limit: Limit) -> float:
    """Count a call: return 0 when it may go on, else the seconds until it may."""
    if not settings.RATE_LIMIT:
        return 0.0
    match = request.resolver_match
    conversation_id = match.kwargs.get("conversation_id") if match else None
    if limit.per_conversation is not None and conversation_id:
        key = f"{limit.name} {_plain(conversation_id)}"
        if wait := counter.seconds_to_wait(key, limit.per_conversation):
            return wait
    if limit.per_address is None:
        return 0.0
    return counter.seconds_to_wait(f"{limit.name} {_address(request)}", limit.per_address)


def _plain(conversation_id: str) -> str:
    """Write an id in one way, since addresses may have it in several."""
    try:
        return UUID(conversation_id).hex
    except ValueError:
        return conversation_id


def too_many(seconds: int) -> Problem:
    """Return the refusal of a hasty call."""
    unit = "second" if seconds == 1 else "seconds"
    return Problem(
        RATE_LIMITED,
        f"Wait {seconds} {unit}, then send it again.",
        headers={"Retry-After": str(seconds)},
    )


def _address(request: HttpRequest) -> str:
    # Behind a proxy this is the caller's own address: the server takes it from the forwarded
    # header, and only of a proxy it trusts.
    text = str(request.META.get("REMOTE_ADDR") or "unknown")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
