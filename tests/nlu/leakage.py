"""Finds training texts that say the same as a held-out one: `python -m tests.nlu.leakage`.

A held-out message that is trained on makes its score a lie. Whenever a pair is found, the training
text goes and the held-out one stays: no message of a set ever moves to training.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge import normalise_question
from tests.nlu.cases import Case, load_sets
from tests.nlu.scoring import SAFETY
from tests.nlu.training_texts import (
    SafetyExample,
    TrainingText,
    safety_examples,
    training_texts,
)

# Mean cosine similarity over both encoders from which two texts count as one. Read off the pairs of
# the first two sets: from 0.95 up all of them ask the same in nearly the same words ("which doctor
# did the study", "which doctor ran the study"); at 0.94 come pairs that ask for something else
# ("how many babies have a relapse", "how many babies survive a relapse").
LIMIT = 0.95
# Shorter texts are judged on equality of words alone: three words have few wordings, and one of
# them exchanged makes another question that the encoders still put close.
LEAST_WORDS = 4

Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Leak:
    """A training text that is to be dropped, and the held-out message that it gives away."""

    place: str
    label: str
    text: str
    held_out: str
    similarity: float
    is_title: bool = False

    def __str__(self) -> str:
        """One line for an editor: what to take out where, and why."""
        alike = "same words" if self.similarity == 1 else f"similarity {self.similarity:.3f}"
        remedy = "word the title anew," if self.is_title else "drop the training text"
        return (
            f"{self.place}: {remedy} {self.text!r} of {self.label}; "
            f"{alike} as held out at {self.held_out}"
        )


def leaks(cases: Sequence[Case], texts: Sequence[TrainingText]) -> list[Leak]:
    """Return training texts with the same words as a held-out message, or nearly its meaning."""
    same = list(same_words(cases, texts))
    known = {(leak.place, leak.held_out) for leak in same}
    near = [leak for leak in near_meaning(cases, texts) if (leak.place, leak.held_out) not in known]
    return sorted(same + near, key=lambda leak: (leak.place, leak.held_out))


def same_words(cases: Iterable[Case], texts: Iterable[TrainingText]) -> Iterator[Leak]:
    """Yield pairs whose words are equal once letter case, marks and apostrophes are gone."""
    trained: dict[str, list[TrainingText]] = defaultdict(list)
    for text in texts:
        trained[_key(text.text)].append(text)
    for case in cases:
        for text in trained.get(_key(case.text), ()):
            if _is_met(case, text):
                yield _leak(case, text, 1.0)


def near_meaning(cases: Sequence[Case], texts: Sequence[TrainingText]) -> Iterator[Leak]:
    """Yield pairs of some words each whose mean similarity is LIMIT or more."""
    long_cases = [case for case in cases if _is_long(case.text)]
    long_texts = [text for text in texts if _is_long(text.text)]
    # A follow-up is met by what is typed after an entry, so that only that is compared with it.
    questions = [text for text in long_texts if not text.after]
    follow_ups = [text for text in long_texts if text.after]
    encoders = _encoders() if long_cases and long_texts else []
    yield from _near(long_cases, questions, encoders)
    yield from _near([case for case in long_cases if case.after], follow_ups, encoders)


def _near(
    cases: Sequence[Case], texts: Sequence[TrainingText], encoders: Sequence[Any]
) -> Iterator[Leak]:
    if not cases or not texts:
        return
    held_out, trained = [case.text for case in cases], [text.text for text in texts]
    for row, column, similarity in similar_pairs(held_out, trained, encoders, LIMIT):
        if _is_met(cases[row], texts[column]):
            yield _leak(cases[row], texts[column], similarity)


def similar_pairs(
    left: Sequence[str], right: Sequence[str], encoders: Sequence[Any], limit: float
) -> list[tuple[int, int, float]]:
    """Return the pairs whose similarity, meant over the encoders, is `limit` or more.

    The first encoder sees every text and rules out what no second opinion could bring up to the
    limit, so that the others see only what is left.
    """
    first, *others = encoders
    similarity = _encoded(first, left) @ _encoded(first, right).T
    # Were all others to say 1, the first has to say at least this much.
    rows, columns = np.nonzero(similarity >= limit * len(encoders) - len(others))
    total = similarity[rows, columns].astype(np.float64)
    for encoder in others:
        vectors = _vectors(encoder, {left[row] for row in rows} | {right[at] for at in columns})
        for number, (row, column) in enumerate(zip(rows, columns, strict=True)):
            total[number] += float(vectors[left[row]] @ vectors[right[column]])
    means = total / len(encoders)
    return [
        (int(row), int(column), float(mean))
        for row, column, mean in zip(rows, columns, means, strict=True)
        if mean >= limit
    ]


def safety_leaks(cases: Iterable[Case], examples: Sequence[SafetyExample]) -> list[Leak]:
    """Return examples of safety's that stand for the very words of a message it is judged by.

    Its classifier reads words and letters, not meaning, so that words are what is compared.
    """
    # Most examples are one text each: those are looked up, and few patterns are left to try.
    plain: dict[str, list[SafetyExample]] = defaultdict(list)
    for example in examples:
        if not example.has_choices:
            plain[normalise_question(example.text)].append(example)
    moulds = [example for example in examples if example.has_choices]
    return [
        Leak(example.place, example.category, example.text, case.place, 1.0)
        for case in cases
        if case.family in (*SAFETY, "harmless")
        for words in [normalise_question(case.text)]
        for example in (*plain.get(words, ()), *(m for m in moulds if m.words.fullmatch(words)))
    ]


def all_leaks() -> list[Leak]:
    """Return every leak of the repository as it stands."""
    cases = [case for held_out in load_sets() for case in held_out.cases]
    return leaks(cases, list(training_texts())) + safety_leaks(cases, list(safety_examples()))


def _is_met(case: Case, text: TrainingText) -> bool:
    """Say whether a case can meet a training text.

    A follow-up is met by what is typed after an entry: the same one, or any other where it would
    give the answer away.
    """
    if not text.after:
        return True
    return text.after == case.after or (bool(case.after) and text.label in case.labels)


def _leak(case: Case, text: TrainingText, similarity: float) -> Leak:
    return Leak(text.place, text.label, text.text, case.place, similarity, text.is_title)


def _key(text: str) -> str:
    # Emoji and marks alone have no words; then the marks themselves are what is typed.
    return normalise_question(text) or text.strip()


def _is_long(text: str) -> bool:
    return len(normalise_question(text).split()) >= LEAST_WORDS


def _encoded(encoder: Any, texts: Sequence[str]) -> Matrix:
    vectors = _vectors(encoder, set(texts))
    return np.stack([vectors[text] for text in texts])


def _vectors(encoder: Any, texts: set[str]) -> Mapping[str, Matrix]:
    from bot.text import normalise

    plain = {text: normalise(text) for text in texts}
    vectors = encoder.encode_many(set(plain.values()))
    return {text: vectors[plain[text]] for text in texts}


def _encoders() -> list[Any]:
    """Return the encoders as their packages bring them, the quicker one first.

    The bot's own has learned to put questions of one entry close together, which says nothing of
    whether they say the same.
    """
    from bot.components.embedding import weights_version
    from bot.components.minilm import MiniLMEmbedding
    from bot.components.universal import UniversalSentenceEmbedding

    return [
        encoder({"weights": weights_version(*encoder.weights_files())})
        for encoder in (UniversalSentenceEmbedding, MiniLMEmbedding)
    ]


def main() -> int:
    """Print every pair, the training text first; end with 1 when there is one."""
    found = all_leaks()
    for leak in found:
        print(leak)
    print(f"{len(found)} pairs, {len({leak.place for leak in found})} training texts to drop")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
