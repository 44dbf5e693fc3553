"""Reading for many: who can wait lets the others go first."""

import asyncio
import threading

from turns.threads import Lane, run


async def test_a_lane_lets_others_pass() -> None:
    """Whoever calls `run` waits for what is in the thread already, not for the whole lane."""
    order: list[str] = []
    is_open = threading.Event()

    def read(name: str) -> None:
        is_open.wait(10)
        order.append(name)

    lane = Lane(1)
    many = [asyncio.ensure_future(lane.run(read, f"quiet {n}")) for n in range(5)]
    await asyncio.sleep(0.05)
    reply = asyncio.ensure_future(run(read, "reply"))
    await asyncio.sleep(0.05)
    is_open.set()
    await asyncio.gather(reply, *many)
    assert order == ["quiet 0", "reply", *(f"quiet {n}" for n in range(1, 5))]


async def test_a_failure_gives_the_turn_to_the_next() -> None:
    """What a verb raises comes back unchanged, and the lane goes on."""
    lane = Lane(1)

    def fail() -> None:
        raise LookupError("nothing there")

    answers = await asyncio.gather(lane.run(fail), lane.run(lambda: "read"), return_exceptions=True)
    assert [type(answers[0]), answers[1]] == [LookupError, "read"]
