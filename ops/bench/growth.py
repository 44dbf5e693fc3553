"""Whether a message costs the same late in a conversation, and with many entries."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from knowledge import normalise_question
from ops.bench.bots import own_bot, served, trained
from ops.bench.data import copy_project, entries_by_topic, write_entries
from ops.bench.house import entry_questions, profiled, say_as, trained_house
from ops.bench.load import Say, put_under_load
from ops.bench.paraphrase import VARIANTS, paraphrase
from ops.bench.scores import percentile
from ops.bench.settings import BenchSettings
from ops.bench.tables import Goal, Table
from ops.settings import ROOT
from ops.visitor import Visitor

TURNS = (10, 100, 400)
TURNS_AROUND = 10
CONVERSATIONS = 5
SIZES = (260, 1000, 5000)
FAST_SIZES = (60, 120, 240)
QUESTIONS_OF_AN_ENTRY = 8  # As few as the knowledge rules allow; 5,000 entries make 40,000.
PARAGRAPHS_OF_AN_ANSWER = 1
STEPS = 3
LONGEST_TITLE = 60
MOST_SLOWER_BY_TURN, MOST_SLOWER_BY_ENTRIES = 1.1, 1.5

P50, P95, RATIO = "p50, ms", "p95, ms", "times the first"


def measure(settings: BenchSettings) -> Iterator[Table]:
    """Hold one long conversation, then serve more and more entries."""
    yield _by_turn(settings)
    yield from _by_entries(settings)


def _by_turn(settings: BenchSettings) -> Table:
    turns = (3, 10, 20) if settings.is_fast else TURNS
    around = settings.pick(TURNS_AROUND, 2)
    table = Table(
        "Latency by turn of one conversation",
        (P50, P95, RATIO),
        goals=[Goal(f"turn {turns[-1]}", RATIO, "at most", MOST_SLOWER_BY_TURN)],
        notes=[
            f"The public API; {2 * around} turns around each, in each of the conversations held.",
        ],
    )
    questions = entry_questions()[: 2 * around]
    found: dict[int, list[float]] = {turn: [] for turn in turns}
    with trained_house() as house:
        _warm_up(lambda: say_as(Visitor(house.url)), questions)
        for _ in range(settings.pick(CONVERSATIONS, 1)):
            say = say_as(Visitor(house.url))
            asked = (questions[number % len(questions)] for number in range(turns[-1] + around))
            milliseconds = [1000 * say(question) for question in asked]
            for turn in turns:
                # A whole round of the questions, so that every row holds each as often.
                start = max(0, turn - around)
                found[turn] += milliseconds[start : start + 2 * around]
    for turn, own in found.items():
        _add_row(table, f"turn {turn}", own)
    return table


def _by_entries(settings: BenchSettings) -> Iterator[Table]:
    sizes = FAST_SIZES if settings.is_fast else SIZES
    table = Table(
        "Latency by number of entries",
        (P50, P95, RATIO, "examples", "training, s", "start, s", "memory, MB"),
        goals=[Goal(f"{sizes[-1]} entries", RATIO, "at most", MOST_SLOWER_BY_ENTRIES)],
        notes=[
            f"The bot alone over its own channel; an entry has {QUESTIONS_OF_AN_ENTRY} questions.",
            "Entries beyond the house's own are copies of them in other words, made by rule.",
            f"The regression is fitted in {STEPS} steps, so training is shorter than the house's.",
            "What a message costs does not depend on them.",
        ],
    )
    inside = Table(
        "A turn inside the bot by number of entries, ms, mean",
        tuple(f"{size} entries" for size in sizes),
        notes=["The profile behind the table above."],
    )
    messages = settings.pick(400, 20)
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-growth-") as name:
            folder = Path(name)
            questions = make_project(folder, size)
            bot = own_bot(folder)
            seconds = trained(bot)
            with served(bot) as server:
                texts = entry_questions()  # The same for every size: long texts cost more.
                _warm_up(server.new_visitor, texts[:20])
                load = put_under_load(server.new_visitor, texts, messages, 1)
                _add_row(table, f"{size} entries", load.milliseconds)
                table.rows[f"{size} entries"] |= {
                    "examples": len(questions),
                    "training, s": seconds,
                    "start, s": server.process.seconds,
                    "memory, MB": server.process.megabytes(),
                }
            model = folder / "models" / "bench.tar.gz"
            for component, (mean, _) in profiled(model, folder, messages).items():
                inside.rows.setdefault(component, {})[f"{size} entries"] = mean
        yield table
        yield inside


def _warm_up(new_visitor: Callable[[], Say], questions: Sequence[str]) -> None:
    put_under_load(new_visitor, questions, len(questions), 1)


def _add_row(table: Table, name: str, milliseconds: Sequence[float]) -> None:
    middle = percentile(milliseconds, 0.5)
    first = next(iter(table.rows.values()))[P50] if table.rows else middle
    table.rows[name] = {P50: middle, P95: percentile(milliseconds, 0.95), RATIO: middle / first}


def make_project(folder: Path, size: int) -> list[str]:
    """Copy the bot's project to a folder, with so many entries, and return their questions.

    Args:
        folder: an empty one.
        size: number of entries.
    """
    copy_project(folder)
    config = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    for item in config["pipeline"]:
        if item["name"].endswith(".LabelSelector"):
            item["steps"] = STEPS
    (folder / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    topics = multiplied(entries_by_topic(ROOT), size)
    write_entries(folder, topics)
    return [
        question
        for entries in topics.values()
        for entry in entries
        for question in entry["questions"]
    ]


def multiplied(
    topics: Mapping[str, Sequence[Mapping[str, Any]]], size: int
) -> dict[str, list[dict[str, Any]]]:
    """Return so many entries by topic: the originals first, then copies in other words.

    No question stands twice, whatever the originals hold.

    Raises:
        ValueError: the originals do not yield so many.
    """
    asked: set[str] = set()
    made: dict[str, list[dict[str, Any]]] = {topic: [] for topic in topics}
    count = 0
    for variant in range(VARIANTS):
        for topic, entries in topics.items():
            for entry in entries:
                if count == size:
                    return {topic: own for topic, own in made.items() if own}
                questions = _new_questions(entry["questions"], variant, asked)
                if len(questions) == QUESTIONS_OF_AN_ENTRY:
                    made[topic].append(_copy(entry, variant, questions))
                    count += 1
    if count == size:
        return {topic: own for topic, own in made.items() if own}
    raise ValueError(f"the originals yield {count} entries, not {size}")


def _new_questions(questions: Sequence[str], variant: int, asked: set[str]) -> list[str]:
    """Return the first questions in other words that nobody asked yet, and note them."""
    found: list[str] = []
    for question in questions:
        other = paraphrase(question, variant)
        if normalise_question(other) not in asked and len(found) < QUESTIONS_OF_AN_ENTRY:
            asked.add(normalise_question(other))
            found.append(other)
    return found


def _copy(entry: Mapping[str, Any], variant: int, questions: Sequence[str]) -> dict[str, Any]:
    mark = f"-copy{variant}" if variant else ""
    title = entry["title"][: LONGEST_TITLE - len(mark)]
    return {
        **entry,
        "id": entry["id"] + mark,
        "title": title + mark.replace("-", " "),
        "questions": list(questions),
        "answer": "\n\n".join(entry["answer"].split("\n\n")[:PARAGRAPHS_OF_AN_ANSWER]).strip(),
        # The entries named there may not have been copied.
        "related": [],
        "follow_ups": [],
    }
