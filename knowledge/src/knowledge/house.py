"""Loads everything approved for families, or says everything that stands in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from knowledge.bibliography import read_facts, read_sources
from knowledge.documents import Problems, Value, read_document
from knowledge.entries import Located, read_topic
from knowledge.models import Fact, Knowledge, Source
from knowledge.organisation import load_organisation
from knowledge.questions import normalise_question
from knowledge.texts import read_notices

Item = TypeVar("Item")


def load_knowledge(folder: Path, *, organisation_file: Path | None = None) -> Knowledge:
    """Return all entries, sources, facts, notices and the organisation of a folder.

    Args:
        folder: holds `entries/`, `sources.yml`, `facts.yml`, `notices.yml`, `organisation.yml`.
        organisation_file: read in place of the folder's own, for a charity that keeps its own.

    Raises:
        KnowledgeError: anything breaks a rule; `problems` names file, line and entry of each.
    """
    problems = Problems()
    sources = _read_part(folder, "sources.yml", read_sources, problems)
    facts = _read_part(folder, "facts.yml", read_facts, problems)
    notices = _read_part(folder, "notices.yml", read_notices, problems)
    organisation = load_organisation(organisation_file or folder / "organisation.yml", problems)
    located = _read_entries(folder, sources, facts, problems)
    _refuse_doubled_ids(located)
    _refuse_doubled_questions(located)
    _refuse_unknown_relations(located)
    _refuse_unknown_follow_ups(located)
    problems.raise_if_any()
    return Knowledge(
        entries={found.entry.id: found.entry for found in located},
        sources=sources,
        facts=facts,
        notices=notices,
        organisation=organisation,
        version=_version(folder),
    )


def _read_part(
    folder: Path, name: str, read: Callable[[Value], dict[str, Item]], problems: Problems
) -> dict[str, Item]:
    root = read_document(folder / name, name, problems)
    return read(root) if root is not None else {}


def _entry_files(folder: Path) -> list[Path]:
    return sorted((folder / "entries").glob("*.yml"))


def _read_entries(
    folder: Path, sources: Mapping[str, Source], facts: Mapping[str, Fact], problems: Problems
) -> list[Located]:
    files = _entry_files(folder)
    if not files:
        problems.note("entries", 1, "folder", "add at least one entry file")
    located: list[Located] = []
    for path in files:
        root = read_document(path, f"entries/{path.name}", problems)
        if root is not None:
            located.extend(read_topic(root, path.stem, sources, facts))
    return located


def _refuse_doubled_ids(located: list[Located]) -> None:
    first: dict[str, Located] = {}
    for found in located:
        other = first.setdefault(found.entry.id, found)
        if other is not found:
            where = f"{other.value.file}:{other.fields['id'].line}"
            found.fields["id"].refuse(f"choose another id; {where} has this one")


def _refuse_doubled_questions(located: list[Located]) -> None:
    first: dict[str, tuple[Located, int]] = {}
    for found in located:
        for item, question in zip(
            found.fields["questions"].items(), found.entry.questions, strict=True
        ):
            asked = normalise_question(question)
            if asked and asked in first:
                other, line = first[asked]
                where = f"{other.entry.id} ({other.value.file}:{line})"
                item.refuse(f"change the question '{question}'; it stands in {where} too")
            first.setdefault(asked, (found, item.line))


def _refuse_unknown_relations(located: list[Located]) -> None:
    known = {found.entry.id for found in located}
    for found in located:
        seen: set[str] = set()
        for item, related in zip(found.fields["related"].items(), found.entry.related, strict=True):
            if related == found.entry.id or related in seen:
                item.refuse(f"remove the related entry '{related}'; it is this one or named twice")
            elif related and related not in known:
                item.refuse(f"replace the related entry '{related}'; there is no such entry")
            seen.add(related)


def _refuse_unknown_follow_ups(located: list[Located]) -> None:
    known = {found.entry.id for found in located}
    for found in located:
        for follow_up in found.entry.follow_ups:
            for entry in sorted({*follow_up.entries} - known):
                found.fields["follow_ups"].refuse(
                    f"replace '{entry}' of the follow-up '{follow_up.text}'; there is no such entry"
                )


def _version(folder: Path) -> str:
    """Return 12 hex digits over every file of content.

    The organisation file is left out: a charity may point the desk at a file of its own, and bot
    and desk must still agree on which answers they hold.
    """
    whole = hashlib.sha256()
    names = ("sources.yml", "facts.yml", "notices.yml")
    for path in [*_entry_files(folder), *(folder / name for name in names)]:
        content = path.read_bytes()
        whole.update(f"{path.name}:{len(content)}:".encode())
        whole.update(content)
    return whole.hexdigest()[:12]
