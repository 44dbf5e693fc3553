"""Held-out sets are read whole, with the line of every message, and a bad file is refused."""

from __future__ import annotations

import pytest

from tests.nlu.cases import BadSet, load_sets, read_file

SINGLE = """\
# About the set.
version: "3.1"
nlu:
- intent: ask/study-who
  metadata: {also: [study-limits, request_person]}
  examples: |
    - how many kids

    - only thirty - really
- intent: emergency
  metadata: {category: life}
  examples: |
    - she is blue
"""
FOLLOW_UPS = """\
follow_ups:
- {after: study-who, text: "why so few ", wanted: [study-limits]}
- after: null
  text: and then
  wanted: [clarify]
"""
SEVERAL = """\
several:
- text: who ran it and where
  wanted: [[study-leader], [study-countries, study-who]]
"""


@pytest.fixture
def folder(tmp_path):
    """Two sets, and a folder that is none."""
    for day in ("2026-01-05", "2026-02-01", "notes"):
        (tmp_path / day).mkdir()
    (tmp_path / "2026-01-05" / "any-name.yml").write_text(SINGLE)
    (tmp_path / "2026-02-01" / "follow_ups.yml").write_text(FOLLOW_UPS)
    (tmp_path / "2026-02-01" / "several.yml").write_text(SEVERAL)
    (tmp_path / "notes" / "single.yml").write_text(SINGLE)
    return tmp_path


def test_every_folder_named_by_a_day_is_a_set_and_the_newest_comes_first(folder):
    assert [held_out.day for held_out in load_sets(folder)] == ["2026-02-01", "2026-01-05"]


def test_an_empty_folder_is_no_set(folder):
    (folder / "2026-03-01").mkdir()
    assert load_sets(folder)[0].day == "2026-02-01"


def test_single_messages_have_labels_and_lines(folder):
    path = folder / "2026-01-05" / "any-name.yml"
    first, second, third = read_file(path)
    assert (first.family, first.text, first.label) == ("answers", "how many kids", "ask/study-who")
    assert first.wanted == (frozenset({"ask/study-who", "ask/study-limits", "request_person"}),)
    assert first.entries == {"ask/study-who", "ask/study-limits"}
    assert second.text == "only thirty - really"
    assert (third.family, third.category, third.entries) == ("emergency", "life", frozenset())
    lines = path.read_text().splitlines()
    for case in (first, second, third):
        assert case.text in lines[int(case.place.rpartition(":")[2]) - 1]


def test_follow_ups_know_what_was_shown_before(folder):
    first, second = read_file(folder / "2026-02-01" / "follow_ups.yml")
    assert (first.after, first.text) == ("study-who", "why so few")
    assert first.labels == {"ask/study-limits"}
    assert second.after == ""
    assert second.labels == {"clarify"}
    assert not second.entries
    assert [case.place.rpartition(":")[2] for case in (first, second)] == ["2", "4"]


def test_several_questions_keep_their_order(folder):
    [case] = read_file(folder / "2026-02-01" / "several.yml")
    assert case.wanted == (
        frozenset({"ask/study-leader"}),
        frozenset({"ask/study-countries", "ask/study-who"}),
    )


@pytest.mark.parametrize(
    "content",
    [
        "stories: []",
        "nlu: [{intent: ask/a}]",
        "follow_ups: [{text: why, wanted: []}]",
        "several: [{text: ' ', wanted: [[a]]}]",
        "nlu: [",
        "just words",
    ],
)
def test_a_file_of_another_form_is_refused_by_name(folder, content):
    (folder / "2026-02-01" / "odd.yml").write_text(content)
    with pytest.raises(BadSet, match=r"odd\.yml"):
        load_sets(folder)
