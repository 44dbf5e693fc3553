"""What `make test` does, step by step, in its order."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from ops.model import archive_path
from ops.settings import BOT_PROGRAMS, DESK_PROGRAMS, ROOT

DESK = ROOT / "desk"
# What runs there of the encoder; it learns in the bot's environment.
ENCODER_ON_THE_DESK = ["tests/encoder/test_eight_bits.py", "tests/encoder/test_minilm.py"]
BOT_ROOMS = ["bot", "actions", "encoder/src", "knowledge/src", "ops", "tests"]


@dataclass(frozen=True)
class Step:
    """One check with one verdict.

    Attributes:
        name: what the summary calls it.
        commands: programs with their arguments; each must succeed.
        folder: working folder of all of them.
        environment: variables besides those that every step gets.
        needs: names of services that have to answer, out of `ops.services.FINDERS`.
    """

    name: str
    commands: list[list[str]]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def bot(program: str, *arguments: str) -> list[str]:
    """Return a command of the bot's environment."""
    return [str(BOT_PROGRAMS / program), *arguments]


def desk(program: str, *arguments: str) -> list[str]:
    """Return a command of the desk's environment."""
    return [str(DESK_PROGRAMS / program), *arguments]


def all_steps(scratch: Path) -> list[Step]:
    """Return the steps, quick ones first and journeys last.

    Args:
        scratch: existing folder for what the steps write; removed afterwards.
    """
    return [*_static_steps(), *_bot_steps(scratch), *_desk_steps(), *_outer_steps()]


def _static_steps() -> list[Step]:
    return [
        Step(
            "style",
            [bot("ruff", "check", "."), bot("ruff", "format", "--check", ".")],
        ),
        Step("types, bot", [bot("mypy", *BOT_ROOMS)]),
        Step("types, desk", [desk("mypy", ".", "../safety/src")], DESK),
        Step("imports, bot", [bot("lint-imports", "--no-logo")]),
        Step("imports, desk", [desk("lint-imports", "--no-logo")], DESK),
        Step("knowledge", [bot("python", "-m", "knowledge", "check", "--domain", "domain.yml")]),
    ]


def _bot_steps(scratch: Path) -> list[Step]:
    dialogues = bot(
        "rasa", "test", "core", "--e2e", "--stories", "tests/conversations", "--no-plot",
        "--fail-on-prediction-errors", "--model", str(archive_path()),
        "--out", str(scratch / "dialogues"),
    )  # fmt: skip
    check = desk("python", "-m", "ops.dialogues", str(scratch / "dialogues/story_report.json"))
    return [
        Step(
            "training data",
            [bot("rasa", "data", "validate", "--fail-on-warnings", "--domain", "domain.yml")],
        ),
        Step("model", [desk("python", "-m", "ops.model")]),
        Step("tests, bot", [bot("pytest", "-q", "-rs", "--ignore=tests/nlu")]),
        Step("dialogues", [dialogues, check]),
        Step("understanding", [bot("pytest", "-q", "-rs", "tests/nlu")]),
    ]


def _desk_steps() -> list[Step]:
    # Half of what the desk does is waiting for the database, so two processes pay.
    suite = ("pytest", "-q", "-rs", "-n", "2")
    return [
        Step(
            "tests, knowledge and encoder on the desk",
            [desk("pytest", "-q", "tests/knowledge", *ENCODER_ON_THE_DESK)],
        ),
        Step(
            "tests, safety",
            [desk(*suite, "-c", "pyproject.toml", "--rootdir=.", "../safety/tests")],
            DESK,
        ),
        Step("tests, desk", [desk(*suite, "-m", "not postgres and not redis")], DESK),
        Step(
            "tests, desk on PostgreSQL and Redis",
            # All of it again on that server; the one file left out does the same for some rooms.
            [desk(*suite, "--ignore=tests/test_on_postgres.py")],
            DESK,
            # A name of this run's own: somebody else may be testing on the same server.
            environment={
                "DESK_TESTS_ON": "postgres",
                "DESK_TESTS_DATABASE": f"desk_tests_{os.getpid()}",
            },
            needs=("PostgreSQL", "Redis"),
        ),
    ]


def _outer_steps() -> list[Step]:
    # Most of a journey is waiting, so two files of them run side by side, each with its own houses.
    journeys = desk(
        "pytest", "-q", "-rs", "-n", "2", "--dist", "loadfile", "--force-enable-socket",
        "tests/journeys",
    )  # fmt: skip
    return [
        Step(
            "widget",
            [["npm", "ci", "--no-audit", "--no-fund"], ["npm", "test"]],
            ROOT / "widget",
            needs=("Node", "Chromium"),
        ),
        Step(
            "journeys",
            [journeys],
            needs=("Chromium",),
        ),
    ]
