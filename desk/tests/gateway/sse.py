"""Reads event streams as a browser does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event, or a comment (name "comment").

    Attributes:
        name: its `event:`.
        data: its JSON value.
        id: its `id:`, None without one.
    """

    name: str
    data: Any = None
    id: str | None = None


async def events(chunks: AsyncIterable[bytes | str]) -> AsyncIterator[Event]:
    """Yield the events of a stream, after the rules of the HTML standard, section 9.2.6."""
    rest = ""
    async for chunk in chunks:
        rest += chunk.decode() if isinstance(chunk, bytes) else chunk
        while "\n\n" in rest:
            block, _, rest = rest.partition("\n\n")
            event = _parse(block)
            if event is not None:
                yield event


def _parse(block: str) -> Event | None:
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        if not name:
            return Event("comment")
        assert name not in fields, f"two lines of {name} in {block!r}"
        fields[name] = value.removeprefix(" ")
    if "data" not in fields:
        return None  # A `retry:` line stands alone.
    return Event(fields["event"], json.loads(fields["data"]), fields.get("id"))
