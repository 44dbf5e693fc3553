"""Reads what specialists put into replies: texts with blanks, and what the organisation offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from knowledge.documents import Problems, Value, read_document
from knowledge.entries import (
    read_as_of,
    read_facts_of,
    read_references,
    read_review,
)
from knowledge.models import Knowledge, Review, Source
from knowledge.texts import digest

Item = TypeVar("Item")
LONGEST_TITLE = 60
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BLANK = re.compile(r"\[\[([^\[\]\n]{1,80})\]\]")
_HALF = re.compile(r"\[\[|\]\]")
_TEMPLATE_FIELDS = {
    "id",
    "version",
    "category",
    "title",
    "text",
    "facts",
    "sources",
    "as_of",
    "review",
}


@dataclass(frozen=True)
class Template:
    """A text for replies. Its blanks, "[[first name]]", are filled before it is sent.

    `version` is "<number>-<8 hex>". `as_of` is the date of the evidence as in an entry; None for
    a text that states no facts.
    """

    id: str
    version: str
    category: str
    title: str
    text: str
    facts: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: str | None
    review: Review

    @property
    def blanks(self) -> tuple[str, ...]:
        """What has to be filled in, in order, without the brackets."""
        return open_blanks(self.text)


@dataclass(frozen=True)
class OrganisationService:
    """Something the organisation offers: an approved entry says what, a source has the address.

    `is_verified` is false where nobody has seen it under the organisation's present name.
    """

    id: str
    title: str
    entry_id: str
    url: str | None
    is_verified: bool


@dataclass(frozen=True)
class Replies:
    """Templates and services by id, in the order of the file."""

    templates: Mapping[str, Template]
    services: Mapping[str, OrganisationService]


def open_blanks(text: str) -> tuple[str, ...]:
    """Return the blanks of a text that nobody has filled, in order, without the brackets."""
    return tuple(_BLANK.findall(text))


def load_replies(folder: Path, knowledge: Knowledge) -> Replies:
    """Return the templates and services of a folder's `replies.yml`; none where it has no file.

    Args:
        folder: the folder of content.
        knowledge: what the same folder holds, to find entries, facts and sources in.

    Raises:
        KnowledgeError: anything breaks a rule; `problems` names file, line and id of each.
    """
    if not (folder / "replies.yml").exists():
        return Replies({}, {})
    problems = Problems()
    root = read_document(folder / "replies.yml", "replies.yml", problems)
    fields = root.owned_by("replies").fields({"templates", "services"}) if root else {}
    templates: dict[str, Template] = {}
    services: dict[str, OrganisationService] = {}
    if fields.keys() == {"templates", "services"}:
        for item in fields["templates"].items():
            template = _read_template(item, knowledge)
            if template is not None:
                _keep(templates, template.id, template, item)
        for item in fields["services"].items():
            service = _read_service(item, knowledge)
            if service is not None:
                _keep(services, service.id, service, item)
    problems.raise_if_any()
    return Replies(templates, services)


def _keep(kept: dict[str, Item], item_id: str, item: Item, value: Value) -> None:
    if item_id in kept:
        value.owned_by(item_id).refuse("choose another id; this one is taken")
    kept[item_id] = item


def _read_id(value: Value) -> str:
    words = value.text()
    if not _ID.fullmatch(words):
        value.refuse("write the id in small letters, digits and single hyphens")
    return words


def _read_template(item: Value, knowledge: Knowledge) -> Template | None:
    item = item.owned_by(item.peek("id", otherwise="template"))
    fields = item.fields(_TEMPLATE_FIELDS)
    if fields.keys() != _TEMPLATE_FIELDS:
        return None
    title, text = fields["title"].text(LONGEST_TITLE), fields["text"].text()
    if _HALF.search(_BLANK.sub("", text)):
        fields["text"].refuse("close each blank on its line, such as [[first name]]")
    cited = read_references(fields["sources"], knowledge.sources, "source", "the bibliography")
    as_of = None if fields["as_of"].kind == "nothing" else read_as_of(fields["as_of"])
    template = Template(
        id=_read_id(fields["id"]),
        version=f"{fields['version'].whole_number()}-{digest(title, text, cited)}",
        category=fields["category"].text(30),
        title=title,
        text=text,
        facts=read_facts_of(fields["facts"], knowledge.facts),
        sources=tuple(knowledge.sources[name] for name in cited if name in knowledge.sources),
        as_of=as_of,
        review=read_review(fields["review"]),
    )
    _refuse_loose_evidence(item, template, knowledge)
    return template


def _refuse_loose_evidence(item: Value, template: Template, knowledge: Knowledge) -> None:
    """Facts, sources and date stand together or not at all, and every fact has its source."""
    if not bool(template.facts) == bool(template.sources) == (template.as_of is not None):
        item.refuse("give facts, sources and as_of together, or leave all three empty")
    cited = {source.id for source in template.sources}
    for fact_id in template.facts:
        fact = knowledge.facts.get(fact_id)
        if fact is not None and not set(fact.sources) & cited:
            item.refuse(f"cite a source of the fact {fact_id}: {' or '.join(fact.sources)}")


def _read_service(item: Value, knowledge: Knowledge) -> OrganisationService | None:
    item = item.owned_by(item.peek("id", otherwise="service"))
    wanted = {"id", "title", "entry", "source", "verified"}
    fields = item.fields(wanted)
    if fields.keys() != wanted:
        return None
    entry_id = fields["entry"].text()
    entry = knowledge.entries.get(entry_id)
    if entry is None:
        fields["entry"].refuse(f"replace the entry '{entry_id}'; there is no such entry")
    source_id = fields["source"].optional_text()
    source = knowledge.sources.get(source_id or "")
    if source_id is not None and source is None:
        fields["source"].refuse(f"replace the source '{source_id}'; the bibliography lacks it")
    return OrganisationService(
        id=_read_id(fields["id"]),
        title=fields["title"].text(LONGEST_TITLE),
        entry_id=entry_id,
        url=source.url if source else None,
        is_verified=fields["verified"].flag(),
    )
