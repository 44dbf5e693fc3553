"""Keeps the parts of the house running, and stops them together."""

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ops.parts import Part
from ops.process import RunningPart

CRASHES_IN_A_ROW = 5  # One more than a passing shortage explains; then a person has to look.
HEALTHY_SECONDS = 60.0  # A part that lived this long starts again with a clean record.
LONGEST_PAUSE_SECONDS = 15.0


class Supervisor:
    """Runs parts until it is told to stop or one of them dies for good."""

    def __init__(self, parts: list[Part], run_dir: Path, write: Callable[[str], None]) -> None:
        """Take charge of parts that do not run yet.

        Args:
            parts: in the order in which to start them.
            run_dir: existing folder for the files `<part>.pid`.
            write: shows one line.
        """
        self._parts = parts
        self._run_dir = run_dir
        self._write = write
        self._width = max(len(part.name) for part in parts)
        self._running: dict[str, RunningPart] = {}
        self._over = asyncio.Event()
        self._dead: str | None = None

    async def run(self, ready_seconds: float, on_ready: Callable[[], None]) -> str | None:
        """Start everything, report when all is ready, keep it up until the end.

        Args:
            ready_seconds: longest time until all parts are ready.
            on_ready: called once, when they are.

        Returns:
            None after `stop`; otherwise one line about what went wrong. All parts have ended.
        """
        keepers = [asyncio.create_task(self._keep(part)) for part in self._parts]
        readiness = asyncio.create_task(self._watch_readiness(ready_seconds, on_ready))
        try:
            await self._over.wait()
        finally:
            readiness.cancel()
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(readiness, *keepers, return_exceptions=True)
            await self._stop_all()
        return self._dead

    def stop(self) -> None:
        """End `run`; safe to call more than once, and from a signal handler of the loop."""
        self._over.set()

    async def _keep(self, part: Part) -> None:
        crashes = 0
        while True:
            started = time.monotonic()
            try:
                status = await self._run_once(part)
            except OSError as error:
                self._give_up(f"{part.name} cannot be started: {error}.")
                return
            crashes = 1 if time.monotonic() - started >= HEALTHY_SECONDS else crashes + 1
            if crashes > CRASHES_IN_A_ROW:
                self._give_up(f"{part.name} ended {crashes} times in a row: see its lines above.")
                return
            pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** (crashes - 1))
            self._show(part.name, f"ended with status {status}; starts again in {pause:.0f} s")
            await asyncio.sleep(pause)

    async def _run_once(self, part: Part) -> int:
        running = await RunningPart.start(part, lambda line: self._show(part.name, line))
        self._running[part.name] = running
        (self._run_dir / f"{part.name}.pid").write_text(f"{running.pid}\n")
        return await running.wait()

    async def _watch_readiness(self, seconds: float, on_ready: Callable[[], None]) -> None:
        deadline = time.monotonic() + seconds
        waiting = {part.name: part.ready_url for part in self._parts if part.ready_url}
        while waiting:
            for name, url in list(waiting.items()):
                if await asyncio.to_thread(answers, url):
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                names = " and ".join(waiting)
                self._give_up(f"Not ready after {seconds:.0f} s: {names}. See the lines above.")
                return
            await asyncio.sleep(0.2)
        on_ready()

    async def _stop_all(self) -> None:
        for part in reversed(self._parts):
            running = self._running.get(part.name)
            if running is not None:
                await running.end()
            (self._run_dir / f"{part.name}.pid").unlink(missing_ok=True)

    def _give_up(self, reason: str) -> None:
        self._dead = reason
        self._over.set()

    def _show(self, name: str, line: str) -> None:
        self._write(f"{name:<{self._width}} | {line}")


def answers(url: str) -> bool:
    """Tell whether a part on this machine answers 200 there, within two seconds."""
    # Straight to loopback: a proxy that the environment names has no business in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False
