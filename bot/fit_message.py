"""Fits the weights of `MessageModel`: `python -m bot.fit_message` from the project's root.

It learns from the validation messages and the earlier held-out sets; the newest held-out set is
never read. Needs a trained model. Run `python -m bot.fit_context` afterwards: it builds on this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.choice import fit, gather, right_when_left_out
from bot.components.message import MessageModel, n_weights
from bot.components.weights import write_weights
from bot.names import FOLLOW_UP, FOREIGN, JUDGEMENTS, entry_label
from bot.trained import TrainedBot, newest_archive
from encoder.arrays import Matrix

VALIDATION = Path("tests/nlu/validation")
_DAYS = ("2026-11-23", "2026-11-26", "2026-11-26b", "2026-11-26c", "2026-11-26d", "2026-11-27")
EARLIER = tuple(Path("tests/nlu", day) for day in _DAYS)
NOTHING = "none"
_PENALTY = 1e-3

# A verdict about one child is the worst reply; an answer to what is none of ours the next.
_COUNTS = {"advice": 2.0, "out_of_scope": 2.0}

# What the labels of held-out sets that are no entry may be called by the model.
_MEANT = {
    "request_person": ("request_person",),
    "advice": tuple(sorted(JUDGEMENTS)),
    "out_of_scope_near": (*sorted(FOREIGN), NOTHING),
    "out_of_scope_far": (*sorted(FOREIGN), NOTHING),
    "small_talk": (
        "greet", "goodbye", "thanks", "okay", "bare_reply", "robot", "how_are_you",
        "who_made_you", "insult", "complaint", "good_news", "empathy", "grief",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A message and the labels any of which is right."""

    text: str
    wanted: tuple[str, ...]


def examples(*folders: Path) -> Iterator[Example]:
    """Yield the messages with one meaning of some folders."""
    for file in sorted(file for folder in folders for file in folder.glob("*.yml")):
        content = yaml.safe_load(file.read_text("utf-8"))
        for case in content.get("follow_ups", []):
            # Alone it says that there must be a past, unless it names what it is about.
            yield Example(case["text"], (FOLLOW_UP, *map(entry_label, _entries(case["wanted"]))))
        for block in content.get("nlu", []):
            label, metadata = block["intent"], block.get("metadata") or {}
            also = tuple(entry_label(each) for each in metadata.get("also", []))
            wanted = (label, *also) if "/" in label else _MEANT.get(label, ())
            for line in block["examples"].splitlines():
                if wanted:
                    yield Example(line.strip().removeprefix("- "), wanted)


def _entries(wanted: list[str]) -> list[str]:
    return [entry for entry in wanted if entry != "clarify"]


def main() -> int:
    """Fit to the newest archive in models/; print how often folds left out are right."""
    bot = TrainedBot(newest_archive(), Path("config.yml"))
    labels = bot.labels
    model = MessageModel(labels, np.zeros(n_weights(), np.float32))
    used = [
        example
        for example in examples(VALIDATION, *EARLIER)
        if {*example.wanted} & {*labels, NOTHING}
    ]
    start = np.zeros(n_weights(), np.float32)
    start[:2] = 1.0  # A message means what it means read whole.
    is_right = [[label in each.wanted for label in [*labels, NOTHING]] for each in used]
    importance = [max(_COUNTS.get(label, 1.0) for label in each.wanted) for each in used]
    inputs = (_inputs(bot, model, example.text) for example in used)
    choices = gather(inputs, is_right, np.array(importance, np.float32), start)
    texts = [example.text for example in used]
    right = right_when_left_out(choices, texts, start, _PENALTY)
    is_answer = np.array(["/" in example.wanted[0] for example in used])
    sys.stdout.write(
        f"right on folds left out: questions {right[is_answer].mean():.3f} of {is_answer.sum()}, "
        f"others {right[~is_answer].mean():.3f} of {(~is_answer).sum()}\n"
    )
    write_weights("message", fit(choices, start, _PENALTY))
    return 0


def _inputs(bot: TrainedBot, model: MessageModel, text: str) -> Matrix:
    readings, judged = bot.read(text)
    return model.inputs(readings, judged.confidences, judged.evidence)


if __name__ == "__main__":
    raise SystemExit(main())
