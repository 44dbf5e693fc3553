"""One running program: started, its lines passed on, ended with all that it started itself."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable

from ops.parts import Part

STOP_SECONDS = 10.0
LONGEST_LINE_BYTES = 64 * 1024
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


class RunningPart:
    """A part's process, from start to end."""

    def __init__(self, process: asyncio.subprocess.Process, output: "asyncio.Task[None]") -> None:
        """Hold a process and the task that passes its lines on; use `start`."""
        self._process = process
        self._output = output

    @classmethod
    async def start(cls, part: Part, show: Callable[[str], None]) -> "RunningPart":
        """Start a part's program.

        Args:
            part: what to start.
            show: gets each line that the program, or one that it starts, writes.

        Raises:
            OSError: the program cannot be started.
        """
        # A pipe of our own: asyncio's would hide the program's end for as long as one of its
        # children keeps the other side open.
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                cwd=part.folder,
                env=part.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                # Ctrl-C reaches the supervisor alone, which then stops the parts in their order.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        except OSError:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        return cls(process, asyncio.create_task(_pass_on(read_end, show)))

    @property
    def pid(self) -> int:
        """The number of the program's process, which is also that of its group."""
        return self._process.pid

    async def wait(self) -> int:
        """Return the program's status once it has ended, and end what it left behind.

        A child that outlives its program would go on listening on the port that the next one
        needs.
        """
        status = await self._process.wait()
        self._kill_group()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._output), timeout=1.0)
        return status

    async def end(self) -> None:
        """Ask the program to end, and make it after STOP_SECONDS."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._process.wait(), timeout=STOP_SECONDS)
        self._kill_group()
        await self.wait()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


async def _pass_on(read_end: int, show: Callable[[str], None]) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb", buffering=0)
    )
    rest = b""
    try:
        while chunk := await reader.read(LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                show(line.decode(errors="replace").rstrip())
        if rest:
            show(rest.decode(errors="replace").rstrip())
    finally:
        transport.close()


def _end_with_parent() -> None:
    # A supervisor that is killed outright must not leave parts behind that hold the ports.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
