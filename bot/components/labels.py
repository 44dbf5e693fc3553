"""All labels of a model, with what every message asks of them put together once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from bot.names import entry_id
from encoder.arrays import Numbers


class Labels(tuple[str, ...]):
    """Labels in the order of the confidences; a tuple that knows which of them are entries."""

    @classmethod
    def of(cls, labels: Sequence[str]) -> Labels:
        """Return the labels themselves if they are `Labels`, or else put together."""
        return labels if isinstance(labels, Labels) else cls(labels)

    @cached_property
    def is_entry(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each label is an entry's, shape [n_labels]."""
        return np.array([entry_id(label) is not None for label in self], dtype=bool)

    @cached_property
    def entries(self) -> frozenset[str]:
        """The labels of entries, `ask/<id>`."""
        return frozenset(label for label in self if entry_id(label) is not None)

    @cached_property
    def column(self) -> dict[str, int]:
        """The place of each label."""
        return {label: at for at, label in enumerate(self)}

    def columns(self, labels: Iterable[str]) -> list[int]:
        """Return the places of some labels; unknown ones have none."""
        return [self.column[label] for label in labels if label in self.column]


def best_first(confidences: np.ndarray[Any, Any]) -> Numbers:
    """Return the places by falling confidence, equal ones in their order, shape [n_labels]."""
    order: Numbers = np.argsort(-confidences, kind="stable")
    return order
