"""No word that a family writes reaches a log, at any level, ours or Rasa's."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

from bot.privacy import private_turn, protect_logs
from tests.bot.conftest import serve, turn

WORDS = "zebrafinch quilted marmalade"


class Records(logging.Handler):
    """Keeps every record as it would be written, traceback included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Any:
    """All records of all loggers, at debug level, structlog's included."""
    configure_structlog(logging.DEBUG)
    kept = Records()
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(kept)
    changed = {}
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.level > logging.DEBUG and name.startswith(("rasa", "bot", "sanic", "asyncio")):
            changed[logger] = logger.level
            logger.setLevel(logging.DEBUG)
    yield kept.lines
    root.removeHandler(kept)
    root.setLevel(level)
    for logger, before in changed.items():
        logger.setLevel(before)


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.train
@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [f"what is {WORDS}?", f"/{WORDS}", f"are you open now {WORDS}", f'say "{WORDS}"\nit\'s so'],
)
async def test_a_turn_leaves_no_words(agent: Agent, records: list[str], text: str) -> None:
    async with serve(agent) as bot:
        status, body, _ = await bot.post(turn(text))
    assert status == 200
    assert body["messages"]
    assert any("req-1" in line for line in records), "the turn is in the log, by its id"
    assert len(records) > 5, "Rasa logs at debug level as well"
    for word in WORDS.split():
        assert not [line for line in records if word in line]


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.train
@pytest.mark.slow
async def test_a_fault_leaves_its_type_alone(
    agent: Agent, records: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise KeyError(WORDS)

    monkeypatch.setattr(agent.processor, "_parse_message_with_graph", fail)
    async with serve(agent) as bot:
        status, body, _ = await bot.post(turn(WORDS))
    assert status == 500
    assert WORDS not in str(body)
    assert any("KeyError" in line for line in records)
    for word in WORDS.split():
        assert not [line for line in records if word in line]


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.train
@pytest.mark.slow
async def test_a_refused_body_leaves_no_words(agent: Agent, records: list[str]) -> None:
    async with serve(agent) as bot:
        status, _, _ = await bot.post({**turn(WORDS), "sender": f"no {WORDS}"})
    assert status == 400
    for word in WORDS.split():
        assert not [line for line in records if word in line]


def test_structlog_is_covered(records: list[str]) -> None:
    protect_logs()
    with private_turn("req-7"):
        structlog.get_logger("rasa.somewhere").error("heard", text=WORDS)
        logging.getLogger("rasa.other").debug("heard %s", WORDS)
        try:
            raise ValueError(WORDS)
        except ValueError:
            logging.getLogger("rasa.third").exception("failed")
    ours = [line for line in records if "req-7" in line]
    assert len(ours) == 3
    assert any("ValueError" in line for line in ours)
    assert not [line for line in records if WORDS in line]


def test_outside_a_turn_logs_are_whole(records: list[str]) -> None:
    protect_logs()
    logging.getLogger("rasa.core").info("model loaded")
    assert any("model loaded" in line for line in records)


def test_our_own_lines_stay_inside_a_turn(records: list[str]) -> None:
    protect_logs()
    with private_turn("req-8"):
        logging.getLogger("bot.channel").info("turn %s: answer", "req-8")
    assert any("turn req-8: answer" in line for line in records)
