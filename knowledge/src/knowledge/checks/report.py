"""The table that `make knowledge` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import date
from statistics import mean

from knowledge.checks.grade import reading_grade
from knowledge.entries import count_words
from knowledge.models import Entry, Knowledge


def report(knowledge: Knowledge, excused: Iterable[str], today: date) -> list[str]:
    """Return the lines of the table: topics with their grades, reviews, sources and facts."""
    excused = tuple(excused)
    topics: dict[str, list[Entry]] = {}
    for entry in knowledge.entries.values():
        topics.setdefault(entry.topic, []).append(entry)
    heads = ("entries", "questions", "words", "grade", "highest", "pending", "review age, days")
    lines = [f"{'topic':<28}" + "".join(f"{head:>{len(head) + 2}}" for head in heads)]
    for topic, entries in sorted(topics.items()):
        lines.append(_row(topic, entries, excused, today))
    lines.append(_row("all", list(knowledge.entries.values()), excused, today))
    return [*lines, "", *_reviews(knowledge, today), *_sources(knowledge)]


def _row(name: str, entries: list[Entry], excused: tuple[str, ...], today: date) -> str:
    grades = [reading_grade(entry.answer, excused) for entry in entries]
    words = mean(count_words(entry.answer) for entry in entries)
    questions = sum(len(entry.questions) for entry in entries)
    pending = sum(entry.review.status == "pending" for entry in entries)
    ages = [
        (today - entry.review.reviewed_on).days for entry in entries if entry.review.reviewed_on
    ]
    oldest = str(max(ages)) if ages else "none yet"
    return (
        f"{name:<28}{len(entries):>9}{questions:>11}{words:>7.0f}{mean(grades):>7.1f}"
        f"{max(grades):>9.1f}{pending:>9}{oldest:>18}"
    )


def _reviews(knowledge: Knowledge, today: date) -> list[str]:
    due = sorted((entry.review.due_on, entry.id) for entry in knowledge.entries.values())
    late = [f"{entry_id} ({day})" for day, entry_id in due if day < today]
    lines = [f"next review due: {due[0][0]} ({due[0][1]})"]
    if late:
        lines.append(f"WARNING, review overdue: {', '.join(late)}")
    return lines


def _sources(knowledge: Knowledge) -> list[str]:
    cited = {source for entry in knowledge.entries.values() for source in entry.sources}
    used = {fact for entry in knowledge.entries.values() for fact in entry.facts}
    usable = {fact.id for fact in knowledge.facts.values() if fact.confidence == "read"}
    idle = sorted(usable - used)
    return [
        f"sources used: {len(cited)} of {len(knowledge.sources)}",
        f"facts used: {len(used)} of {len(usable)} that were read in a source",
        *textwrap.wrap(f"facts unused: {', '.join(idle) or 'none'}", 100, subsequent_indent="  "),
    ]
