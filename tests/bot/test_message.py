"""A message means what its whole and its parts say together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.label_model import EVIDENCE
from bot.components.message import MessageModel, n_weights
from bot.components.readings import Reading
from bot.components.weights import read_weights
from encoder.arrays import Matrix

LABELS = ["advice", "ask/a", "ask/b", "follow_up", "greet", "out_of_scope", "request_person"]


def model() -> MessageModel:
    return MessageModel(LABELS, read_weights("message"))


def message(*parts: str) -> list[Reading]:
    """The readings of a message of some parts; one alone is the whole message."""
    whole = Reading(" ".join(parts), "whole", -1, has_topic=True, is_question=True)
    if len(parts) < 2:
        return [whole]
    return [
        whole,
        *(
            Reading(text, "part", number, has_topic=True, is_question="?" in text)
            for number, text in enumerate(parts)
        ),
    ]


def evidence(chances: Matrix) -> Matrix:
    """Evidence that agrees with the chances."""
    agreeing = np.repeat(chances[..., None], len(EVIDENCE), axis=-1).astype(np.float32)
    for name in ("regression", "neighbours"):
        agreeing[..., EVIDENCE.index(name)] = np.log(chances + 1e-3)
    return agreeing


def best(readings: list[Reading], *rows: dict[str, float]) -> tuple[str, float]:
    chances = np.full((len(readings), len(LABELS)), 0.005, np.float32)
    for row, known in enumerate(rows):
        for label, chance in known.items():
            chances[row, LABELS.index(label)] = chance
    found = model().chances(readings, chances, evidence(chances))
    return LABELS[int(found.argmax())], float(found.max())


def test_a_clear_question_stays_what_it_is() -> None:
    label, chance = best(message("what is a port"), {"ask/a": 0.95})
    assert label == "ask/a"
    assert chance > 0.7


def test_the_question_of_a_long_story_counts() -> None:
    """Read whole it is a blur; its one question is plain."""
    readings = message("we are home since monday.", "my mother came.", "how long is treatment?")
    rows = ({"ask/a": 0.2, "ask/b": 0.3}, {"ask/b": 0.3}, {"greet": 0.3}, {"ask/a": 0.95})
    assert best(readings, *rows)[0] == "ask/a"


def test_a_sentence_beside_the_question_does_not_take_over() -> None:
    """The whole is sure; an odd remark reads like a wish for a person."""
    readings = message("explain it like i am a bus driver.", "what is anemia?")
    rows = ({"ask/a": 0.95}, {"request_person": 0.6}, {"ask/a": 0.9})
    assert best(readings, *rows)[0] == "ask/a"


def test_a_plain_greeting_keeps_its_chances_beside_the_last_entry() -> None:
    """ "ok" behind an answer has readings with that answer, and is one word all the same."""
    (whole,) = message("ok")
    readings = [whole, replace(whole, role="context"), replace(whole, role="subject")]
    chances = np.full((3, len(LABELS)), 0.001, np.float32)
    chances[0, LABELS.index("greet")] = 0.99
    chances[1:, LABELS.index("ask/a")] = 0.9
    assert (model().chances(readings, chances, evidence(chances)) == chances[0]).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_chances_are_chances(seed: int, n_parts: int) -> None:
    readings = message(*(f"part {number}?" for number in range(n_parts)))
    random = np.random.default_rng(seed)
    chances = random.dirichlet(np.full(len(LABELS), 0.3), len(readings)).astype(np.float32)
    found = model().chances(readings, chances, evidence(chances))
    assert found.shape == (len(LABELS),)
    assert found.min() >= 0
    assert found.sum() <= 1 + 1e-5


def test_without_entries_the_reading_of_the_whole_stands() -> None:
    """Another bot's labels, as in the public test sets, say nothing that the weights speak of."""
    chances = np.array([[0.7, 0.3]], np.float32)
    bare = MessageModel(["one", "two"], read_weights("message"))
    assert (bare.chances(message("hm"), chances, evidence(chances)) == chances[0]).all()


def test_another_number_of_weights_is_refused() -> None:
    with pytest.raises(ValueError, match=f"{n_weights()} weights"):
        MessageModel(LABELS, np.zeros(3, np.float32))
