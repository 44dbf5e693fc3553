import pytest
import yaml

from knowledge import load_knowledge
from ops.bench.data import Example, copy_project, entries_by_topic, nlu_blocks, spread, thin_out
from ops.settings import ROOT


@pytest.fixture(scope="module")
def thinned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    copy_project(folder)
    thin_out(folder, 8)
    return folder


def test_a_sample_is_spread_over_all():
    assert spread(list("abcdefghij"), 5) == list("acegi")
    assert spread(list("abc"), 5) == list("abc")
    assert spread([], 5) == []


def test_every_entry_keeps_its_answer_and_eight_of_its_questions(thinned):
    ours = load_knowledge(ROOT / "knowledge").entries
    kept = load_knowledge(thinned / "knowledge").entries

    assert kept.keys() == ours.keys()
    for name, entry in kept.items():
        assert len(entry.questions) == 8
        assert set(entry.questions) <= set(ours[name].questions)
        assert entry.answer == ours[name].answer


def test_every_intent_keeps_eight_of_its_examples(thinned):
    ours: dict[str, list[str]] = {}
    for file in (ROOT / "data" / "nlu").glob("*.yml"):
        for block in yaml.safe_load(file.read_text())["nlu"]:
            ours.setdefault(block["intent"], []).extend(block["examples"].splitlines())

    (file,) = (thinned / "data" / "nlu").iterdir()
    kept = {
        block["intent"]: block["examples"].splitlines()
        for block in yaml.safe_load(file.read_text())["nlu"]
    }

    assert kept.keys() == ours.keys()
    for intent, lines in kept.items():
        assert len(lines) == min(8, len(ours[intent]))
        assert set(lines) <= set(ours[intent])


def test_the_house_itself_is_left_alone(thinned):
    questions = [
        question
        for entries in entries_by_topic(ROOT).values()
        for entry in entries
        for question in entry["questions"]
    ]

    assert len(questions) > 8 * len(load_knowledge(thinned / "knowledge").entries)


def test_examples_of_a_label_stand_in_one_block():
    examples = [Example("a\nb", "x"), Example("c", "y"), Example("d", "x")]

    assert nlu_blocks(examples) == [
        {"intent": "x", "examples": "- a b\n- d\n"},
        {"intent": "y", "examples": "- c\n"},
    ]
