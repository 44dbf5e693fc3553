"""The classifier's weights are those of the examples, byte for byte."""

from collections import Counter
from importlib import resources

import numpy as np
import pytest

from safety.classifier import LABELS, N_FEATURES, Classifier, classifier, features
from safety.lexicon import read_data
from safety.reading import read
from safety.rules import rules
from safety.training import MOST_PER_LINE, examples, expand, main, sentences_of, train


@pytest.fixture(scope="module")
def stored() -> bytes:
    return resources.files("safety").joinpath("data/weights.npz").read_bytes()


@pytest.mark.slow
def test_training_anew_gives_the_stored_weights(stored):
    assert train() == stored, "an example changed: run `python -m safety.training`"


def test_check_notices_other_examples(monkeypatch, capsys):
    monkeypatch.setattr("safety.training.train", lambda: b"other")
    monkeypatch.setattr("safety.training.train_meaning", lambda name: b"never looked at")
    assert main(["--check"]) == 1
    assert "python -m safety.training" in capsys.readouterr().out


def test_weights_are_small_and_hold_no_pickle(stored):
    assert len(stored) < 400_000
    with resources.files("safety").joinpath("data/weights.npz").open("rb") as file:
        assert set(np.load(file, allow_pickle=False).files) == {"weights", "scale", "bias"}


def test_choices_are_written_out_evenly():
    assert expand("{he|she} is {blue|limp}") == [
        "he is blue",
        "he is limp",
        "she is blue",
        "she is limp",
    ]
    many = expand("{a|b|c|d|e|f} {a|b|c|d|e|f} {a|b|c|d|e|f}")
    assert len(many) == len(set(many)) == MOST_PER_LINE
    assert Counter(text[0] for text in many) == dict.fromkeys("abcdef", MOST_PER_LINE // 6)


def test_every_label_has_examples():
    found = {category for _, category in examples()}
    assert found == set(LABELS)


def test_no_example_stands_under_two_labels():
    labels: dict[str, str] = {}
    for text, category in examples():
        assert labels.setdefault(text.lower(), category) == category, text


@pytest.mark.parametrize("text", ["", "he is blue", "one. two? three " * 300, "x" * 5_000, "no"])
def test_scores_are_confidences(text):
    scores = classifier().score(read(text, rules().lexicon))
    assert scores.shape[1] == len(LABELS)
    assert np.allclose(scores.sum(axis=1), 1)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_sentence_scores_as_it_would_alone():
    alone = classifier().score(read("he went limp", rules().lexicon))[0]
    among = classifier().score(read("we are fine. he went limp. thank you", rules().lexicon))[1]
    assert np.allclose(alone, among, atol=1e-6)


def test_features_fit_the_weights():
    for family in features(read("he is blue and limp", rules().lexicon)):
        assert len(family.buckets) == len(family.starts) == len(family.ends)
        assert ((family.buckets >= 0) & (family.buckets < N_FEATURES)).all()


def test_weights_of_another_shape_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match=r"python -m safety\.training"):
        Classifier(np.zeros((3, 2), np.float32), np.zeros(2, np.float32))


def test_only_what_stands_in_brackets_of_a_story_is_a_danger():
    story = "We had a good day. [His lips are blue now.] And then? When may he swim?"
    assert sentences_of(story, "emergency_life") == [
        ("We had a good day.", "none"),
        ("His lips are blue now.", "emergency_life"),
        ("When may he swim?", "none"),
    ]


def test_every_story_of_a_danger_marks_it():
    for category, stories in read_data("examples/told.yml")["examples_by_category"].items():
        for story in stories:
            labels = {label for _, label in sentences_of(story, category)}
            assert category in labels, story
            assert ("[" in story) is (category != "none"), story
