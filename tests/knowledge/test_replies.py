"""Templates for replies, with blanks and evidence, and the services of the organisation."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import KnowledgeError, Replies, load_knowledge, load_replies, open_blanks
from tests.knowledge.houses import change, write_house

ROOT = Path(__file__).resolve().parents[2]
REPLIES = """\
templates:
- id: hello
  version: 1
  category: opening
  title: Hello
  text: Hello, I'm [[your name]]. It is [[day and time]].
  facts: []
  sources: []
  as_of: null
  review: {status: pending, reviewer: null, reviewed_on: null, due_on: '2027-05-01'}
- id: study-short
  version: 2
  category: study
  title: The study
  text: The drug was added to chemo.
  facts: [study-1]
  sources: [nejm]
  as_of: '2023-04'
  review: {status: pending, reviewer: null, reviewed_on: null, due_on: '2027-05-01'}
services:
- {id: chat, title: This chat, entry: service-good, source: nejm, verified: false}
"""


def load(folder: Path, text: str) -> Replies:
    write_house(folder)
    (folder / "replies.yml").write_text(text, encoding="utf-8")
    return load_replies(folder, load_knowledge(folder))


def test_a_template_has_its_blanks_in_order_and_its_evidence(tmp_path: Path) -> None:
    replies = load(tmp_path, REPLIES)

    assert replies.templates["hello"].blanks == ("your name", "day and time")
    assert replies.templates["hello"].as_of is None
    assert [source.id for source in replies.templates["study-short"].sources] == ["nejm"]
    assert replies.templates["study-short"].version.startswith("2-")


def test_a_service_takes_its_words_from_an_entry_and_its_address_from_a_source(
    tmp_path: Path,
) -> None:
    service = load(tmp_path, REPLIES).services["chat"]

    assert (service.entry_id, service.url) == ("service-good", "https://example.org/a")
    assert not service.is_verified


def test_a_folder_without_the_file_has_no_templates(tmp_path: Path) -> None:
    write_house(tmp_path)

    assert load_replies(tmp_path, load_knowledge(tmp_path)) == Replies({}, {})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[[day and time]]", "[[day and time", "close each blank"),
        ("as_of: '2023-04'", "as_of: null", "together"),
        ("facts: [study-1]", "facts: []", "together"),
        ("facts: [study-1]", "facts: [study-3]", "nobody has checked it"),
        ("sources: [nejm]", "sources: [news]", "cite a source of the fact study-1"),
        ("sources: [nejm]", "sources: [nowhere]", "the bibliography does not have it"),
        ("id: study-short", "id: hello", "this one is taken"),
        ("id: study-short", "id: Study Short", "small letters"),
        ("entry: service-good", "entry: gone", "there is no such entry"),
        ("source: nejm,", "source: gone,", "the bibliography lacks it"),
        ("  category: opening\n", "", "add the field 'category'"),
        ("services:", "extra: 1\nservices:", "remove the field 'extra'"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_what_to_change(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(KnowledgeError) as caught:
        load(tmp_path, change(REPLIES, old, new))

    assert any(says in problem for problem in caught.value.problems), caught.value.problems


def test_only_whole_brackets_are_blanks() -> None:
    assert open_blanks("a [b] [[c]] [[d\n]] [[]]") == ("c",)


def test_the_house_has_templates_of_every_category_and_services() -> None:
    folder = ROOT / "knowledge"
    replies = load_replies(folder, load_knowledge(folder))
    categories = {template.category for template in replies.templates.values()}

    assert categories >= {"opening", "asking", "feelings", "limits", "next steps", "closing"}
    assert len(replies.services) >= 5
