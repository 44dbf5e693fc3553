"""The time zones that a visitor's browser may name."""

from functools import cache
from zoneinfo import available_timezones

LONGEST_NAME = 64


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """A zone's name, such as "America/Chicago"; "" where there is no zone of that name."""
    words = name.strip()
    return words if len(words) <= LONGEST_NAME and words in _known() else ""
