"""Values that many ask for at the same moment, made once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Kept[T]:
    """A value that is made anew when its state changes or it is old; one thread makes it.

    Args:
        seconds: how long a value is good for while its state stays the same.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._found: tuple[object, float, T] | None = None

    def get(self, state: object, make: Callable[[], T]) -> T:
        """The value for this state, made at this moment or a little earlier."""
        with self._lock:
            now = time.monotonic()
            if self._found is not None:
                made_for, made_at, value = self._found
                if made_for == state and 0 <= now - made_at < self._seconds:
                    return value
            value = make()
            self._found = state, now, value
            return value
