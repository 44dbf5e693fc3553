"""Trains the product's own pipeline on somebody else's examples: run in the bot's environment.

`python -m ops.bench.pipeline JOB FILE` reads examples and messages from JOB, trains `config.yml` as
it stands (copied to an empty folder, so that no entry of the house joins), and writes for each
message the likeliest label of the job, its confidence, and what the pipeline decided.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.bench.data import FOREIGN_INTENTS, Example, nlu_blocks, rasa_file
from ops.bench.servers import run_to_end
from ops.settings import BOT_PROGRAMS, ROOT

FOREIGN = "out_of_scope"
"""Label for examples of what is outside, one of those that `config.yml` calls foreign."""

_ASK = "ask/"


@dataclass(frozen=True)
class Answer:
    """What the pipeline made of a message.

    Attributes:
        label: the likeliest one of the job's.
        confidence: of it, in [0, 1].
        decided: the label that is answered at the pipeline's own thresholds; "" when it asks
            back, falls back or says that it is none of ours.
    """

    label: str
    confidence: float
    decided: str


@dataclass(frozen=True)
class Trained:
    """Answers in the order of the messages, and the seconds of training."""

    answers: Sequence[Answer]
    seconds: float


def trained_and_asked(
    examples: Sequence[Example], texts: Sequence[str], scratch: Path, config: Path | None = None
) -> Trained:
    """Train the pipeline on examples and ask it texts, in a process of its own.

    Args:
        examples: their labels stand for entries; `FOREIGN` for what is outside.
        texts: messages, each taken as a conversation's first.
        scratch: for what is written meanwhile.
        config: the pipeline; the product's own when it is left out.

    Raises:
        Stop: training or asking failed.
    """
    job, target = scratch / "job.json", scratch / "answers.json"
    content = {
        "config": str(config or ROOT / "config.yml"),
        "examples": [(example.text, _as_entry(example.label)) for example in examples],
        "texts": list(texts),
    }
    job.write_text(json.dumps(content), "utf-8")
    run_to_end([BOT_PROGRAMS / "python", "-m", "ops.bench.pipeline", job, target], scratch)
    found = json.loads(target.read_text("utf-8"))
    answers = [
        Answer(label.removeprefix(_ASK), confidence, decided.removeprefix(_ASK))
        for label, confidence, decided in found["answers"]
    ]
    return Trained(answers, found["seconds"])


def _as_entry(label: str) -> str:
    return label if label in FOREIGN_INTENTS else _ASK + label


def main() -> int:
    """Train and ask as the command line says."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="bench-pipeline-") as name:
        folder = Path(name)
        config = shutil.copy(job["config"], folder / "config.yml")
        examples = [Example(text, label) for text, label in job["examples"]]
        (folder / "nlu.yml").write_text(rasa_file(nlu=nlu_blocks(examples)), "utf-8")
        started = time.perf_counter()
        model = train_nlu(str(config), str(folder / "nlu.yml"), str(folder / "models"))
        seconds = time.perf_counter() - started
        if model is None:
            raise SystemExit("Rasa trained nothing.")
        agent = Agent.load(model)

        async def ask() -> list[tuple[str, float, str]]:
            return [_answer(await agent.parse_message(_typed(text))) for text in job["texts"]]

        answers = asyncio.run(ask())
    found = {"answers": answers, "seconds": seconds}
    Path(sys.argv[2]).write_text(json.dumps(found), "utf-8")
    return 0


def _typed(text: str) -> str:
    from bot.turn import without_command

    return without_command(text)


def _answer(parsed: dict[str, Any]) -> tuple[str, float, str]:
    candidates = [
        (candidate["label"], candidate["confidence"])
        for candidate in parsed["decision"]["candidates"]
        if candidate["label"].startswith(_ASK)
    ]
    label, confidence = candidates[0] if candidates else ("", 0.0)
    chosen = parsed["response_selector"]["ask"]["response"]["intent_response_key"]
    return label, confidence, chosen if parsed["intent"]["name"] == "ask" else ""


if __name__ == "__main__":
    sys.exit(main())
