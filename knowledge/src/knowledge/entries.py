"""Reads one entry and holds it to every rule that needs no other entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from knowledge.bibliography import PARTIAL_DATE
from knowledge.documents import Value
from knowledge.models import Entry, Fact, FollowUp, Review, Source
from knowledge.questions import normalise_question
from knowledge.texts import digest

FEWEST_QUESTIONS = 8
MOST_ANSWER_WORDS = 150
MOST_TITLE_CHARACTERS = 60  # What a choice button on a phone shows without cutting.

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD = re.compile(r"\S*\w\S*")
# Answers are plain text: markup would be shown to the family letter by letter.
_MARKUP = re.compile(r"[<>]|\*\*|\]\(|^#|`|^\s*\* ", re.MULTILINE)
_FIELDS = {
    "id",
    "version",
    "kind",
    "title",
    "questions",
    "answer",
    "sources",
    "facts",
    "as_of",
    "sensitive",
    "related",
    "review",
}
_OPTIONAL = frozenset({"follow_ups"})
_FOLLOW_UP_FIELDS = {"text", "entries"}


@dataclass(frozen=True)
class Located:
    """An entry with the values it was read from, for the rules that need all entries."""

    entry: Entry
    fields: Mapping[str, Value]
    value: Value


def count_words(text: str) -> int:
    """Return the number of words; list dashes and lone punctuation count for nothing."""
    return len(_WORD.findall(text))


def read_topic(
    root: Value, name: str, sources: Mapping[str, Source], facts: Mapping[str, Fact]
) -> list[Located]:
    """Return the entries of one topic file; what breaks a rule is noted.

    Args:
        root: the file.
        name: the topic its file name stands for.
        sources: the bibliography by id.
        facts: the fact list by id.
    """
    top = root.fields({"topic", "entries"})
    if top.keys() != {"topic", "entries"}:
        return []
    topic = top["topic"].text()
    if topic != name:
        top["topic"].refuse(f"let topic and file name agree: '{topic}' stands in '{name}.yml'")
    located = []
    for item in top["entries"].items():
        found = _read_entry(item, topic, sources, facts)
        if found is not None:
            located.append(found)
    return located


def _read_entry(
    item: Value, topic: str, sources: Mapping[str, Source], facts: Mapping[str, Fact]
) -> Located | None:
    # The id is looked up first, so that every problem of the entry can name it.
    owner = item.peek("id", otherwise="entry")
    fields = item.owned_by(owner).fields(_FIELDS, _OPTIONAL)
    if not fields.keys() >= _FIELDS:
        return None
    entry_id = fields["id"].text()
    if not _ID.fullmatch(entry_id):
        fields["id"].refuse("write the id in small letters, digits and single hyphens")
    title = fields["title"].text(MOST_TITLE_CHARACTERS)
    _refuse_slots(fields["title"], title)
    kind = cast(Literal["medical", "service"], fields["kind"].one_of("medical", "service"))
    answer = _read_answer(fields["answer"])
    cited = read_references(fields["sources"], sources, "source", "the bibliography")
    if not cited:
        fields["sources"].refuse("name at least one source")
    entry = Entry(
        id=entry_id,
        version=f"{fields['version'].whole_number()}-{digest(title, answer, cited)}",
        kind=kind,
        topic=topic,
        title=title,
        questions=_read_questions(fields["questions"]),
        answer=answer,
        sources=cited,
        facts=_read_facts(fields["facts"], facts, kind),
        as_of=read_as_of(fields["as_of"]),
        is_sensitive=fields["sensitive"].flag(),
        related=fields["related"].texts(),
        review=read_review(fields["review"]),
        follow_ups=_read_follow_ups(fields["follow_ups"]) if "follow_ups" in fields else (),
    )
    return Located(entry, fields, item.owned_by(owner))


def _read_questions(value: Value) -> tuple[str, ...]:
    questions: list[str] = []
    for item in value.items():
        question = item.text()
        if question and not normalise_question(question):
            item.refuse("write a question with at least one letter or digit")
        questions.append(question)
    if len(questions) < FEWEST_QUESTIONS:
        value.refuse(f"give at least {FEWEST_QUESTIONS} questions (has {len(questions)})")
    return tuple(questions)


def _read_follow_ups(value: Value) -> tuple[FollowUp, ...]:
    found: dict[str, FollowUp] = {}
    for item in value.items():
        fields = item.fields(_FOLLOW_UP_FIELDS)
        if fields.keys() != _FOLLOW_UP_FIELDS:
            continue
        follow_up = FollowUp(fields["text"].text(), fields["entries"].texts())
        asked = normalise_question(follow_up.text)
        if not asked or asked in found:
            item.refuse("write a follow-up with at least one letter or digit, and only once")
        if not follow_up.entries:
            item.refuse("name at least one entry that answers the follow-up")
        found[asked] = follow_up
    return tuple(found.values())


def _read_answer(value: Value) -> str:
    answer = value.text()
    _refuse_slots(value, answer)
    words = count_words(answer)
    if words > MOST_ANSWER_WORDS:
        value.refuse(f"shorten the answer to {MOST_ANSWER_WORDS} words (has {words})")
    if _MARKUP.search(answer):
        value.refuse("write the answer as plain text; list items start with '- '")
    if re.search(r"\n{3,}|[ \t]+$", answer, re.MULTILINE):
        value.refuse("put one blank line between paragraphs and no spaces at line ends")
    return answer


def _refuse_slots(value: Value, text: str) -> None:
    if "{" in text or "}" in text:
        value.refuse(f"remove the braces from '{value.name}'; entries have no slots")


def read_references(
    value: Value, known: Mapping[str, object], what: str, where: str
) -> tuple[str, ...]:
    """Return a list of ids; unknown and doubled ones are noted.

    Args:
        value: the list.
        known: what there is, by id.
        what: the word for one of them in a problem, such as "source".
        where: where they are listed, for the same.
    """
    ids = []
    for item in value.items():
        reference = item.text()
        if reference in ids:
            item.refuse(f"name the {what} '{reference}' once")
        elif reference and reference not in known:
            item.refuse(f"replace the {what} '{reference}'; {where} does not have it")
        ids.append(reference)
    return tuple(ids)


def read_facts_of(value: Value, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Return the facts that something rests on; unknown and unchecked ones are noted."""
    ids = read_references(value, facts, "fact", "the fact list")
    for item, fact_id in zip(value.items(), ids, strict=True):
        if fact_id in facts and facts[fact_id].confidence == "recalled":
            item.refuse(f"remove the fact '{fact_id}'; nobody has checked it in a source yet")
    return ids


def _read_facts(value: Value, facts: Mapping[str, Fact], kind: str) -> tuple[str, ...]:
    ids = read_facts_of(value, facts)
    if kind == "medical" and not ids:
        value.refuse("name at least one fact; a medical entry needs one")
    return ids


def read_as_of(value: Value) -> str:
    """Return the date of evidence: an ISO date, possibly cut to year or month, or "undated"."""
    text = str(getattr(value.node, "value", ""))
    if text != "undated" and not PARTIAL_DATE.fullmatch(text):
        value.refuse("give 'as_of' as '2023-05-01', '2023-05', '2023' or undated")
    return text


def read_review(value: Value) -> Review:
    """Return whether a clinician has signed and until when; contradictions are noted."""
    wanted = {"status", "reviewer", "reviewed_on", "due_on"}
    fields = value.fields(wanted)
    if fields.keys() != wanted:
        return Review("pending", None, None, date.min)
    review = Review(
        status=cast(Literal["pending", "reviewed"], fields["status"].one_of("pending", "reviewed")),
        reviewer=fields["reviewer"].optional_text(),
        reviewed_on=fields["reviewed_on"].optional_day(),
        due_on=fields["due_on"].day(),
    )
    signed = (review.reviewer is not None, review.reviewed_on is not None)
    if review.status == "reviewed" and not all(signed):
        value.refuse("name reviewer and reviewed_on, or set status: pending")
    if review.status == "pending" and any(signed):
        value.refuse("leave reviewer and reviewed_on null while the review is pending")
    if review.reviewed_on is not None and review.due_on <= review.reviewed_on:
        fields["due_on"].refuse("let the next review fall after the last one")
    return review
