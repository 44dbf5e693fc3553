"""Stops asking a bot that does not answer, and finds out when it does again."""

import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens after several failures in a row; then lets one try through every so often.

    Without it every visitor would wait for the full time limit while the bot is down, and a bot
    that starts again would be met by all the tries at once.

    Args:
        failures_to_open: failures in a row after which no more tries are let through.
        open_seconds: how long until the next single try.
        clock: seconds from a clock that never goes back.
    """

    def __init__(
        self,
        failures_to_open: int,
        open_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures_to_open = failures_to_open
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._next_try_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the bot counts as down at present."""
        return self._failures >= self._failures_to_open

    def allows_try(self) -> bool:
        """Return whether the bot may be asked now; when open, one caller at a time may."""
        if not self.is_open:
            return True
        now = self._clock()
        if now < self._next_try_at:
            return False
        # Whoever asks first makes the try; the others are refused until its outcome is known.
        self._next_try_at = now + self._open_seconds
        return True

    def record_success(self) -> None:
        """Close: the bot answered."""
        self._failures = 0

    def record_failure(self) -> None:
        """Count a failure, and open when it was one too many."""
        self._failures += 1
        if self.is_open:
            self._next_try_at = self._clock() + self._open_seconds
