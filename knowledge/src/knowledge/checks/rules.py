"""Rules an answer has to keep that are no matter of form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from knowledge.checks.grade import HIGHEST_GRADE, reading_grade
from knowledge.entries import count_words
from knowledge.models import ApprovedText, Entry, Knowledge
from knowledge.replies import Replies

# A figure with a unit of medicine is a dose; counts, temperatures and percentages are none.
_DOSE = re.compile(
    r"\b\d[\d.,]*\s*"
    r"(mg|mcg|µg|μg|ml|mL|cc|units?|milligrams?|micrograms?|milliliters?|teaspoons?)\b"
)
# The press release starts the clock of disease-free survival where it cannot start.
_WRONG_CLOCK = re.compile(r"(treatment completion|completion of treatment)", re.IGNORECASE)
# Words that foretell what nobody can know about one child.
_PREDICTION = re.compile(
    r"\b(your (baby|child|son|daughter)|she|he) will "
    r"(be (fine|ok|okay|cured)|survive|recover|die)\b",
    re.IGNORECASE,
)
# The formula was made for passages: it puts "Hello." at grade 8.
_FEWEST_WORDS = 10
# "Can she nurse?" and "Must I stop nursing?" get the same answer; a bare word would fit one only.
_YES_OR_NO = re.compile(r"(yes|no|nothing|never|maybe)\b *[.,!:;]", re.IGNORECASE)
_PERSON = re.compile(r"information specialist|\ba person\b|\ba specialist\b", re.IGNORECASE)
_SLOT = re.compile(r"\{[a-z_]+\}")
_BLANK = re.compile(r"\[\[[^\]]*\]\]")
_SURVIVAL_FIGURE = re.compile(
    r"\b\d[\d.]* ?%[^.]*\b(alive|surviv\w*|came back|relaps\w*|died)\b"
    r"|\b(alive|surviv\w*|came back|relaps\w*|died)\b[^.]*\b\d[\d.]* ?%",
    re.IGNORECASE,
)


def broken_rules(knowledge: Knowledge, excused: Iterable[str]) -> list[str]:
    """Return one line for each rule an entry breaks, "topic: entry: what to change"."""
    excused = tuple(excused)
    lines: list[str] = []
    for entry in knowledge.entries.values():
        for change in _changes(entry, knowledge, excused):
            lines.append(f"entries/{entry.topic}.yml: {entry.id}: {change}")
    return lines


def hard_texts(texts: Mapping[str, ApprovedText], file: str, excused: Iterable[str]) -> list[str]:
    """Return one line for each notice or response that is too hard to read in English."""
    excused = tuple(excused)
    lines = []
    for text in texts.values():
        # A slot is read as what fills it: a number, a name, a time.
        words = _SLOT.sub("one", text.texts["en"])
        grade = reading_grade(words, excused)
        if grade > HIGHEST_GRADE and count_words(words) >= _FEWEST_WORDS:
            lines.append(f"{file}: {text.id}: {_simpler(grade)}")
    return lines


def hard_templates(replies: Replies, excused: Iterable[str]) -> list[str]:
    """Return one line for each template that is too hard to read, or that names a dose."""
    excused = tuple(excused)
    lines = []
    for template in replies.templates.values():
        words = _BLANK.sub("it", template.text)
        grade = reading_grade(words, excused)
        if grade > HIGHEST_GRADE and count_words(words) >= _FEWEST_WORDS:
            lines.append(f"replies.yml: {template.id}: {_simpler(grade)}")
        if dose := _DOSE.search(words):
            change = f"remove the dose '{dose.group()}'; only the care team gives doses"
            lines.append(f"replies.yml: {template.id}: {change}")
    return lines


def _simpler(grade: float) -> str:
    return f"write it more simply: grade {grade:.1f}, at most {HIGHEST_GRADE:.0f}"


def _changes(entry: Entry, knowledge: Knowledge, excused: tuple[str, ...]) -> Iterator[str]:
    grade = reading_grade(entry.answer, excused)
    if grade > HIGHEST_GRADE:
        yield _simpler(grade)
    if _YES_OR_NO.match(entry.answer):
        yield "begin with a full sentence: 'Yes' or 'No' is wrong for some of the questions"
    if dose := _DOSE.search(entry.answer):
        yield f"remove the dose '{dose.group()}'; only the care team gives doses"
    if clock := _WRONG_CLOCK.search(entry.answer):
        yield f"remove '{clock.group()}'; say alive, with no sign that the leukemia has come back"
    if promise := _PREDICTION.search(entry.answer):
        yield f"remove '{promise.group()}'; nobody can foretell this for one child"
    yield from _source_changes(entry, knowledge)
    if entry.is_sensitive and not _PERSON.search(entry.answer):
        yield "offer a person: name the information specialist in a sensitive answer"
    if not entry.is_sensitive and (figure := _SURVIVAL_FIGURE.search(entry.answer)):
        yield f"set sensitive: true; '{figure.group()}' is a figure of survival or relapse"


def _source_changes(entry: Entry, knowledge: Knowledge) -> Iterator[str]:
    for fact_id in entry.facts:
        fact = knowledge.facts[fact_id]
        if not set(fact.sources) & set(entry.sources):
            yield f"cite a source of the fact {fact_id}: {' or '.join(fact.sources)}"
        if fact.is_sensitive and not entry.is_sensitive:
            yield f"set sensitive: true; the fact {fact_id} is sensitive"
    backed = {source for fact_id in entry.facts for source in knowledge.facts[fact_id].sources}
    if entry.kind == "service":
        backed.add("organisation")
    for source in entry.sources:
        if source not in backed:
            yield f"remove the source {source}, or name the fact that it backs"
