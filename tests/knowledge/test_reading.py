"""What the reader hands out for a house that keeps every rule."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import Entry, KnowledgeError, Organisation, load_knowledge, normalise_question
from tests.knowledge.houses import FILES, ORGANISATION, SERVICE, STUDY, change, write_house

SOURCE = Path(__file__).resolve().parents[2] / "knowledge" / "src"
REUSED_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


def read_study(folder: Path, content: str = STUDY) -> Entry:
    return load_knowledge(write_house(folder, study=content)).entries["study-good"]


def test_an_entry_comes_back_as_it_was_written(tmp_path: Path) -> None:
    entry = read_study(tmp_path)

    assert entry.kind == "medical"
    assert entry.topic == "study"
    assert entry.title == "What the study found"
    assert entry.questions[2] == "What were the results of the study?"
    assert entry.answer == (
        "The drug helped. It was added to chemo.\n\n- It is given into a vein.\n- Ask your team."
    )
    assert (entry.sources, entry.facts, entry.related) == (
        ("nejm",),
        ("study-1",),
        ("service-good",),
    )
    assert (entry.as_of, entry.is_sensitive) == ("2023-05-01", False)
    assert entry.review.due_on == date(2027, 5, 1)
    assert entry.review.reviewer is None


def test_a_reviewed_entry_names_reviewer_and_day(tmp_path: Path) -> None:
    review = load_knowledge(write_house(tmp_path)).entries["service-good"].review

    assert (review.status, review.reviewer, review.reviewed_on) == (
        "reviewed",
        "A. Nurse",
        date(2026, 11, 1),
    )


def test_records_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_study(tmp_path).answer = "something else"  # type: ignore[misc] # what is tested


@pytest.mark.parametrize(
    ("old", "new", "shows"),
    [
        ("Ask your team.", "Ask your doctor.", True),
        ("title: What the study found", "title: What was found", True),
        ("sources: [nejm]", "sources: [nejm, news]", True),
        ("version: 3", "version: 4", True),
        ("- results\n", "- the results\n", False),
        ("sensitive: false", "sensitive: true", False),
    ],
)
def test_the_version_shows_every_change_a_family_could_see(
    tmp_path: Path, old: str, new: str, shows: bool
) -> None:
    before = read_study(tmp_path / "a")
    after = read_study(tmp_path / "b", change(STUDY, old, new))

    assert before.version.startswith("3-")
    assert len(before.version) == 10
    assert (before.version != after.version) is shows


def test_the_version_of_the_house_shows_every_change_but_the_organisation(tmp_path: Path) -> None:
    before = load_knowledge(write_house(tmp_path / "a")).version
    question = change(STUDY, "- results\n", "- the results\n")
    phone = change(ORGANISATION, "1-800-000-0000", "1-800-000-0001")

    assert len(before) == 12
    assert load_knowledge(write_house(tmp_path / "b", study=question)).version != before
    assert load_knowledge(write_house(tmp_path / "c", organisation=phone)).version == before


def organisation(folder: Path, content: str = ORGANISATION) -> Organisation:
    return load_knowledge(write_house(folder, organisation=content)).organisation


def test_only_verified_values_may_be_stated(tmp_path: Path) -> None:
    read = organisation(tmp_path / "a")

    assert read.phone.value == "1-800-000-0000"
    assert read.slots() == {
        "organisation_name": "A Charity",
        "former_name": "An Older Name",
        "emergency_number": "911",
        "crisis_line": "988",
        "maternal_line": "1-833-852-6262",
        "poison_line": "1-800-222-1222",
    }
    confirmed = change(ORGANISATION, "0000, verified: false", "0000, verified: true")
    assert organisation(tmp_path / "b", confirmed).slots()["phone"] == "1-800-000-0000"


def test_the_last_span_of_a_day_may_go_on_after_midnight(tmp_path: Path) -> None:
    late = change(ORGANISATION, "13:00-21:00", "18:00-02:00")
    assert organisation(tmp_path / "a", late).hours[0][-1] == (time(18), time(2))
    midnight = change(ORGANISATION, "13:00-21:00", "13:00-00:00")
    assert organisation(tmp_path / "b", midnight).hours[0][-1] == (time(13), time(0))


def test_hours_and_holidays_are_times_of_the_day(tmp_path: Path) -> None:
    read = organisation(tmp_path)

    assert read.hours[0] == ((time(9), time(12)), (time(13), time(21)))
    assert set(read.hours) == {0, 4}
    assert read.hours_verified is False
    assert read.holidays == {
        date(2026, 12, 24): ((time(9), time(13)),),
        date(2026, 12, 25): (),
    }


def test_another_organisation_file_takes_the_place_of_the_own_one(tmp_path: Path) -> None:
    folder = write_house(tmp_path / "house")
    other = tmp_path / "ours.yml"
    other.write_text(change(ORGANISATION, "name: A Charity", "name: Ours"), encoding="utf-8")

    assert load_knowledge(folder, organisation_file=other).organisation.name == "Ours"


def test_notices_come_with_languages_slots_and_version(tmp_path: Path) -> None:
    notices = load_knowledge(write_house(tmp_path)).notices

    assert set(notices["specialist_joined"].texts) == {"en", "es"}
    assert notices["specialist_joined"].slots == ("specialist_name",)
    assert notices["greeting_open"].version.startswith("2-")


@given(
    cited=st.lists(st.sampled_from(["nejm", "news", "organisation", "gone", "Nejm"]), max_size=4)
)
@REUSED_FOLDER
def test_no_answer_is_read_without_sources_that_all_exist(tmp_path: Path, cited: list[str]) -> None:
    content = change(STUDY, "sources: [nejm]", f"sources: [{', '.join(cited)}]")
    known = set(cited) <= {"nejm", "news", "organisation"}
    if cited and known and len(set(cited)) == len(cited):
        assert read_study(tmp_path, content).sources == tuple(cited)
    else:
        with pytest.raises(KnowledgeError):
            read_study(tmp_path, content)


def problems_or_sources(folder: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    try:
        house = load_knowledge(folder)
    except KnowledgeError as refusal:
        return refusal.problems, []
    return [], [entry.sources for entry in house.entries.values()]


@given(data=st.data())
@REUSED_FOLDER
def test_damaged_files_are_refused_in_words_or_read(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = FILES[name]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 30)))
    damage = data.draw(st.text(alphabet="\n -:{}[]'\"&*!|>%@#abc019\t\x00é", max_size=8))
    folder = write_house(tmp_path)
    (folder / name).write_text(content[:start] + damage + content[end:], encoding="utf-8")
    problems, sources = problems_or_sources(folder)

    assert all(line.count(": ") >= 2 for line in problems)
    assert problems or all(sources)


@given(st.text())
def test_a_normalised_question_stays_as_it_is(question: str) -> None:
    once = normalise_question(question)

    assert normalise_question(once) == once
    assert once == once.strip()
    assert "  " not in once


@pytest.mark.parametrize(
    "same",
    ["whats blina", "What's blina?", "  WHAT\u2019S   blina !!", "whats-blina", "ｗhats blina"],
)
def test_questions_that_differ_in_dress_only_are_the_same(same: str) -> None:
    assert normalise_question(same) == "whats blina"


def test_questions_that_differ_in_words_or_figures_are_not_the_same() -> None:
    asked = ["82%", "82", "49%", "t(4;11)", "t(9;11)", "is it 82%", "c'est quoi", "qué es"]

    assert len({normalise_question(question) for question in asked}) == len(asked)


def test_a_file_of_both_newline_kinds_reads_the_same(tmp_path: Path) -> None:
    unix = read_study(tmp_path / "a")
    folder = write_house(tmp_path / "b")
    (folder / "entries/study.yml").write_bytes(STUDY.replace("\n", "\r\n").encode())

    assert load_knowledge(folder).entries["study-good"] == unix
    assert SERVICE.count("\r") == 0


def test_reading_needs_nothing_but_yaml() -> None:
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(SOURCE)!r})\n"
        "import knowledge\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'textstat', 'rasa', 'django'}))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
