"""Keeps the parts of the house running, and stops them together."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ops.parts import Part

CRASHES_IN_A_ROW = 5  # One more than a passing shortage explains; then a person has to look.
HEALTHY_SECONDS = 60.0  # A part that lived this long starts again with a clean record.
LONGEST_PAUSE_SECONDS = 15.0
STOP_SECONDS = 10.0
LONGEST_LINE_BYTES = 64 * 1024
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


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
        self._processes: dict[str, asyncio.subprocess.Process] = {}
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
        process = await asyncio.create_subprocess_exec(
            *part.command,
            cwd=part.folder,
            env=part.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C reaches the supervisor alone, which then stops the parts in their order.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self._processes[part.name] = process
        (self._run_dir / f"{part.name}.pid").write_text(f"{process.pid}\n")
        output = asyncio.create_task(self._relay_output(part.name, process))
        status = await process.wait()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(output, timeout=1.0)  # A grandchild may hold the pipe open.
        return status

    async def _relay_output(self, name: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for above
        rest = b""
        while chunk := await process.stdout.read(LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._show(name, line.decode(errors="replace").rstrip())
        if rest:
            self._show(name, rest.decode(errors="replace").rstrip())

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
            process = self._processes.get(part.name)
            if process is not None:
                await _end(process)
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


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), timeout=STOP_SECONDS)
    # The rest of its group: a program that did not listen, or what it left behind.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _end_with_parent() -> None:
    # A supervisor that is killed outright must not leave parts behind that hold the ports.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
