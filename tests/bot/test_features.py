"""The short ways of computing give what the long ones do."""

from __future__ import annotations

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from bot.components.features import (
    LetterFeatures,
    Postings,
    Projection,
    WordFeatures,
)
from bot.components.labels import Labels
from bot.components.naive_bayes import NaiveBayes
from bot.components.output import RANKING_LENGTH, set_intent

TEXTS = [
    "what is blinatumomab",
    "how long does the treatment take",
    "how long is the treatment with blinatumomab, how long",
    "who pays for the hotel",
    "is fever dangerous",
]
RANDOM = np.random.default_rng(5)


def test_letters_of_a_text_are_those_of_fitting() -> None:
    letters, fitted = LetterFeatures.fit(TEXTS, dims=4, seed=1)

    stored = LetterFeatures.from_arrays(letters.arrays())

    assert stored.transform(TEXTS) == pytest.approx(fitted, abs=1e-6)
    assert not stored.transform(["???"]).any()


def test_words_are_compared_as_by_a_whole_matrix() -> None:
    words, fitted = WordFeatures.fit(TEXTS)

    stored = WordFeatures.from_arrays(words.arrays())
    found = Postings(fitted).similarities(stored.transform(TEXTS))

    assert found == pytest.approx((fitted @ fitted.T).toarray(), abs=1e-6)
    assert not Postings(fitted).similarities(stored.transform(["nothing known"])).any()


def test_naive_bayes_is_the_usual_one() -> None:
    targets = np.array([0, 1, 1, 2, 2])
    counter = CountVectorizer(
        ngram_range=(1, 2), binary=True, token_pattern=r"[a-z0-9][a-z0-9'\-]*"
    )
    usual = MultinomialNB(alpha=0.05, fit_prior=False).fit(counter.fit_transform(TEXTS), targets)
    asked = [*TEXTS, "how long for the hotel", "nothing known"]

    stored = NaiveBayes.from_arrays(NaiveBayes.fit(TEXTS, targets, 3).arrays())

    expected = usual.predict_proba(counter.transform(asked))
    assert stored.shares(asked) == pytest.approx(expected, abs=1e-5)


def test_evened_similarities_are_cosines_of_evened_rows() -> None:
    rows = RANDOM.standard_normal((40, 6)).astype(np.float32)
    projection = Projection.fit(rows, 4)
    near = projection.transform(rows)
    even = near / projection.spread
    unit = even / np.linalg.norm(even, axis=1, keepdims=True)

    found = projection.evening(near) @ near.T / projection.evened_lengths(near)

    assert found == pytest.approx(unit @ unit.T, abs=1e-5)


def test_the_ranking_is_the_top_of_all_labels() -> None:
    entries = [f"ask/entry-{number}" for number in range(40)]
    others = [f"intent_{number}" for number in range(40)]
    labels = Labels([label for pair in zip(entries, others, strict=True) for label in pair])
    chances = RANDOM.permutation(80).astype(np.float32) / 100
    best = {label: float(chance) for label, chance in zip(labels, chances, strict=True)}
    message = Message(data={"text": "x"})

    set_intent(message, labels, chances, "ask/entry-7")

    ranking = message.get("intent_ranking")
    assert len(ranking) == RANKING_LENGTH
    assert ranking[0] == {"name": "ask", "confidence": max(best.values())}
    by_chance = sorted(others, key=lambda label: -best[label])
    assert [item["name"] for item in ranking[1:]] == by_chance[: RANKING_LENGTH - 1]
    selected = message.get("response_selector")["ask"]
    keys = [item["intent_response_key"] for item in selected["ranking"]]
    rest = sorted((e for e in entries if e != "ask/entry-7"), key=lambda label: -best[label])
    assert keys == ["ask/entry-7", *rest[: RANKING_LENGTH - 1]]
    assert selected["response"]["utter_action"] == "utter_ask/entry-7"
