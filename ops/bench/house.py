"""A whole house, as a person at the other end notices it, and where a turn's time goes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.bench.load import Say, put_under_load
from ops.bench.servers import resident_megabytes, run_to_end
from ops.bench.settings import BenchSettings
from ops.bench.tables import Goal, Table
from ops.model import archive_path, ensure_model
from ops.plain import Stop
from ops.settings import BOT_PROGRAMS, ROOT, read_settings
from ops.trial import OpenHouse, open_house
from ops.visitor import Visitor

VISITORS_TOGETHER = 8
COLUMN = "figure"


def measure(settings: BenchSettings) -> Iterator[Table]:
    """Open a house, measure it from outside, and its bot from inside."""
    yield _from_outside(settings)
    yield _turn_from_inside(settings)


def _from_outside(settings: BenchSettings) -> Table:
    table = Table(
        "The house from its public API",
        (COLUMN,),
        goals=[
            Goal("one visitor, p50, ms", COLUMN, "at most", 10),
            Goal("one visitor, p95, ms", COLUMN, "at most", 20),
            Goal("memory of the bot, MB", COLUMN, "at most", 800),
        ],
        notes=["Every message is one entry's own question; a conversation has ten of them."],
    )
    questions = entry_questions()
    with trained_house() as house:

        def new_visitor() -> Say:
            return say_as(Visitor(house.url))

        # The first turns warm caches, as the first family of the day does.
        put_under_load(new_visitor, questions, settings.pick(50, 5), 1)
        alone = put_under_load(new_visitor, questions, settings.pick(400, 20), 1)
        together = put_under_load(new_visitor, questions, settings.pick(800, 40), VISITORS_TOGETHER)
        memory = {
            path.stem: resident_megabytes(int(path.read_text()))
            for path in sorted(house.run_dir.glob("*.pid"))
        }
    figures = {
        "opening the whole house, s": house.seconds,
        "one visitor, p50, ms": alone.p50,
        "one visitor, p95, ms": alone.p95,
        f"{VISITORS_TOGETHER} visitors, p50, ms": together.p50,
        f"{VISITORS_TOGETHER} visitors, p95, ms": together.p95,
        f"{VISITORS_TOGETHER} visitors, messages a second": together.per_second,
        **{f"memory of the {part}, MB": megabytes for part, megabytes in memory.items()},
    }
    table.rows = {name: {COLUMN: figure} for name, figure in figures.items()}
    return table


@contextmanager
def trained_house() -> Iterator[OpenHouse]:
    """Run a house of its own for a while, trained before: opening it is measured without that.

    Raises:
        Stop: it could not be trained or did not open.
    """
    ensure_model(read_settings())
    with open_house() as house:
        yield house


def _turn_from_inside(settings: BenchSettings) -> Table:
    """Say where the milliseconds of a turn go, within the bot's process."""
    with tempfile.TemporaryDirectory(prefix="bench-profile-") as scratch:
        figures = profiled(archive_path(), Path(scratch), settings.pick(300, 20))
    return Table(
        "A turn inside the bot",
        ("ms, mean", "ms, p95"),
        {name: {"ms, mean": mean, "ms, p95": late} for name, (mean, late) in figures.items()},
        notes=[
            "The profile behind the latency; what the public API adds is HTTP and the desk.",
        ],
    )


def profiled(model: Path, scratch: Path, messages: int) -> dict[str, tuple[float, float]]:
    """Return mean and 95th percentile in ms of each component and of the whole turn.

    Args:
        model: a trained archive of the house's bot.
        scratch: for what is written meanwhile.
        messages: how many turns to take.

    Raises:
        Stop: the model cannot be run.
    """
    target = scratch / "profile.json"
    python = str(BOT_PROGRAMS / "python")
    run_to_end([python, "-m", "ops.bench.profile", str(model), str(target), str(messages)], scratch)
    figures: dict[str, tuple[float, float]] = json.loads(target.read_text("utf-8"))
    return figures


def say_as(visitor: Visitor) -> Say:
    """Return a function that sends a visitor's text and gives the seconds.

    It raises `Stop` when no reply comes back.
    """

    def say(text: str) -> float:
        exchange = visitor.say(text)
        if not exchange.replies:
            raise Stop("The house did not reply to a message; is the bot up?")
        return exchange.seconds

    return say


def entry_questions() -> list[str]:
    """Return one question of each entry, spread over all topics."""
    from knowledge import load_knowledge

    entries = load_knowledge(ROOT / "knowledge").entries.values()
    return [entry.questions[number % len(entry.questions)] for number, entry in enumerate(entries)]
