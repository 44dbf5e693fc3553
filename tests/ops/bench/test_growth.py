import pytest

from knowledge import load_knowledge, normalise_question
from ops.bench.growth import QUESTIONS_OF_AN_ENTRY, make_project, multiplied


def entry(name, questions):
    review = {"status": "pending", "reviewer": None, "reviewed_on": None, "due_on": "2027-01-01"}
    return {
        "id": name, "title": name, "questions": questions, "related": ["other"],
        "answer": "First.\n\nSecond.", "as_of": 2023, "review": review,
    }  # fmt: skip


@pytest.fixture
def topics():
    return {
        name: [entry(f"{name}-{at}", [f"{name} {at} {word}" for word in "abcdefghij"])]
        for at, name in enumerate(("one", "two"))
    }


def made_entries(topics, size):
    return [entry for entries in multiplied(topics, size).values() for entry in entries]


def test_as_many_entries_as_asked_for_and_the_originals_first(topics):
    made = made_entries(topics, 7)

    assert len({entry["id"] for entry in made}) == 7
    assert {"one-0", "two-1"} <= {entry["id"] for entry in made}


def test_no_question_stands_twice(topics):
    asked = [
        normalise_question(q) for entry in made_entries(topics, 20) for q in entry["questions"]
    ]

    assert len(asked) == len(set(asked)) == 20 * QUESTIONS_OF_AN_ENTRY


def test_more_than_the_variants_yield_is_refused(topics):
    with pytest.raises(ValueError, match="not 1000"):
        multiplied(topics, 1000)


def test_the_project_passes_the_knowledge_rules(tmp_path):
    questions = make_project(tmp_path, 300)

    entries = load_knowledge(tmp_path / "knowledge").entries

    assert len(entries) == 300
    assert len(questions) == 300 * QUESTIONS_OF_AN_ENTRY
