"""Reads where answers come from: the project's own bibliography and its list of facts."""

from __future__ import annotations

import re
from typing import Literal, cast
from urllib.parse import urlsplit

from knowledge.documents import Value
from knowledge.models import Fact, Source

PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def read_sources(root: Value) -> dict[str, Source]:
    """Return the sources of a file by id; a doubled id is noted."""
    sources: dict[str, Source] = {}
    wanted = {"id", "title", "publisher", "url", "published_on"}
    for item in root.items():
        fields = item.owned_by(item.peek("id", otherwise="source")).fields(wanted)
        if fields.keys() != wanted:
            continue
        source_id = fields["id"].text()
        if source_id in sources:
            fields["id"].refuse("choose another id; this source is listed twice")
        sources[source_id] = Source(
            id=source_id,
            title=fields["title"].text(),
            publisher=fields["publisher"].text(),
            url=_read_url(fields["url"]),
            published_on=_read_partial_date(fields["published_on"]),
        )
    return sources


def _read_url(value: Value) -> str | None:
    url = value.optional_text()
    if url is not None:
        parts = urlsplit(url)
        # The widget makes a link of it: nothing but a plain web address may get there.
        if parts.scheme not in {"http", "https"} or not parts.hostname or " " in url:
            value.refuse("give a full web address that starts with https://, or null")
    return url


def _read_partial_date(value: Value) -> str | None:
    if value.kind == "nothing":
        return None
    text = str(value.node.value)
    if not PARTIAL_DATE.fullmatch(text):
        value.refuse("give a date such as '2023-05-01', '2023-05' or '2023', or null")
    return text


def read_facts(root: Value) -> dict[str, Fact]:
    """Return the facts of a file by id; a doubled id is noted, and a read fact without source."""
    facts: dict[str, Fact] = {}
    wanted = {"id", "sources", "as_of", "confidence", "sensitive"}
    for item in root.items():
        fields = item.owned_by(item.peek("id", otherwise="fact")).fields(wanted)
        if fields.keys() != wanted:
            continue
        fact_id = fields["id"].text()
        if fact_id in facts:
            fields["id"].refuse("choose another id; this fact is listed twice")
        fact = Fact(
            id=fact_id,
            sources=fields["sources"].texts(),
            as_of=str(fields["as_of"].node.value),
            confidence=cast(
                Literal["read", "recalled"], fields["confidence"].one_of("read", "recalled")
            ),
            is_sensitive=fields["sensitive"].flag(),
        )
        if fact.confidence == "read" and not fact.sources:
            fields["sources"].refuse("name a source, or mark the fact as recalled")
        facts[fact_id] = fact
    return facts
