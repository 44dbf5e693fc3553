"""Nothing is trained on that says the same as a held-out message, and what says the same is found.

When the first test fails, the training text goes. The held-out message stays: `thresholds.yml`
counts the messages of each set.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.nlu.cases import ROOT, Case
from tests.nlu.leakage import (
    LEAST_WORDS,
    LIMIT,
    Leak,
    Matrix,
    all_leaks,
    near_meaning,
    safety_leaks,
    same_words,
    similar_pairs,
)
from tests.nlu.training_texts import (
    SafetyExample,
    TrainingText,
    safety_examples,
    training_texts,
    words_of,
)


def held_out(text: str, family: str = "answers") -> Case:
    return Case(family, text, (frozenset({"ask/study-who"}),), "set.yml:7")


def trained(text: str) -> TrainingText:
    return TrainingText("ask/study-who", text, "entries.yml:3")


class Turned:
    """An encoder that knows the vectors of a few texts."""

    def __init__(self, **degrees: float) -> None:
        self._degrees = degrees
        self.seen: list[str] = []

    def encode_many(self, texts: set[str]) -> dict[str, Matrix]:
        self.seen += texts
        return {text: self._turned(np.radians(self._degrees[text])) for text in texts}

    def _turned(self, turn: float) -> Matrix:
        return np.array([np.cos(turn), np.sin(turn)], np.float32)


def test_no_training_text_gives_a_held_out_message_away():
    """Each line of the failure names a training text to take out, never a held-out one."""
    found = all_leaks()
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("text", ["Who took part?", "who took part", "WHO  took part!!"])
def test_same_words_are_found_whatever_case_and_marks(text):
    [leak] = same_words([held_out(text)], [trained("who took part")])
    assert str(leak) == (
        "entries.yml:3: drop the training text 'who took part' of ask/study-who; "
        "same words as held out at set.yml:7"
    )


@pytest.mark.parametrize(
    ("after", "label", "is_met"),
    [
        ("study-what", "ask/study-how-many", True),
        ("study-where", "ask/study-who", True),
        ("study-where", "ask/study-how-many", False),
    ],
)
def test_a_follow_up_is_met_behind_its_entry_or_with_its_answer(after, label, is_met):
    case = replace(held_out("and how many?", "follow_ups"), after="study-what")
    learned = TrainingText(label, "And how many", "entries.yml:3", after=after)
    assert bool(list(same_words([case], [learned]))) is is_met
    assert not list(same_words([held_out("and how many?")], [learned]))


def test_one_more_word_is_another_text():
    assert not list(same_words([held_out("who took part then")], [trained("who took part")]))


def test_marks_without_words_are_told_apart():
    texts = [trained("👍"), trained("---")]
    assert [leak.text for leak in same_words([held_out("👍")], texts)] == ["👍"]


def test_a_title_is_to_be_worded_anew():
    leak = Leak("entries.yml:3", "ask/study-who", "Who took part", "set.yml:7", 1.0, is_title=True)
    assert "word the title anew" in str(leak)


def test_a_near_duplicate_is_found_and_a_neighbour_is_not():
    """On the real encoders: an article makes no difference, another question does."""
    texts = [
        trained("how many babies took part in the study"),
        trained("how many countries took part in the study"),
    ]
    found = list(near_meaning([held_out("how many babies took part in a study")], texts))
    assert [leak.text for leak in found] == ["how many babies took part in the study"]
    assert LIMIT <= found[0].similarity <= 1


def test_short_texts_are_judged_on_their_words_alone():
    assert LEAST_WORDS == 4
    assert not list(near_meaning([held_out("mouth sores")], [trained("the mouth sores")]))


def test_similarity_is_the_mean_over_the_encoders():
    first, second = Turned(a=0, b=10), Turned(a=0, b=20)
    mean = (np.cos(np.radians(10)) + np.cos(np.radians(20))) / 2
    [(row, column, similarity)] = similar_pairs(["a"], ["b"], [first, second], mean - 1e-6)
    assert (row, column) == (0, 0)
    assert similarity == pytest.approx(mean)
    assert not similar_pairs(["a"], ["b"], [first, second], mean + 1e-4)


def test_a_second_encoder_sees_only_what_can_still_reach_the_limit():
    first, second = Turned(a=0, near=5, far=80), Turned(a=0, near=5, far=0)
    found = similar_pairs(["a"], ["near", "far"], [first, second], 0.97)
    assert [column for _, column, _ in found] == [0]
    assert "far" not in second.seen


def test_an_example_of_safetys_stands_for_all_its_choices():
    pattern = words_of("{he|she} {has|} a fever {now!|}")
    for text in ("he has a fever", "she a fever now", "he has a fever now"):
        assert pattern.fullmatch(text)
    assert not pattern.fullmatch("he has fever")


def test_safetys_examples_are_held_against_what_safety_is_judged_by():
    example = SafetyExample("emergency_life", "seizing", words_of("seizing"), "life.yml:9")
    assert len(safety_leaks([held_out("Seizing", "emergency")], [example])) == 1
    assert not safety_leaks([held_out("Seizing")], [example])
    mould = SafetyExample("emergency_life", "{he|she} shakes", words_of("{he|she} shakes"), "l:9")
    cases = [held_out(text, "harmless") for text in ("She shakes!", "it shakes")]
    assert len(safety_leaks(cases, [example, mould])) == 1


def test_places_point_at_the_very_line():
    """What an editor is told to delete is what stands there."""
    found: list[TrainingText | SafetyExample] = [*training_texts(), *safety_examples()]
    assert len(found) > 1000
    files: dict[str, list[str]] = {}
    for text in found:
        path, _, line = text.place.rpartition(":")
        if path not in files:
            files[path] = (ROOT / path).read_text("utf-8").splitlines()
        shown = files[path][int(line) - 1].replace("''", "'").replace('\\"', '"')
        assert " ".join(text.text.split()[:3]) in " ".join(shown.split()), text.place
