"""Behaviour that every sentence embedding must show, written once and run for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.embedding import (
    EMBEDDINGS,
    SentenceEmbedding,
    Vectors,
    WeightsChanged,
    weights_version,
)
from bot.components.readings import READINGS, Reading

TEXTS = ["what is leukemia?", "why", "is blinatumomab safe for babies?", "zzz", "82 percent"]


def message(*texts: str) -> Message:
    readings = [Reading(text, "whole", -1, True, True) for text in texts]
    return Message(data={"text": texts[0], READINGS: readings})


def vectors(found: Message, embedding: type[SentenceEmbedding]) -> Any:
    return found.get(EMBEDDINGS).by_encoder[embedding.__name__]


def make(embedding: type[SentenceEmbedding]) -> SentenceEmbedding:
    return embedding({"weights": weights_version(*embedding.weights_files())})


def check_rows_have_unit_length(embedding: type[SentenceEmbedding]) -> None:
    rows = make(embedding).encode(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape[0] == len(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)


def check_neighbours_change_nothing(embedding: type[SentenceEmbedding]) -> None:
    """A question must have the same vector in training, in a crowd, and in a turn, alone."""
    encoder = make(embedding)
    crowd = encoder.encode(TEXTS)
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(crowd, alone, atol=1e-4)


def check_meaning_is_closer_than_chance(embedding: type[SentenceEmbedding]) -> None:
    rows = make(embedding).encode(
        ["can my baby have a bath", "is bathing allowed for the infant", "stock prices fell"]
    )
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1


def check_every_reading_gets_a_row(embedding: type[SentenceEmbedding]) -> None:
    one, two = message("why"), message("why", "what is leukemia?")
    make(embedding).process([one, two])
    assert vectors(one, embedding).shape[0] == 1
    assert vectors(two, embedding).shape[0] == 2
    np.testing.assert_allclose(vectors(one, embedding)[0], vectors(two, embedding)[0], atol=1e-4)


def check_training_equals_turns(embedding: type[SentenceEmbedding]) -> None:
    encoder = make(embedding)
    trained, live = message("what is leukemia?"), message("what is leukemia?")
    encoder.process_training_data(TrainingData([trained]))
    encoder.process([live])
    np.testing.assert_allclose(vectors(trained, embedding), vectors(live, embedding), atol=1e-4)


def check_other_encoders_are_kept(embedding: type[SentenceEmbedding]) -> None:
    one = message("why")
    other = Vectors({"other": np.ones((1, 2), np.float32)})
    one.set(EMBEDDINGS, other)
    make(embedding).process([one])
    kept = one.get(EMBEDDINGS).by_encoder
    assert len(kept) == 2
    np.testing.assert_array_equal(kept["other"], other.by_encoder["other"])


def check_other_weights_are_refused(embedding: type[SentenceEmbedding]) -> None:
    for config in ({}, {"weights": "000000000000"}):
        with pytest.raises(WeightsChanged, match=r"config\.yml"):
            embedding(config)


EMBEDDING_CHECKS = [
    check_rows_have_unit_length,
    check_neighbours_change_nothing,
    check_meaning_is_closer_than_chance,
    check_every_reading_gets_a_row,
    check_training_equals_turns,
    check_other_encoders_are_kept,
    check_other_weights_are_refused,
]
