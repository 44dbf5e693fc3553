"""What editors run before a change: the same entry passes, and with one flaw it does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.checks.grade import reading_grade
from tests.knowledge.houses import NOTICES, STUDY, change, write_house

HARD = (
    "Pharmacological intervention necessitates comprehensive multidisciplinary consideration "
    "of individualized contraindications, notwithstanding favorable epidemiological evidence."
)

FLAWS = [
    ("too hard", "Ask your team.", HARD, "write it more simply: grade"),
    ("a dose", "Ask your team.", "Give 2.5 mg.", "remove the dose '2.5 mg'"),
    ("a dose in words", "Ask your team.", "Give 5 milliliters.", "remove the dose"),
    ("wrong clock", "The drug helped.", "This counts from treatment completion.", "alive, with no"),
    ("a prediction", "The drug helped.", "Your baby will be fine.", "nobody can foretell"),
    ("a sensitive fact", "facts: [study-1]", "facts: [study-2]", "the fact study-2 is sensitive"),
    ("a bare yes", "The drug helped.", "Yes, the drug helped.", "begin with a full sentence"),
    ("no person offered", "sensitive: false", "sensitive: true", "offer a person"),
    ("a hidden figure", "The drug helped.", "About 82% were alive.", "set sensitive: true"),
    ("fact not backed", "sources: [nejm]", "sources: [news]", "cite a source of the fact study-1"),
    ("idle source", "sources: [nejm]", "sources: [nejm, news]", "remove the source news"),
]


@pytest.mark.parametrize(("old", "new", "says"), [f[1:] for f in FLAWS], ids=[f[0] for f in FLAWS])
def test_an_answer_that_breaks_a_rule_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    assert main(["check", str(write_house(tmp_path / "good"))]) == 0
    capsys.readouterr()

    broken = write_house(tmp_path / "broken", study=change(STUDY, old, new))
    assert main(["check", str(broken)]) == 1

    told = capsys.readouterr().err
    assert "entries/study.yml: study-good: " in told
    assert says in told


@pytest.mark.parametrize(
    "fine",
    [
        "A fever is 100.4 F (38.0 C) or higher.",
        "It runs for 28 days.",
        "The team has 4 units, one on each floor of building 2.",
        "She will be watched closely.",
        "The platelet count was 20,000.",
    ],
)
def test_counts_temperatures_and_times_are_no_doses(tmp_path: Path, fine: str) -> None:
    house = write_house(tmp_path, study=change(STUDY, "Ask your team.", fine))

    assert main(["check", str(house)]) == (1 if "units" in fine else 0)


def test_a_hard_notice_or_response_fails_the_check(tmp_path: Path) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text("responses:\n  utter_greet:\n  - text: Hello.\n", encoding="utf-8")
    good = str(write_house(tmp_path / "good"))
    assert main(["check", good, "--domain", str(domain)]) == 0

    hard = change(NOTICES, "Hello. In an emergency", HARD + " In an emergency")
    assert main(["check", str(write_house(tmp_path / "hard", notices=hard))]) == 1
    domain.write_text(f"responses:\n  utter_greet:\n  - text: {HARD}\n", encoding="utf-8")
    assert main(["check", good, "--domain", str(domain)]) == 1
    assert main(["check", good, "--domain", str(tmp_path / "gone.yml")]) == 1


def test_the_table_names_topics_reviews_sources_and_unused_facts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(write_house(tmp_path))]) == 0

    told = capsys.readouterr().out
    assert [line.split()[:2] for line in told.splitlines()[1:4]] == [
        ["study", "1"],
        ["this-service", "1"],
        ["all", "2"],
    ]
    assert "sources used: 2 of 3" in told
    assert "facts used: 1 of 2" in told
    assert "facts unused: study-2" in told
    assert "next review due: 2027-05-01 (study-good)" in told


def test_a_review_that_is_overdue_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = change(STUDY, "due_on: '2027-05-01'", "due_on: '2020-01-01'")

    assert main(["check", str(write_house(tmp_path, study=late))]) == 0
    assert "WARNING, review overdue: study-good (2020-01-01)" in capsys.readouterr().out


def test_a_broken_house_is_told_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = write_house(tmp_path, study=change(STUDY, "[nejm]", "[gone]"))

    assert main(["check", str(house)]) == 1
    told = capsys.readouterr().err
    assert "study-good: replace the source 'gone'" in told
    assert "1 to change." in told
    assert "Traceback" not in told


def test_without_textstat_the_check_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "textstat", None)
    for name in ("grade", "report", "rules"):
        monkeypatch.delitem(sys.modules, f"knowledge.checks.{name}", raising=False)
        monkeypatch.delattr(sys.modules["knowledge.checks"], name, raising=False)

    assert main(["check", str(write_house(tmp_path))]) == 2
    assert "textstat is not installed; run `make setup` first." in capsys.readouterr().err


def test_names_of_drugs_do_not_make_an_answer_hard() -> None:
    answer = "Ask if blinatumomab fits. Blinatumomab goes into a vein."

    assert reading_grade(answer, ["blinatumomab"]) < reading_grade(answer) - 2
    assert reading_grade("Ask if it fits.", ["it"]) == reading_grade("Ask if it fits.")


def test_items_of_a_list_do_not_run_into_one_sentence() -> None:
    items = "- the line is clean\n- the bag is new\n- the pump is on\n- you know whom to call"

    assert reading_grade(items) < reading_grade(items.replace("\n- ", " ").removeprefix("- "))
