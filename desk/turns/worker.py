"""The supervised worker: finishes late turns and does what is due by the clock."""

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error, InterfaceError, OperationalError
from django.utils import timezone

from conversations import services
from turns.engine import TurnStillPending, finish_turn, settle_running
from turns.threads import run, run_slow, run_writing

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
# Asked for in one round, so that a crowd of late turns does not fall upon a bot that just started.
_MOST_AT_ONCE = 4
_STOP_SECONDS = 5.0
_AWAY = (InterfaceError, OperationalError)


@dataclass
class Chore:
    """Something done again and again.

    Attributes:
        name: what the log calls it.
        verb: does it once, at the given time; returns how many things it changed.
        every: how long to wait in between.
        due_at: when it is due next.
        is_slow: it waits for somebody outside the house, so nothing here waits for it.
    """

    name: str
    verb: Callable[[datetime], int]
    every: timedelta
    due_at: datetime = field(default_factory=timezone.now)
    is_slow: bool = False


class Worker:
    """Runs until it is told to stop.

    Args:
        chores: what is to be done by the clock, besides late turns.
    """

    def __init__(self, chores: list[Chore]) -> None:
        self._chores = chores
        self._slow: dict[str, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`, or until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        while not self._stop.is_set():
            await self.work_once()
            try:
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._stop.wait()
            except TimeoutError:
                continue
        await settle_running(_STOP_SECONDS)
        await self.settle_slow(_STOP_SECONDS)

    async def settle_slow(self, wait_seconds: float) -> None:
        """Give slow chores in work some time to end."""
        if self._slow:
            await asyncio.wait(set(self._slow.values()), timeout=wait_seconds)

    def stop(self) -> None:
        """End after the present round."""
        self._stop.set()

    async def work_once(self) -> None:
        """Do everything that is due now. A database that is away is waited for."""
        try:
            await self._finish_late_turns()
            for chore in self._chores:
                await self._do(chore)
        except Error as error:
            logger.warning("the database is away", extra={"failure": type(error).__name__})

    async def _finish_late_turns(self) -> None:
        due = await run_writing(services.due_turns)
        for start in range(0, len(due), _MOST_AT_ONCE):
            await asyncio.gather(*(self._finish(pk) for pk in due[start : start + _MOST_AT_ONCE]))

    async def _finish(self, turn_id: int) -> None:
        try:
            await finish_turn(turn_id)
        except TurnStillPending:
            return
        except Exception as error:  # noqa: BLE001 one broken turn must not hold up the others
            logger.error(
                "a late turn broke off", extra={"turn_id": turn_id, "failure": type(error).__name__}
            )
        else:
            logger.info("a late turn was ended", extra={"turn_id": turn_id})

    async def _do(self, chore: Chore) -> None:
        now = timezone.now()
        if now < chore.due_at:
            return
        chore.due_at = now + chore.every
        if not chore.is_slow:
            await self._run_alone(chore, now)
        elif chore.name not in self._slow:
            task = asyncio.create_task(self._run_alone(chore, now))
            self._slow[chore.name] = task
            task.add_done_callback(lambda _: self._slow.pop(chore.name))

    async def _run_alone(self, chore: Chore, now: datetime) -> None:
        try:
            count = await (run_slow if chore.is_slow else run)(chore.verb, now)
        except Exception as error:  # One broken chore must not hold up the others.
            if isinstance(error, _AWAY) and not chore.is_slow:
                raise  # The others would fail in the same way, each after its own wait.
            logger.error("%s broke off", chore.name, extra={"failure": type(error).__name__})
            return
        if count:
            logger.info("%s: %d", chore.name, count, extra={"count": count})
