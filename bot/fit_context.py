"""Fits the weights of `ContextModel`: `python -m bot.fit_context` from the project's root.

Follow-ups teach what the last entry is worth; questions that were written for no entry before
them, put behind one they have nothing to do with, teach when it is worth nothing. The newest
held-out set is never read. Needs a trained model and builds on `python -m bot.fit_message`; the
weights speak of calibrated chances, so they outlive a training, though not another encoder.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import yaml

from bot.choice import fit, gather, right_when_left_out
from bot.components.context import FEATURES, ContextModel, InContext, n_weights
from bot.components.weights import write_weights
from bot.fit_message import EARLIER, NOTHING, VALIDATION, examples
from bot.names import FOLLOW_UP, entry_label
from bot.trained import TrainedBot, newest_archive
from encoder.arrays import Matrix

_PENALTY = 1.5e-3
# Sets that the weights of `bot.fit_message` have not seen; their follow-ups teach these.
_LATER = tuple(Path("tests/nlu", day) for day in ("2026-11-27b", "2026-11-28", "2026-11-29"))
# There are fewer follow-ups than others, and they are the subject. Every third of the others is
# enough to learn from, and stands for three.
_FOLLOW_UPS_COUNT, _EVERY = 4.0, 3

# A text means what it means alone or beside the last entry, rather near than far.
_AT_FIRST = {
    "own": 0.6, "after_title": 0.4, "with_subject": 0.3, "of_item": 0.3, "own_around": 0.3,
    "after_title_around": 0.3, "relates": 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class Behind:
    """A text after an entry, and the labels any of which is right."""

    text: str
    after: str
    wanted: tuple[str, ...]
    is_follow_up: bool


def follow_ups(*folders: Path) -> Iterator[Behind]:
    """Yield the follow-ups of some folders that have an entry before them."""
    for file in sorted(file for folder in folders for file in folder.glob("*.yml")):
        for case in yaml.safe_load(file.read_text("utf-8")).get("follow_ups", []):
            if case["after"]:
                wanted = tuple(entry_label(entry) for entry in case["wanted"])
                yield Behind(case["text"], case["after"], wanted, is_follow_up=True)


def misplaced(entries: list[str]) -> Iterator[Behind]:
    """Yield messages with a meaning of their own, each behind an entry drawn at random."""
    chance = random.Random(3)  # noqa: S311 - a draw of examples, no secret
    for example in examples(VALIDATION, *EARLIER):
        after = chance.choice(entries)
        if FOLLOW_UP not in example.wanted and entry_label(after) not in example.wanted:
            yield Behind(example.text, after, example.wanted, is_follow_up=False)


def main() -> int:
    """Fit to the newest archive in models/; print how often folds left out are right."""
    bot = TrainedBot(newest_archive(), Path("config.yml"))
    labels, titles = bot.labels, bot.readings.titles
    around, asked_after = bot.decision.neighbourhood, bot.decision.follow_ups
    model = ContextModel(labels, around, np.zeros(n_weights(), np.float32), asked_after)
    others = misplaced(sorted(titles))
    used = [
        each
        for each in (*follow_ups(VALIDATION, *EARLIER, *_LATER), *islice(others, 0, None, _EVERY))
        if each.after in titles and {*each.wanted} & {*labels, NOTHING}
    ]
    is_right = [[label in each.wanted for label in [*labels, NOTHING]] for each in used]
    is_follow_up = np.array([each.is_follow_up for each in used])
    start = np.zeros(n_weights(), np.float32)
    for name, weight in _AT_FIRST.items():
        start[FEATURES.index(name)] = weight
    inputs = (_with_none(model, bot.in_context(each.text, each.after)) for each in used)
    importance = np.where(is_follow_up, _FOLLOW_UPS_COUNT, float(_EVERY)).astype(np.float32)
    choices = gather(inputs, is_right, importance, start)
    right = right_when_left_out(choices, [each.text for each in used], start, _PENALTY)
    sys.stdout.write(
        f"right on folds left out: follow-ups {right[is_follow_up].mean():.3f} of "
        f"{is_follow_up.sum()}, others {right[~is_follow_up].mean():.3f} of "
        f"{(~is_follow_up).sum()}\n"
    )
    write_weights("context", fit(choices, start, _PENALTY))
    return 0


def _with_none(model: ContextModel, message: InContext) -> Matrix:
    """Return the inputs of all labels and, last, of none; shape [n_labels + 1, n_weights]."""
    inputs, of_none = model.inputs(message), model.inputs_of_none(message)
    found = np.zeros((len(inputs) + 1, n_weights()), np.float32)
    found[:-1, : inputs.shape[1]] = inputs
    found[-1, inputs.shape[1] :] = of_none
    return found


if __name__ == "__main__":
    raise SystemExit(main())
