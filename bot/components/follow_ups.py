"""What people ask after an answer, remembered: the nearest of it says what a text may mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.embedding import EMBEDDINGS
from bot.components.features import stacked
from bot.components.labels import Labels
from bot.components.readings import FOLLOW_UP_TO, WANTED
from encoder.arrays import Matrix, Numbers

_SECOND = 0.9  # A label that is not the best of a follow-up counts for less.


@dataclass(frozen=True)
class FollowUps:
    """Follow-ups with the entry they are typed after, the ones after an entry side by side.

    Attributes:
        vectors: embeddings, unit rows, shape [n_follow_ups, n_dims].
        places: for each entry that something is asked after, where its own begin and end.
        wanted: the labels meant, shape [n_wanted].
        wanted_by: the follow-up that means each of them, rising, shape [n_wanted].
        counts: 1 for the best label of a follow-up, less for another one, shape [n_wanted].
        columns: the place of each wanted label among all labels, -1 for one that is not there;
            shape [n_wanted].
        n_labels: how many labels there are.
    """

    vectors: Matrix
    places: Mapping[str, slice]
    wanted: np.ndarray[Any, Any]
    wanted_by: Numbers
    counts: Matrix
    columns: Numbers
    n_labels: int = 0

    @classmethod
    def of(cls, vectors: Matrix, after: list[str], wanted: list[list[str]]) -> FollowUps:
        """Put follow-ups in order.

        Args:
            vectors: unit rows, shape [n_follow_ups, n_dims].
            after: the entry before each.
            wanted: the labels that each means, best first.
        """
        order = sorted(range(len(after)), key=after.__getitem__)
        sizes = [len(wanted[at]) for at in order]
        places: dict[str, slice] = {}
        for place, at in enumerate(order):
            start = places[after[at]].start if after[at] in places else place
            places[after[at]] = slice(start, place + 1)
        return cls(
            vectors[order],
            places,
            np.array([label for at in order for label in wanted[at]], dtype=str),
            np.repeat(np.arange(len(order)), sizes),
            np.array([1 if n == 0 else _SECOND for size in sizes for n in range(size)], np.float32),
            np.full(sum(sizes), -1),
        )

    @classmethod
    def none(cls) -> FollowUps:
        """Return what a house remembers that has no follow-ups."""
        return cls.of(np.zeros((0, 0), np.float32), [], [])

    def among(self, labels: Labels) -> FollowUps:
        """Return the same with the places of what they mean among all labels."""
        columns = np.array([labels.column.get(str(label), -1) for label in self.wanted], np.int64)
        return replace(self, columns=columns, n_labels=len(labels))

    def nearest(self, vector: Matrix, after: Iterable[str]) -> Matrix:
        """Return each label's best similarity, 0 where it is meant by none; shape [n_labels].

        Args:
            vector: of a text, of unit length, shape [n_dims].
            after: the entries whose follow-ups are looked at.
        """
        best = np.zeros(self.n_labels, np.float32)
        for place in (self.places[entry] for entry in after if entry in self.places):
            own = slice(*np.searchsorted(self.wanted_by, [place.start, place.stop]))
            known = self.columns[own] >= 0
            similarities = self.vectors[place] @ vector
            found = similarities[self.wanted_by[own] - place.start] * self.counts[own]
            np.maximum.at(best, self.columns[own][known], found[known])
        return best

    def save(self, file: Path) -> None:
        """Store them as arrays; nothing in the file can run."""
        sizes = [place.stop - place.start for place in self.places.values()]
        np.savez(
            file,
            vectors=self.vectors.astype(np.float16),  # Half the room, and no similarity changes.
            after=np.repeat(np.array(list(self.places), dtype=str), sizes),
            wanted=self.wanted,
            wanted_by=self.wanted_by,
        )

    @classmethod
    def load(cls, file: Path) -> FollowUps:
        """Return stored follow-ups.

        Raises:
            OSError: there is no such file.
            ValueError: the file is something else.
        """
        with np.load(file, allow_pickle=False) as stored:
            wanted: list[list[str]] = [[] for _ in stored["after"]]
            for at, label in zip(stored["wanted_by"], stored["wanted"], strict=True):
                wanted[at].append(str(label))
            vectors = stored["vectors"].astype(np.float32)
            return cls.of(vectors, [str(entry) for entry in stored["after"]], wanted)


def follow_ups_of(training_data: TrainingData) -> FollowUps:
    """Return the follow-ups among all examples, which have been embedded."""
    messages = [each for each in training_data.training_examples if each.get(FOLLOW_UP_TO)]
    if not messages:
        return FollowUps.none()
    rows = [stacked(message.get(EMBEDDINGS).by_encoder) for message in messages]
    after = [message.get(FOLLOW_UP_TO) for message in messages]
    return FollowUps.of(np.vstack(rows), after, [message.get(WANTED) for message in messages])
