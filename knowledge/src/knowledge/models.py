"""What the reader hands out: frozen records without behaviour that could change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

Span = tuple[time, time]
"""Opening and closing time of one stretch of a day, local to the organisation."""


@dataclass(frozen=True)
class Review:
    """Whether a clinician has signed an answer, and until when that holds."""

    status: Literal["pending", "reviewed"]
    reviewer: str | None
    reviewed_on: date | None
    due_on: date


@dataclass(frozen=True)
class Source:
    """Where an answer comes from, as a family sees it.

    `published_on` is an ISO date, possibly only year and month or year; None when undated.
    """

    id: str
    title: str
    publisher: str
    url: str | None
    published_on: str | None


@dataclass(frozen=True)
class Fact:
    """A line of the fact list: data only, so that a fact nobody checked can be refused."""

    id: str
    sources: tuple[str, ...]
    as_of: str
    confidence: Literal["read", "recalled"]
    is_sensitive: bool


@dataclass(frozen=True)
class FollowUp:
    """What people type once they have read an answer; the entries that answer it, best first."""

    text: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One unit of knowledge: the questions it answers and the approved answer.

    `version` is "<number>-<8 hex>": the editor's number and a digest of title, answer and
    sources, so that an edit without a new number still shows as another version.
    `as_of` is an ISO date, possibly only year and month or year, or "undated".
    """

    id: str
    version: str
    kind: Literal["medical", "service"]
    topic: str
    title: str
    questions: tuple[str, ...]
    answer: str
    sources: tuple[str, ...]
    facts: tuple[str, ...]
    as_of: str
    is_sensitive: bool
    related: tuple[str, ...]
    review: Review
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(frozen=True)
class ApprovedText:
    """A short text that is no answer: a notice, or a response of the dialogue domain."""

    id: str
    version: str
    texts: Mapping[str, str]
    slots: tuple[str, ...]


@dataclass(frozen=True)
class ContactValue:
    """A number, address or the like, and whether a source confirms it."""

    value: str | None
    verified: bool
    note: str | None = None


@dataclass(frozen=True)
class Organisation:
    """Facts about the charity behind the service.

    `hours` maps a weekday (0 is Monday) to its spans; a missing day is closed.
    `holidays` maps a date to the spans of that day; an empty tuple is closed.
    """

    name: str
    former_name: str | None
    is_demonstration: bool
    phone: ContactValue
    email: ContactValue
    website: ContactValue
    time_zone: str
    emergency_number: ContactValue
    crisis_line: ContactValue
    maternal_line: ContactValue
    poison_line: ContactValue
    hours: Mapping[int, tuple[Span, ...]]
    hours_verified: bool
    holidays: Mapping[date, tuple[Span, ...]]

    def slots(self) -> dict[str, str]:
        """Return slot values that may be stated to a family: verified ones only."""
        contacts = {
            "phone": self.phone,
            "emergency_number": self.emergency_number,
            "crisis_line": self.crisis_line,
            "maternal_line": self.maternal_line,
            "poison_line": self.poison_line,
        }
        filled = {"organisation_name": self.name}
        if self.former_name:
            filled["former_name"] = self.former_name
        for name, contact in contacts.items():
            if contact.verified and contact.value:
                filled[name] = contact.value
        return filled


@dataclass(frozen=True)
class Knowledge:
    """Everything approved for families, by id. `version` is 12 hex digits over all of it."""

    entries: Mapping[str, Entry]
    sources: Mapping[str, Source]
    facts: Mapping[str, Fact]
    notices: Mapping[str, ApprovedText]
    organisation: Organisation
    version: str
