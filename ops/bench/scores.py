"""Scores and thresholds, as pure functions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

OUTSIDE = "(outside)"
"""The class of what belongs to no label."""

# What a mistake costs, in units of one good clarification; docs/decisions/0008 says why.
MISSED_COSTS, WRONG_COSTS, FOREIGN_COSTS = 2.0, 4.0, 6.0
GRID = tuple(step / 20 for step in range(21))
FINE_GRID = tuple(step / 200 for step in range(201))


@dataclass(frozen=True)
class Guess:
    """What a message is, what was made of it, and how sure that was.

    Attributes:
        wanted: labels that are right; none for a message from outside.
        label: the likeliest label that is ours.
        confidence: of that label.
    """

    wanted: frozenset[str]
    label: str
    confidence: float

    @property
    def is_foreign(self) -> bool:
        """Whether the message is none of ours."""
        return not self.wanted

    def is_right(self, threshold: float) -> bool:
        """Say whether it is answered rightly when answers need so much confidence."""
        return self.confidence >= threshold and self.label in self.wanted


def matthews(wanted: Sequence[str], found: Sequence[str]) -> float:
    """Return the Matthews correlation of two labellings, in [-1, 1]; 0 when one is constant.

    Args:
        wanted: the right class of each message.
        found: the class each message was given.

    Source: Gorodkin, Comparing two K-category assignments by a K-category correlation
    coefficient (2004), equation 8.
    """
    total = len(wanted)
    right = sum(one == other for one, other in zip(wanted, found, strict=True))
    of_wanted, of_found = Counter(wanted), Counter(found)
    by_chance = sum(count * of_found[name] for name, count in of_wanted.items())
    spread_wanted = total**2 - sum(count**2 for count in of_wanted.values())
    spread_found = total**2 - sum(count**2 for count in of_found.values())
    if not spread_wanted or not spread_found:
        return 0.0
    return (right * total - by_chance) / math.sqrt(spread_wanted * spread_found)


def matthews_at(guesses: Sequence[Guess], threshold: float) -> float:
    """Return the Matthews correlation with "outside" as a class of its own.

    A message that is less sure than the threshold counts as from outside.
    """
    wanted = [next(iter(guess.wanted), OUTSIDE) for guess in guesses]
    found = [guess.label if guess.confidence >= threshold else OUTSIDE for guess in guesses]
    return matthews(wanted, found)


def best_matthews(guesses: Sequence[Guess]) -> tuple[float, float]:
    """Return the highest Matthews correlation over steps of 0.05, and its threshold."""
    return max((matthews_at(guesses, threshold), threshold) for threshold in GRID)


def in_scope_right(guesses: Sequence[Guess], threshold: float) -> float:
    """Return the share of our messages that are answered rightly, in [0, 1]."""
    ours = [guess for guess in guesses if not guess.is_foreign]
    return sum(guess.is_right(threshold) for guess in ours) / max(len(ours), 1)


def foreign_refused(guesses: Sequence[Guess], threshold: float) -> float:
    """Return the share of foreign messages that stay below the threshold, in [0, 1]."""
    foreign = [guess for guess in guesses if guess.is_foreign]
    return sum(guess.confidence < threshold for guess in foreign) / max(len(foreign), 1)


def threshold_for_both(guesses: Sequence[Guess], right: float, refused: float) -> float:
    """Return the threshold in the middle of those at which both goals are met.

    The middle leaves the same room on both sides. Where none meets both, the highest one that
    keeps `right` is returned, or 0.

    Args:
        guesses: of a validation set.
        right: least share of our messages that are answered rightly.
        refused: least share of foreign messages that are refused.
    """
    keeping = [at for at in FINE_GRID if in_scope_right(guesses, at) >= right]
    meeting = [at for at in keeping if foreign_refused(guesses, at) >= refused]
    if meeting:
        return meeting[len(meeting) // 2]
    return max(keeping, default=0.0)


def cheapest_threshold(guesses: Sequence[Guess]) -> float:
    """Return the threshold at which the mistakes cost least, in the house's own costs.

    Args:
        guesses: of messages that were held out of training.
    """
    # Similarities of one model lie close together, so its own values are the candidates.
    candidates = sorted({guess.confidence for guess in guesses} | {math.inf})
    return min(candidates, key=lambda threshold: _costs(guesses, threshold))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values does not exceed (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _costs(guesses: Sequence[Guess], threshold: float) -> float:
    costs = 0.0
    for guess in guesses:
        if guess.confidence < threshold:
            costs += 0 if guess.is_foreign else MISSED_COSTS
        elif guess.is_foreign:
            costs += FOREIGN_COSTS
        elif guess.label not in guess.wanted:
            costs += WRONG_COSTS
    return costs
