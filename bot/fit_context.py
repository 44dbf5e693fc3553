"""Fits the weights of `ContextModel`: `python -m bot.fit_context` from the project's root.

Follow-ups teach what the last entry is worth; questions of an earlier held-out set, put behind an
entry they have nothing to do with, teach when it is worth nothing. The newest held-out set is
never read. Needs a trained model; the weights speak of calibrated chances, so they outlive it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import yaml
from rasa.engine.graph import GraphComponent
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from scipy.optimize import fmin_l_bfgs_b

from bot.components.context import ContextModel, InContext, n_weights
from bot.components.decision import Decision
from bot.components.embedding import SentenceEmbedding
from bot.components.minilm import MiniLMEmbedding
from bot.components.readings import MessageReadings
from bot.components.regression import Matrix
from bot.components.selector import LabelSelector
from bot.components.universal import UniversalSentenceEmbedding
from bot.names import entry_label
from bot.turn import Metadata

WEIGHTS = Path(__file__).parent / "components" / "context_weights.json"
_PENALTY = 3e-3
_FOLLOW_UPS_COUNT = 2.0  # There are fewer of them than of the others, and they are the subject.
_PLACED = 2  # Each question is put behind so many entries.
_NOTHING = "none"

# What the labels of held-out sets that are no entry may be called by the model.
_MEANT = {
    "request_person": ["request_person"],
    "advice": ["advice", "advice_dose", "outlook", "treatment_choice"],
    "out_of_scope_near": ["out_of_scope_health", "out_of_scope", _NOTHING],
    "out_of_scope_far": [
        "out_of_scope", "out_of_scope_health", "gibberish", "instructions", "other_language",
        _NOTHING,
    ],
}  # fmt: skip
_Component = TypeVar("_Component", bound=GraphComponent)


@dataclass(frozen=True)
class Example:
    """A text after an entry, and the labels any of which is right."""

    text: str
    after: str
    wanted: tuple[str, ...]
    is_follow_up: bool


class TrainedBot:
    """The components of a trained archive, outside Rasa's graph."""

    def __init__(self, archive: Path, config_file: Path) -> None:
        """Load them.

        Raises:
            OSError: there is no such archive.
        """
        pipeline = yaml.safe_load(config_file.read_text("utf-8"))["pipeline"]
        self._config = {item["name"].rpartition(".")[2]: item for item in pipeline}
        with TemporaryDirectory() as folder:
            self._storage, _ = LocalModelStorage.from_model_archive(Path(folder), archive)
            self._folder = Path(folder)
            self.readings = self._load(MessageReadings)
            self.selector = self._load(LabelSelector)
            self.decision = self._load(Decision)
        self._encoders: list[SentenceEmbedding] = [
            encoder(self._config[encoder.__name__])
            for encoder in (MiniLMEmbedding, UniversalSentenceEmbedding)
        ]

    def judge(self, texts: list[str]) -> tuple[list[str], Matrix]:
        """Return all labels, and their chances for each text, [n_texts, n_labels]."""
        embeddings = {type(encoder).__name__: encoder.encode(texts) for encoder in self._encoders}
        judged = self.selector.judge(texts, embeddings)
        return list(judged.labels), judged.confidences

    def in_context(self, text: str, after: str) -> InContext:
        """Return a text after an entry as the context model sees it."""
        found = {
            reading.role: reading
            for reading in self.readings.readings(text, Metadata(last_entry=after))
            if reading.part == -1
        }
        own, behind = found["whole"], found.get("context", found["whole"])
        beside = found.get("subject", own)
        _, chances = self.judge([own.text, behind.text, beside.text])
        return InContext(own.text, own.has_topic, after, *chances)

    def _load(self, component: type[_Component]) -> _Component:
        config = {**component.get_default_config(), **self._config[component.__name__]}
        place = next(self._folder.glob(f"*{component.__module__}.{component.__name__}*"))
        loaded: Any = component.load(config, self._storage, Resource(place.name), None)
        return loaded


def examples(follow_ups: Path, earlier: Path, entries: list[str]) -> Iterator[Example]:
    """Yield follow-ups, and the questions of an earlier set behind entries drawn at random."""
    for case in yaml.safe_load(follow_ups.read_text("utf-8"))["follow_ups"]:
        if case["after"]:
            wanted = tuple(entry_label(entry) for entry in case["wanted"])
            yield Example(case["text"], case["after"], wanted, is_follow_up=True)
    chance = random.Random(3)  # noqa: S311 - a draw of examples, no secret
    for file in sorted(earlier.glob("*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            label = block["intent"]
            also = (block.get("metadata") or {}).get("also", [])
            known = [label, *map(entry_label, also)] if "/" in label else _MEANT.get(label, [])
            for line in block["examples"].splitlines():
                for after in chance.sample(entries, _PLACED):
                    if known and entry_label(after) not in known:
                        text = line.strip().removeprefix("- ")
                        yield Example(text, after, tuple(known), is_follow_up=False)


def fit(inputs: Matrix, of_none: Matrix, is_right: Matrix, importance: Matrix) -> Matrix:
    """Return the weights under which the right choices are most likely, shape [n_weights].

    Args:
        inputs: shape [n_examples, n_labels, n_inputs].
        of_none: shape [n_examples, n_inputs_of_none].
        is_right: 1 where a choice is right, none last, shape [n_examples, n_labels + 1].
        importance: shape [n_examples].
    """
    cut = inputs.shape[2]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        strengths = np.concatenate(
            [inputs @ weights[:cut].astype(np.float32), (of_none @ weights[cut:])[:, None]], axis=1
        )
        raised = np.exp(strengths - strengths.max(axis=1, keepdims=True))
        chances = raised / raised.sum(axis=1, keepdims=True)
        right = chances * is_right
        share = right.sum(axis=1, keepdims=True) + 1e-9
        slope = (chances - right / share) * importance[:, None] / len(inputs)
        slopes = np.concatenate(
            [np.einsum("nl,nlk->k", slope[:, :-1], inputs), slope[:, -1] @ of_none]
        )
        value = -float((importance * np.log(share[:, 0])).mean())
        return (
            value + _PENALTY * float(weights @ weights),
            slopes.astype(np.float64) + 2 * _PENALTY * weights,
        )

    start = np.zeros(n_weights())
    start[0] = 1.0  # A text means by itself what it means alone.
    best, _, _ = fmin_l_bfgs_b(loss, start, maxiter=300)
    return np.asarray(best)


def main() -> int:
    """Fit to the newest archive in models/; print how often folds left out are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--follow-ups", type=Path, default=Path("tests/nlu/validation/follow_ups.yml")
    )
    parser.add_argument("--earlier", type=Path, default=Path("tests/nlu/2026-11-23"))
    chosen = parser.parse_args()
    archive = max(Path("models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    bot = TrainedBot(archive, Path("config.yml"))
    labels, _ = bot.judge(["?"])
    model = ContextModel(labels, bot.decision.neighbourhood, np.zeros(n_weights(), np.float32))
    titles = bot.readings.titles
    used = [
        example
        for example in examples(chosen.follow_ups, chosen.earlier, sorted(titles))
        if example.after in titles and {*example.wanted} & {*labels, _NOTHING}
    ]
    seen = [bot.in_context(example.text, example.after) for example in used]
    inputs = np.stack([model.inputs(one) for one in seen])
    of_none = np.stack([model.inputs_of_none(one) for one in seen])
    is_right = np.array(
        [[label in one.wanted for label in [*labels, _NOTHING]] for one in used], np.float32
    )
    is_follow_up = np.array([one.is_follow_up for one in used])
    importance = np.where(is_follow_up, _FOLLOW_UPS_COUNT, 1.0).astype(np.float32)
    right = _left_out(used, inputs, of_none, is_right, importance)
    sys.stdout.write(
        f"right on folds left out: follow-ups {right[is_follow_up].mean():.3f} of "
        f"{is_follow_up.sum()}, others {right[~is_follow_up].mean():.3f} of "
        f"{(~is_follow_up).sum()}\n"
    )
    weights = fit(inputs, of_none, is_right, importance)
    WEIGHTS.write_text(json.dumps({"weights": [round(float(w), 4) for w in weights]}), "utf-8")
    return 0


def _left_out(
    used: list[Example], inputs: Matrix, of_none: Matrix, is_right: Matrix, importance: Matrix
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each example whether weights fitted without its text choose rightly."""
    number = {text: at for at, text in enumerate(dict.fromkeys(one.text for one in used))}
    fold = np.array([number[one.text] % 5 for one in used])
    found = np.zeros(len(used), dtype=bool)
    cut = inputs.shape[2]
    for part in range(5):
        own, rest = fold == part, fold != part
        weights = fit(inputs[rest], of_none[rest], is_right[rest], importance[rest])
        strengths = np.hstack(
            [inputs[own] @ weights[:cut], (of_none[own] @ weights[cut:])[:, None]]
        )
        found[own] = is_right[own][np.arange(own.sum()), strengths.argmax(axis=1)] > 0
    return found


if __name__ == "__main__":
    raise SystemExit(main())
