"""Each rule of the reader: the good entry is read, the same entry with one flaw is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import KnowledgeError, load_knowledge
from tests.knowledge.houses import (
    FACTS,
    NOTICES,
    ORGANISATION,
    SERVICE,
    SOURCES,
    STUDY,
    write_house,
)
from tests.knowledge.houses import change as changed

TWIN = STUDY[STUDY.index("- id: study-good") :]
ANSWER = STUDY[STUDY.index("|-") : STUDY.index("\n  sources:")]
LONG = " ".join(["word"] * 151)

# (what is broken, old text, new text, first words of the line at fault, what the reader says)
ENTRY_FLAWS = [
    ("no source", "sources: [nejm]", "sources: []", "sources: []", "name at least one source"),
    (
        "sources field missing",
        "  sources: [nejm]\n",
        "",
        "- id: study-good",
        "add the field 'sources'",
    ),
    ("unknown source", "[nejm]", "[gone]", "sources: [gone]", "replace the source 'gone'"),
    ("source twice", "[nejm]", "[nejm, nejm]", "sources:", "name the source 'nejm' once"),
    ("unknown related", "[service-good]", "[gone]", "related:", "there is no such entry"),
    ("related to itself", "[service-good]", "[study-good]", "related:", "it is this one"),
    (
        "related twice",
        "[service-good]",
        "[service-good, service-good]",
        "related:",
        "named twice",
    ),
    (
        "follow-up to nowhere",
        "[service-good, study-good]",
        "[gone, study-good]",
        '- {text: "and how',
        "replace 'gone' of the follow-up 'who can tell me'",
    ),
    (
        "follow-up to nothing",
        "entries: [study-good]}",
        "entries: []}",
        '- {text: "and',
        "at least one entry",
    ),
    (
        "follow-up without a word",
        '"and how many babies?"',
        '"?!"',
        '- {text: "?!"',
        "at least one letter",
    ),
    (
        "follow-up twice",
        "text: who can tell me",
        "text: And how many babies",
        "- {text: And",
        "only once",
    ),
    (
        "follow-up without entries",
        ", entries: [study-good]}",
        "}",
        '- {text: "and',
        "add the field 'entries'",
    ),
    ("recalled fact", "[study-1]", "[study-3]", "facts:", "nobody has checked it"),
    ("unknown fact", "[study-1]", "[study-9]", "facts:", "replace the fact 'study-9'"),
    ("medical without fact", "[study-1]", "[]", "facts:", "name at least one fact"),
    (
        "question twice in one entry",
        "  - study resluts\n",
        "  - Study, results!\n",
        "- Study, results!",
        "it stands in study-good (entries/study.yml:9) too",
    ),
    (
        "question of another entry",
        "  - study resluts\n",
        "  - WHO are you?\n",
        "- WHO are you?",
        None,
    ),
    (
        "seven questions",
        "  - study resluts\n",
        "",
        "- what did the",
        "at least 8 questions (has 7)",
    ),
    (
        "question without words",
        "  - study resluts\n",
        "  - '??'\n",
        "- '??'",
        "at least one letter",
    ),
    ("151 words", "The drug helped.", LONG, "answer:", "shorten the answer to 150 words (has 16"),
    ("slot in the answer", "Ask your team.", "Call {phone}.", "answer:", "remove the braces"),
    (
        "brace in the title",
        "What the study found",
        "What {it} found",
        "title:",
        "remove the braces",
    ),
    ("markup in the answer", "The drug helped.", "The **drug** helped.", "answer:", "plain text"),
    ("tag in the answer", "The drug helped.", "The <b>drug</b> helped.", "answer:", "plain text"),
    (
        "two blank lines",
        "chemo.\n\n    - It",
        "chemo.\n\n\n    - It",
        "answer:",
        "one blank line between paragraphs",
    ),
    (
        "empty answer",
        ANSWER,
        "''",
        "answer:",
        "write something in 'answer'",
    ),
    ("long title", "What the study found", "W" * 61, "title:", "to 60 characters (has 61)"),
    ("id in capitals", "id: study-good", "id: Study_Good", "- id:", "small letters"),
    ("version 0", "version: 3", "version: 0", "version: 0", "a whole number from 1 up"),
    ("version with a point", "version: 3", "version: 1.5", "version:", "a whole number"),
    ("version as text", "version: 3", "version: '3'", "version:", "a whole number"),
    ("unknown kind", "kind: medical", "kind: rumour", "kind:", "one of medical, service"),
    ("sensitive as text", "sensitive: false", "sensitive: maybe", "sensitive:", "true or false"),
    ("as_of not a date", "as_of: '2023-05-01'", "as_of: last year", "as_of:", "give 'as_of' as"),
    ("as_of in month 13", "as_of: '2023-05-01'", "as_of: '2023-13'", "as_of:", "give 'as_of' as"),
    ("question is a date", "- results\n", "- 2023-05-01\n", "- 2023-05-01", "takes text"),
    ("question is yes", "- results\n", "- yes\n", "- yes", "in quotes"),
    ("questions no list", "sources: [nejm]", "sources: nejm", "sources:", "takes a list, not text"),
    ("unknown field", "version: 3", "version: 3\n  colour: red", "colour:", "remove the field"),
    ("field twice", "version: 3", "version: 3\n  version: 4", "version: 4", "keep only one field"),
    ("topic of another file", "topic: study", "topic: other", "topic: other", "file name agree"),
    (
        "reviewed by nobody",
        "status: pending, reviewer: null",
        "status: reviewed, reviewer: null",
        "review:",
        "name reviewer and reviewed_on",
    ),
    (
        "pending with a reviewer",
        "reviewer: null",
        "reviewer: A. Nurse",
        "review:",
        "while the review is pending",
    ),
    ("due on no day", "'2027-05-01'", "'2027-02-30'", "review:", "takes a date"),
    ("no due date", ", due_on: '2027-05-01'", "", "review:", "add the field 'due_on'"),
    (
        "due before the review",
        "status: pending, reviewer: null, reviewed_on: null",
        "status: reviewed, reviewer: A. Nurse, reviewed_on: '2027-06-01'",
        "review:",
        "after the last one",
    ),
    (
        "id twice",
        "topic: study\nentries:\n",
        f"topic: study\nentries:\n{TWIN}",
        None,
        "has this one",
    ),
]


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as refusal:
        load_knowledge(folder)
    assert str(refusal.value) == "\n".join(refusal.value.problems)
    return refusal.value.problems


def line_of(content: str, start: str) -> int:
    lines = [line.strip() for line in content.splitlines()]
    return next(i for i, line in enumerate(lines, 1) if line.startswith(start))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"), [f[1:] for f in ENTRY_FLAWS], ids=[f[0] for f in ENTRY_FLAWS]
)
def test_an_entry_with_one_flaw_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, line: str | None, says: str | None
) -> None:
    assert "study-good" in load_knowledge(write_house(tmp_path / "good")).entries
    broken = changed(STUDY, old, new)

    problems = problems_of(write_house(tmp_path / "broken", study=broken))

    if says is None:  # The flaw shows in the file that is read later.
        assert any("stands in study-good" in problem for problem in problems)
        return
    found = [problem for problem in problems if says in problem]
    assert found, problems
    entry = "file" if "topic" in says or "file name" in says else None
    owner = entry or ("Study_Good" if "Study_Good" in new else "study-good")
    if line is not None:
        assert found[0].startswith(f"entries/study.yml:{line_of(broken, line)}: {owner}: "), found


PART_FLAWS = [
    ("source twice", "sources", SOURCES, "id: news", "id: nejm", "this source is listed twice"),
    ("no publisher", "sources", SOURCES, ", publisher: A paper", "", "add the field 'publisher'"),
    ("script link", "sources", SOURCES, "https://example.org/a", "javascript:x", "web address"),
    ("link without host", "sources", SOURCES, "https://example.org/a", "https://", "web address"),
    ("odd date", "sources", SOURCES, "'2023-04'", "spring", "give a date"),
    ("fact twice", "facts", FACTS, "id: study-2", "id: study-1", "this fact is listed twice"),
    ("fact by hearsay", "facts", FACTS, "confidence: recalled", "confidence: sure", "one of read"),
    (
        "read but unsourced",
        "facts",
        FACTS,
        "confidence: recalled",
        "confidence: read",
        "name a source",
    ),
    ("notice twice", "notices", NOTICES, "id: specialist_joined", "id: greeting_open", "taken"),
    ("unknown slot", "notices", NOTICES, "{emergency_number}", "{number}", "no such slot"),
    (
        "stray brace",
        "notices",
        NOTICES,
        "{emergency_number}",
        "{ emergency_number }",
        "braces only",
    ),
    ("no English", "notices", NOTICES, "    en: Hello", "    fr: Hello", "add the English text"),
    (
        "no 911",
        "organisation",
        ORGANISATION,
        "value: '911', verified: true",
        "value: '911', verified: false",
        "safety texts need it",
    ),
    (
        "no maternal line",
        "organisation",
        ORGANISATION,
        "value: 1-833-852-6262, verified: true",
        "value: 1-833-852-6262, verified: false",
        "give a verified value for 'maternal_line'; safety texts need it",
    ),
    (
        "no Poison Help",
        "organisation",
        ORGANISATION,
        "poison_line: {value: 1-800-222-1222, verified: true}",
        "poison_line: {value: null, verified: false}",
        "give a verified value for 'poison_line'; safety texts need it",
    ),
    (
        "verified nothing",
        "organisation",
        ORGANISATION,
        "email: {value: null, verified: false}",
        "email: {value: null, verified: true}",
        "give 'email' a value",
    ),
    (
        "no such zone",
        "organisation",
        ORGANISATION,
        "America/New_York",
        "America/Nowhere",
        "time zone",
    ),
    (
        "no such day",
        "organisation",
        ORGANISATION,
        "friday:",
        "freitag:",
        "write 'freitag' as one of",
    ),
    (
        "closes first",
        "organisation",
        ORGANISATION,
        "09:00-12:00",
        "12:00-09:00",
        "end after they start",
    ),
    (
        "a span of no length",
        "organisation",
        ORGANISATION,
        "09:00-17:00",
        "09:00-09:00",
        "end after they start",
    ),
    ("spans overlap", "organisation", ORGANISATION, "13:00-21:00", "11:00-21:00", "one span after"),
    ("no such hour", "organisation", ORGANISATION, "09:00-17:00", "09:00-25:00", "'09:00-21:00'"),
    ("no such date", "organisation", ORGANISATION, "'2026-12-25'", "'2026-13-25'", "as a date"),
    ("no phone field", "organisation", ORGANISATION, "phone:", "fone:", "add the field 'phone'"),
]


@pytest.mark.parametrize(
    ("part", "content", "old", "new", "says"),
    [f[1:] for f in PART_FLAWS],
    ids=[f[0] for f in PART_FLAWS],
)
def test_a_flaw_in_another_file_is_refused_at_its_line(
    tmp_path: Path, part: str, content: str, old: str, new: str, says: str
) -> None:
    load_knowledge(write_house(tmp_path / "good"))

    broken = changed(content, old, new)
    problems = problems_of(write_house(tmp_path / "broken", **{part: broken}))

    assert any(p.startswith(f"{part}.yml:") and says in p for p in problems), problems


def test_every_problem_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    broken = changed(changed(STUDY, "[nejm]", "[gone]"), "- study resluts", "- who are you")

    problems = problems_of(write_house(tmp_path, study=broken, sources=SOURCES + "- {id: x}\n"))

    told = "\n".join(problems)
    for part in ("'gone'", "stands in study-good", "add the field 'title'"):
        assert part in told
    assert problems == sorted(problems, key=lambda p: (p.split(":")[0], int(p.split(":")[1])))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("topic: [", "entries/study.yml:1: file: repair the YAML"),
        ("topic: study\nentries: @\n", "entries/study.yml:2: file: repair the YAML"),
        ("", "entries/study.yml:1: file: write something in the file"),
        ("- a list", "'file' takes a set of fields, not a list"),
        ("topic: study\nentries: none", "'entries' takes a list, not text"),
        ("topic: study\nentries: [text]", "'entries' takes a set of fields, not text"),
        ("topic: study\nentries: [" + "[" * 3000, "entries/study.yml:"),
    ],
)
def test_a_file_that_is_no_entry_file_is_refused_in_one_line(
    tmp_path: Path, content: str, says: str
) -> None:
    assert any(says in problem for problem in problems_of(write_house(tmp_path, study=content)))


def test_a_file_that_is_not_utf_8_or_missing_is_refused(tmp_path: Path) -> None:
    folder = write_house(tmp_path)
    (folder / "entries/study.yml").write_bytes(STUDY.encode("utf-16"))
    (folder / "facts.yml").unlink()

    problems = problems_of(folder)

    assert "entries/study.yml:1: file: save the file as UTF-8" in problems
    assert any(p.startswith("facts.yml:1: file: make the file readable") for p in problems)


def test_a_folder_without_entries_is_refused(tmp_path: Path) -> None:
    folder = write_house(tmp_path)
    for path in (folder / "entries").iterdir():
        path.unlink()

    assert problems_of(folder) == ["entries:1: folder: add at least one entry file"]


def test_an_answer_of_150_words_and_a_title_of_60_characters_are_read(tmp_path: Path) -> None:
    exact = changed(STUDY, "The drug helped. It was added to chemo.", "\n    ".join(["word"] * 141))
    exact = changed(exact, "What the study found", "W" * 60)

    entry = load_knowledge(write_house(tmp_path, study=exact)).entries["study-good"]

    assert len(entry.title) == 60


def test_a_service_entry_needs_no_fact(tmp_path: Path) -> None:
    house = load_knowledge(write_house(tmp_path, this_service=SERVICE))

    assert house.entries["service-good"].facts == ()
