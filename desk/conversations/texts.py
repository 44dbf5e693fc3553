"""The desk's approved copies and the one way from a copy to the words of a message.

A text is named by its id: `entry:<id>@<version>`, `response:<id>@<version>`,
`notice:<id>@<version>` or `safety:<id>@<version>`. Bot and system messages store that name and
the values of its slots, so that anybody can render them again and compare. A slot value is either
words or, for a text inside a text, the name and slots of that other text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import safety
from availability import content
from knowledge import Entry, KnowledgeError, fill_slots

type SlotValue = str | dict[str, "str | SlotValues"]
type SlotValues = Mapping[str, SlotValue]
type Origin = Literal["entry", "response", "notice", "safety"]

LANGUAGE = "en"  # The only language answers are written in so far.
_DEPTH = 2  # A person line inside a safety text; nothing nests deeper.


class _Versioned(Protocol):
    @property
    def version(self) -> str: ...


class _Copy(_Versioned, Protocol):
    """A short text of any origin: a notice, a response or a safety text."""

    @property
    def texts(self) -> Mapping[str, str]: ...

    @property
    def slots(self) -> tuple[str, ...]: ...


class NotApproved(Exception):
    """A text id that is not among the desk's copies, or words that do not match their id."""


class SlotMissing(Exception):
    """An approved text needs a value that is not known at this moment."""


@dataclass(frozen=True)
class Rendered:
    """An approved text, filled: what a bot or system message stores."""

    text_id: str
    slots: SlotValues
    text: str


def compose(origin: Origin, name: str, live: SlotValues | None = None) -> Rendered:
    """Fill the current version of a text from the organisation file and `live` values.

    Args:
        origin: which of the desk's copies.
        name: the text's id inside it, such as "handoff_queued".
        live: values known only now, such as {"position": "2"}; they go before the organisation's.

    Raises:
        NotApproved: there is no such text.
        SlotMissing: the text names a slot without a value.
    """
    text_id = f"{origin}:{name}@{_version(origin, name)}"
    _, names = _source(text_id)
    known: dict[str, SlotValue] = {**content.organisation().slots(), **(live or {})}
    missing = [slot for slot in names if slot not in known]
    if missing:
        raise SlotMissing(f"{text_id} needs {', '.join(missing)}")
    slots = {slot: known[slot] for slot in names}
    return Rendered(text_id, slots, render(text_id, slots))


def render(text_id: str, slots: SlotValues) -> str:
    """The words of an approved text with its stored slot values.

    Raises:
        NotApproved: no copy of the desk has that id and version, or a slot has no value.
    """
    return _render(text_id, slots, _DEPTH)


def _render(text_id: str, slots: SlotValues, depth: int) -> str:
    text, names = _source(text_id)
    if depth == 0 or set(slots) != set(names):
        raise NotApproved(text_id)
    if not names:
        return text
    try:
        return fill_slots(text, {name: _words(slots[name], depth) for name in names})
    except KnowledgeError as error:
        raise NotApproved(text_id) from error


def _words(value: SlotValue, depth: int) -> str:
    if isinstance(value, str):
        return value
    inner = value.get("slots", {})
    if not isinstance(inner, Mapping):
        raise NotApproved("a nested text without slots")
    return _render(str(value.get("text_id", "")), inner, depth - 1)


def entry(entry_id: str, version: str) -> Entry:
    """The desk's copy of an entry.

    Raises:
        NotApproved: there is no such entry, or the desk has another version of it.
    """
    found = content.knowledge().entries.get(entry_id)
    if found is None or found.version != version:
        raise NotApproved(f"entry:{entry_id}@{version}")
    return found


def entry_title(entry_id: str) -> str:
    """The title of the desk's copy of an entry, for a choice.

    Raises:
        NotApproved: there is no such entry.
    """
    found = content.knowledge().entries.get(entry_id)
    if found is None:
        raise NotApproved(f"entry:{entry_id}")
    return found.title


def has_entry(entry_id: str) -> bool:
    """Whether the desk has a copy of an entry."""
    return entry_id in content.knowledge().entries


def answer_details(found: Entry) -> dict[str, object]:
    """What stands beside an answer: title, review and sources, as the public API has them."""
    sources = content.knowledge().sources
    return {
        "entry_id": found.id,
        "version": found.version,
        "title": found.title,
        "kind": found.kind,
        "review_status": found.review.status,
        "reviewed_on": found.review.reviewed_on.isoformat() if found.review.reviewed_on else None,
        "sources": [
            {
                "id": sources[source_id].id,
                "title": sources[source_id].title,
                "publisher": sources[source_id].publisher,
                "url": sources[source_id].url,
                "published_on": sources[source_id].published_on,
            }
            for source_id in found.sources
        ],
    }


def all_text_ids() -> frozenset[str]:
    """The id of every text the desk may say, at its present version."""
    entries = content.knowledge().entries.items()
    ids = {f"entry:{entry_id}@{found.version}" for entry_id, found in entries}
    for origin in ("notice", "response", "safety"):
        ids |= {f"{origin}:{name}@{text.version}" for name, text in _copies(origin).items()}
    return frozenset(ids)


def _copies(origin: str) -> Mapping[str, _Copy]:
    """The short texts of one origin by id; empty for an origin that there is not."""
    if origin == "notice":
        return content.knowledge().notices
    if origin == "response":
        return content.responses()
    return safety.all_texts() if origin == "safety" else {}


def _version(origin: Origin, name: str) -> str:
    """The present version of a text; "" where there is no such text."""
    found: _Versioned | None = (
        content.knowledge().entries.get(name) if origin == "entry" else _copies(origin).get(name)
    )
    return found.version if found else ""


def _source(text_id: str) -> tuple[str, tuple[str, ...]]:
    """The unfilled words behind a text id and the names of their slots."""
    origin, _, rest = text_id.partition(":")
    name, _, version = rest.rpartition("@")
    if origin == "entry":
        return entry(name, version).answer, ()
    found = _copies(origin).get(name)
    if found is None or found.version != version:
        raise NotApproved(text_id)
    return found.texts[LANGUAGE], found.slots
