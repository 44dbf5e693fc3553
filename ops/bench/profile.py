"""Takes the time of each component within a turn: run in the bot's environment.

`python -m ops.bench.profile MODEL FILE MESSAGES` writes mean and 95th percentile in milliseconds
by component.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ops.bench.house import entry_questions
from ops.bench.scores import percentile
from ops.settings import ROOT

WARMING = 10  # Turns that are not counted: the first ones load and cache.


def main() -> int:
    """Ask the model in process, with a clock around each component."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    model, target, messages = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    # Before loading: Rasa's graph keeps the functions as it finds them then.
    times: dict[str, list[float]] = {}
    for component in _components():
        _put_clock(component, times)
    agent = Agent.load(
        str(model),
        generator=endpoints.nlg,
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        lock_store=LockStore.create(endpoints.lock_store),
    )
    whole = times.setdefault("whole turn", [])
    questions = entry_questions()

    async def ask() -> None:
        for number in range(-WARMING, messages):
            if number == 0:
                for own in times.values():
                    own.clear()
            started = time.perf_counter()
            text = questions[number % len(questions)]
            await agent.handle_message(UserMessage(text, sender_id=f"profile-{abs(number) // 10}"))
            whole.append(1000 * (time.perf_counter() - started))

    asyncio.run(ask())
    figures = {
        name: (statistics.fmean(own), percentile(own, 0.95)) for name, own in times.items() if own
    }
    target.write_text(json.dumps(figures), "utf-8")
    return 0


def _components() -> list[type[Any]]:
    import yaml
    from rasa.shared.utils.common import class_from_module_path

    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    return [class_from_module_path(item["name"]) for item in pipeline]


def _put_clock(component: type[Any], times: dict[str, list[float]]) -> None:
    process: Callable[..., Any] = component.process
    own = times.setdefault(component.__name__, [])

    def timed(self: Any, messages: Any) -> Any:
        started = time.perf_counter()
        try:
            return process(self, messages)
        finally:
            own.append(1000 * (time.perf_counter() - started))

    # Set on the class itself: the encoders share the method of their base class.
    component.process = timed


if __name__ == "__main__":
    sys.exit(main())
