"""The Rasa bots of the bench: ours, and the two that a Rasa project begins with."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.bench.data import Example, nlu_blocks, rasa_file
from ops.bench.load import JsonClient, Say
from ops.bench.servers import RunningServer, free_port, run_to_end, running
from ops.plain import Stop
from ops.settings import LOOPBACK, RASA

FALLBACK = "nlu_fallback"
_ASK = "ask/"
_visitors = itertools.count()


@dataclass(frozen=True)
class Said:
    """What a bot did with a message: labels it answered with, and labels it offered."""

    answered: tuple[str, ...]
    offered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bot:
    """A Rasa project in a folder of its own.

    Attributes:
        folder: holds configuration and data; the model lands there as well.
        program: starts Rasa in its environment, as words of a command.
        path: where it takes messages.
        body: makes the body of one message from sender and text.
        read: understands its answer.
    """

    folder: Path
    program: tuple[str, ...]
    path: str
    body: Callable[[str, str], dict[str, object]]
    read: Callable[[Any], Said]


@dataclass(frozen=True)
class ServedBot:
    """A bot that listens."""

    process: RunningServer
    new_visitor: Callable[[], Say]
    ask: Callable[[str], Said]


def own_bot(folder: Path) -> Bot:
    """Return the house's bot, whose project stands in a folder."""
    return Bot(folder, RASA, "/webhooks/desk/turns", _desk_body, _read_desk)


def stock_bot(folder: Path, python: Path, examples: Sequence[Example], config: str | None) -> Bot:
    """Write a Rasa project of stock parts into a folder and return it.

    It has the training examples of ours: entries are one retrieval intent, `ask`, with responses;
    a rule gives every intent its response. The reply names its label, so that it can be judged.

    Args:
        folder: an empty one.
        python: of the environment it runs in.
        examples: all training examples.
        config: the pipeline; without one it is that of `rasa init`, which the installed Rasa
            itself fills in for a configuration that leaves it open.
    """
    (folder / "data").mkdir()
    labels = sorted({example.label for example in examples})
    intents = sorted({label.partition("/")[0] for label in labels})
    responses = {f"utter_{label}": [{"text": label}] for label in [*labels, FALLBACK]}
    config = (
        config or "recipe: default.v1\nassistant_id: bench\nlanguage: en\npipeline:\npolicies:\n"
    )
    _write(folder / "config.yml", config)
    _write(folder / "domain.yml", rasa_file(intents=intents, responses=responses))
    _write(folder / "data" / "nlu.yml", rasa_file(nlu=nlu_blocks(examples)))
    _write(
        folder / "data" / "rules.yml",
        rasa_file(rules=[_rule(name) for name in [*intents, FALLBACK]]),
    )
    _write(folder / "data" / "stories.yml", rasa_file(stories=_stories(intents)))
    _write(folder / "credentials.yml", "rest:\n")
    _write(folder / "endpoints.yml", "")
    program = (str(python), "-m", "rasa")
    return Bot(folder, program, "/webhooks/rest/webhook", _rest_body, _read_rest)


def trained(bot: Bot) -> float:
    """Train a bot and return the seconds it took, the start of the program included.

    Raises:
        Stop: Rasa failed.
    """
    command = [
        *bot.program, "train", "--force", "--fixed-model-name", "bench",
        "--out", "models", "--config", "config.yml", "--domain", "domain.yml", "--data", "data",
    ]  # fmt: skip
    return run_to_end(command, bot.folder)


@contextmanager
def served(bot: Bot) -> Iterator[ServedBot]:
    """Serve a trained bot for a while.

    Raises:
        Stop: it did not start.
    """
    port = free_port()
    command = [
        *bot.program, "run", "-i", LOOPBACK, "-p", str(port),
        "--model", "models/bench.tar.gz", "--credentials", "credentials.yml",
        "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    url = f"http://{LOOPBACK}:{port}"

    def ask(text: str) -> Said:
        client = JsonClient(url)
        try:
            return bot.read(client.post(bot.path, bot.body(_next_sender(), text)))
        finally:
            client.close()

    def new_visitor() -> Say:
        client, sender = JsonClient(url), _next_sender()

        def say(text: str) -> float:
            started = time.perf_counter()
            answer = client.post(bot.path, bot.body(sender, text))
            seconds = time.perf_counter() - started
            if not answer:
                raise Stop("A bot under load gave no reply.")
            return seconds

        return say

    # Ready is who replies; Rasa listens before its model is loaded.
    with running(command, bot.folder, lambda: bool(ask("hello").answered)) as process:
        yield ServedBot(process, new_visitor, ask)


def _next_sender() -> str:
    return f"bench-{next(_visitors)}"


def _desk_body(sender: str, text: str) -> dict[str, object]:
    metadata = {"last_entry": None, "choice": None, "language": "en", "fallbacks_in_a_row": 0}
    return {"sender": sender, "text": text, "request_id": sender, "metadata": metadata}


def _read_desk(answer: Any) -> Said:
    messages = answer["messages"]
    return Said(
        tuple(_ASK + one["entry"] if one["entry"] else one["kind"] for one in messages),
        tuple(choice["label"] for one in messages for choice in one["choices"]),
    )


def _rest_body(sender: str, text: str) -> dict[str, object]:
    return {"sender": sender, "message": text}


def _read_rest(answer: Any) -> Said:
    return Said(tuple(message["text"] for message in answer))


def _rule(intent: str) -> dict[str, object]:
    return {"rule": intent, "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]}


def _stories(intents: Sequence[str]) -> list[dict[str, object]]:
    """Return a few stories, as many as `rasa init` has, so that TED has something to learn."""
    ways = [("greet", "ask", "goodbye"), ("greet", "ask", "thanks"), ("ask", "ask", "goodbye")]
    return [
        {
            "story": " ".join(way),
            "steps": [
                step
                for intent in way
                if intent in intents
                for step in ({"intent": intent}, {"action": f"utter_{intent}"})
            ],
        }
        for way in ways
    ]


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
