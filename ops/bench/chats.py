"""Plays visitors and specialists against a desk: `python -m ops.bench.chats PLAN RESULT`.

It is a process of its own, so that what it costs is not taken for the desk's, and ends by itself.
Every client does what the house's own pages do: it holds a stream, and fetches the piece of page
that an event says may be new.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from ops.bench.wire import Answer, Wire
from ops.plain import Stop, guard

API = "/api/v1/conversations"
LIST_EVERY_SECONDS = 1.0  # list.js asks no oftener, unless a family wrote to this very account.
LIST_JITTER_SECONDS = 0.25
OPENED_AT_ONCE = 8  # Enough to keep a desk busy while everything is set up.
LAST_WORDS_SECONDS = 5.0
ALL_OPEN_SECONDS = 300.0
MOVE_EVERY_SECONDS = 5.0
RACERS = 4
WORDS = re.compile(r"bench-\d+")
_SEQ = re.compile(r'data-seq="(\d+)"')
_EPOCH = re.compile(r'data-epoch="(\d+)"')
_CHANGE = re.compile(r'data-change="(\d+)"')

# When who writes is chance, and the same chance at each run.
CHANCE = random.Random(4)  # noqa: S311 - nothing secret

_T = TypeVar("_T")


@dataclass(frozen=True)
class Plan:
    """What to play.

    Attributes:
        scene: "screens", "streams" or "claims".
        url: of the desk.
        accounts: names of the specialists.
        password: of all of them.
        pids: of the processes whose share of the processor is taken.
        chats: conversations that are with specialists, evenly spread.
        waiting: conversations in the queue; "claims" has a race for each of them.
        others: conversations with nobody but the bot, which says nothing in them.
        message_seconds: how often each visitor writes, roughly.
        reply_seconds: how often each specialist replies.
        seconds: how long all of this goes on.
    """

    scene: str
    url: str
    accounts: Sequence[str]
    password: str
    pids: dict[str, int]
    chats: int = 0
    waiting: int = 0
    others: int = 0
    message_seconds: float = 40.0
    reply_seconds: float = 8.0
    seconds: float = 60.0


@dataclass
class Result:
    """What was found: milliseconds by what they are of, counts, and shares of one core in %."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    processors: dict[str, float] = field(default_factory=dict)
    load_averages: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Screens:
    """Who waits for which words, since when, and what it took until somebody had them."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._sent: dict[str, float] = {}
        self._number = 0

    def new_words(self) -> str:
        """Words that nobody wrote before, sent at this very moment."""
        self._number += 1
        words = f"bench-{self._number}"
        self._sent[words] = time.perf_counter()
        return words

    def shown(self, text: str, screen: str) -> None:
        """Note that a screen holds this text; only the first sight of words counts."""
        now = time.perf_counter()
        for words in WORDS.findall(text):
            since = self._sent.pop(words, None)
            if since is not None:
                self._result.milliseconds[screen].append(1000 * (now - since))

    def missing(self, seconds: float) -> int:
        """How many words nobody has seen that were written longer ago than that."""
        now = time.perf_counter()
        return sum(now - since > seconds for since in self._sent.values())


class Family:
    """A visitor with an open chat."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.id = ""
        self.wire = Wire(url)

    async def open(self) -> None:
        """Open the conversation."""
        opened = _good(await self.wire.post(API, {"consent": True, "language": "en"}))
        content = json.loads(opened.text)
        self.id = content["id"]
        self.wire = Wire(self._url, {"Authorization": f"Bearer {content['token']}"})

    async def ask_for_person(self) -> None:
        """Queue up."""
        _good(await self.wire.post(f"{API}/{self.id}/handoff", {"client_id": str(uuid.uuid4())}))

    async def write(self, text: str) -> None:
        """Send a message."""
        body = {"client_id": str(uuid.uuid4()), "text": text}
        _good(await self.wire.post(f"{API}/{self.id}/messages", body))

    async def watch(self, hear: Callable[[str, str], None]) -> None:
        """Hold the stream as the widget does."""
        async for name, data in self.wire.events(f"{API}/{self.id}/stream"):
            hear(name, data)


class Desk:
    """A specialist at the console: one page, one chat open on it, the others in the list."""

    def __init__(
        self, plan: Plan, name: str, screens: Screens, replies: Screens, result: Result
    ) -> None:
        self.name = name
        self.wire = Wire(plan.url, {"X-Piece": "yes"})
        self.chats: list[Family] = []
        self._plan, self._result = plan, result
        self._screens, self._replies = screens, replies
        self._shown: Family | None = None
        self._last_seq, self._epoch, self._change = 0, "", 0
        self._streaming: asyncio.Task[None] | None = None
        self._list_wanted, self._list_hurried = asyncio.Event(), asyncio.Event()
        self._chat_wanted, self._wanted_change = asyncio.Event(), 0
        self._refreshing = asyncio.Lock()

    async def sign_in(self) -> None:
        """Sign in by the form."""
        _good(await self.wire.get("/staff/sign-in"))
        fields = {"username": self.name, "password": self._plan.password}
        answer = await self.wire.submit("/staff/sign-in", fields)
        if answer.status != 302:
            raise Stop(f"A specialist of the bench could not sign in: status {answer.status}.")
        _good(await self.wire.get("/console/"))

    async def claim(self, family: Family) -> None:
        """Take a conversation that waits."""
        await self.act("claim", family, beyond_capacity="yes")

    async def act(self, what: str, family: Family, **fields: str) -> None:
        """Press a button of a conversation's page."""
        answer = await self.wire.submit(f"/console/conversations/{family.id}/{what}", fields)
        if answer.status not in (204, 302):
            raise Stop(f"The desk answered {answer.status} to {what}.")

    async def sit(self) -> None:
        """Keep page, list and open chat current, and reply now and then, until cancelled."""
        await self._turn_to(self.chats[0])
        await asyncio.gather(self._keep_list(), self._keep_chat(), self.reply_for_ever())

    async def _turn_to(self, family: Family) -> None:
        if self._streaming is not None:
            self._streaming.cancel()
        self._shown = family
        self._last_seq = 0
        started = time.perf_counter()
        page = _good(await self.wire.get(f"/console/conversations/{family.id}/")).text
        self._result.milliseconds["chat page"].append(1000 * (time.perf_counter() - started))
        self._screens.shown(page, "chat opened")
        self._take(page, family)
        self._list_wanted.set()
        self._streaming = asyncio.create_task(self._watch(family))
        await self._note_view(family)

    def _take(self, piece: str, family: Family) -> None:
        if self._shown is not family:
            return
        self._last_seq = max([self._last_seq, *map(int, _SEQ.findall(piece))])
        if epochs := _EPOCH.findall(piece):
            self._epoch = epochs[0]
        if changes := _CHANGE.findall(piece):
            self._change = int(changes[0])

    async def _watch(self, family: Family) -> None:
        while True:
            async for name, data in self.wire.events(f"/console/conversations/{family.id}/stream"):
                self._result.counts[f"console events, {name}"] += 1
                if name == "conversation":
                    self._wanted_change = int(data) if data.isdecimal() else sys.maxsize
                    self._chat_wanted.set()
                elif name == "viewers":
                    await self._note_view(family)
                elif name in ("list", "mine"):
                    self._list_wanted.set()
                    if name == "mine":
                        self._list_hurried.set()
                elif name == "beat":
                    _good(await self.wire.get("/staff/here"))
            await asyncio.sleep(2)

    async def _keep_chat(self) -> None:
        while True:
            await self._chat_wanted.wait()
            self._chat_wanted.clear()
            family = self._shown
            if family is not None:
                await self._fetch_news(family, self._wanted_change)

    async def _fetch_news(self, family: Family, change: int = sys.maxsize) -> None:
        """Fetch what is new, one request at a time, unless the page has that change already."""
        async with self._refreshing:
            if change <= self._change:
                return
            path = f"/console/conversations/{family.id}/news?after={self._last_seq}"
            started = time.perf_counter()
            piece = _good(await self.wire.get(path)).text
            self._result.milliseconds["news piece"].append(1000 * (time.perf_counter() - started))
            self._screens.shown(piece, "open chat")
            self._take(piece, family)
        if 'data-sender="visitor"' in piece:
            await self._note_view(family)

    async def _note_view(self, family: Family) -> None:
        fields = {"seq": str(self._last_seq)}
        started = time.perf_counter()
        _good(await self.wire.submit(f"/console/conversations/{family.id}/view", fields))
        self._result.milliseconds["view, POST"].append(1000 * (time.perf_counter() - started))

    async def _keep_list(self) -> None:
        asked_at = 0.0
        while True:
            await self._list_wanted.wait()
            await self._pause(asked_at + LIST_EVERY_SECONDS - time.perf_counter())
            self._list_wanted.clear()
            self._list_hurried.clear()
            asked_at = started = time.perf_counter()
            piece = _good(await self.wire.get("/console/list")).text
            self._result.milliseconds["list piece"].append(1000 * (time.perf_counter() - started))
            self._screens.shown(piece, "list")

    async def _pause(self, left: float) -> None:
        """Wait as list.js does, unless a family writes to this very account."""
        pause = max(0.0, left) + CHANCE.uniform(0, LIST_JITTER_SECONDS)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._list_hurried.wait(), pause)

    async def reply_for_ever(self) -> None:
        """Turn to one chat after the other, and reply in each."""
        order = 0
        await asyncio.sleep(CHANCE.uniform(0, self._plan.reply_seconds))
        while True:
            started = time.perf_counter()
            order += 1
            family = self.chats[order % len(self.chats)]
            await self._turn_to(family)
            await self._reply(family)
            spent = time.perf_counter() - started
            await asyncio.sleep(max(0.0, self._plan.reply_seconds - spent))

    async def _reply(self, family: Family) -> None:
        fields = {
            "client_id": str(uuid.uuid4()),
            "epoch": self._epoch,
            "seen_seq": str(self._last_seq),
            "text": f"We are here for you. {self._replies.new_words()}",
        }
        started = time.perf_counter()
        answer = await self.wire.submit(f"/console/conversations/{family.id}/reply", fields)
        self._result.milliseconds["reply, POST"].append(1000 * (time.perf_counter() - started))
        self._result.counts["replies" if answer.status == 204 else "replies held back"] += 1
        await self._fetch_news(family)


def _good(answer: Answer) -> Answer:
    if answer.status >= 300:
        raise Stop(f"The desk answered {answer.status}: {answer.text[:200]}")
    return answer


async def _each(things: Iterable[_T], do: Callable[[_T], Awaitable[object]], at_once: int) -> None:
    """Do the same to all of them, so many at a time."""
    left = iter(list(things))

    async def work() -> None:
        for one in left:
            await do(one)

    await asyncio.gather(*(work() for _ in range(at_once)))


class Scene:
    """Everybody who plays along."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.result = Result()
        self.screens, self.replies = Screens(self.result), Screens(self.result)
        self.desks = [
            Desk(plan, name, self.screens, self.replies, self.result) for name in plan.accounts
        ]
        self.families = [Family(plan.url) for _ in range(plan.chats)]
        self.waiting = [Family(plan.url) for _ in range(plan.waiting)]
        self.others = [Family(plan.url) for _ in range(plan.others)]
        self._running: list[asyncio.Task[None]] = []

    async def set_up(self) -> None:
        """Sign in, open and hand over the conversations; nothing of it is measured."""
        await _each(self.desks, Desk.sign_in, 2)
        everybody = [*self.families, *self.waiting, *self.others]
        await _each(everybody, Family.open, OPENED_AT_ONCE)
        await _each(self.families, Family.ask_for_person, OPENED_AT_ONCE)
        for number, family in enumerate(self.families):
            self.desks[number % len(self.desks)].chats.append(family)
        pairs = [(desk, family) for desk in self.desks for family in desk.chats]
        await _each(pairs, lambda pair: pair[0].claim(pair[1]), OPENED_AT_ONCE)
        await _each(self.waiting, Family.ask_for_person, OPENED_AT_ONCE)

    def start(self, *others: Awaitable[None]) -> None:
        """Have something go on beside what is measured."""
        self._running += [asyncio.ensure_future(one) for one in others]

    async def measure(self) -> None:
        """Let it go on for the plan's seconds, and take the shares of the processors meanwhile."""
        before, started = _ticks(self.plan.pids), time.perf_counter()
        self.result.milliseconds.clear()
        self.result.counts.clear()
        while (left := started + self.plan.seconds - time.perf_counter()) > 0:
            self._raise_broken()
            self.result.load_averages.append(_load_average())
            await asyncio.sleep(min(1.0, left))
        self.take_shares(before, time.perf_counter() - started)

    def take_shares(self, before: dict[str, float], seconds: float) -> None:
        """Note what each process used of one core since the ticks were read."""
        self.result.seconds = seconds
        for name, ticks in _ticks(self.plan.pids).items():
            share = (ticks - before.get(name, 0)) / TICKS_A_SECOND / seconds
            self.result.processors[name] = 100 * share

    async def stop(self) -> None:
        """End what goes on, once the last words have had time to arrive."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _raise_broken(self) -> None:
        for task in self._running:
            if task.done():
                task.result()
                raise Stop("Something that goes on for ever ended.")

    async def write_for_ever(self, family: Family) -> None:
        """Have a visitor write about as often as the plan says."""
        seconds = self.plan.message_seconds
        await asyncio.sleep(CHANCE.uniform(0, seconds))
        while True:
            started = time.perf_counter()
            text = f"How long does this last? {self.screens.new_words()}"
            await family.write(text)
            self.result.milliseconds["message, POST"].append(1000 * (time.perf_counter() - started))
            self.result.counts["messages"] += 1
            spent = time.perf_counter() - started
            await asyncio.sleep(max(0.0, CHANCE.uniform(0.75, 1.25) * seconds - spent))

    async def watch_for_ever(self, family: Family, moved: Moved | None = None) -> None:
        """Have a visitor's page hold its stream."""
        heard: set[str] = set()

        def hear(name: str, data: str) -> None:
            if not heard:
                self.result.counts["streams open"] += 1
            elif name == "state" and moved is not None:
                moved.told(family)
            heard.add(name)
            self.replies.shown(data, "reply to visitor")

        while True:
            await family.watch(hear)
            self.result.counts["streams lost"] += 1
            await asyncio.sleep(2)


async def screens(scene: Scene) -> None:
    """Visitors write, specialists have it before them and reply."""
    for one in scene.families:
        scene.start(scene.watch_for_ever(one), scene.write_for_ever(one))
    for desk in scene.desks:
        scene.start(desk.sit())
    await asyncio.sleep(min(10.0, scene.plan.seconds / 4))  # Everybody is there, caches are warm.
    await scene.measure()
    await asyncio.sleep(LAST_WORDS_SECONDS)
    # Visitors go on writing meanwhile: what is on its way for less than that is not missing.
    scene.result.counts["words nobody saw"] = scene.screens.missing(LAST_WORDS_SECONDS)


async def streams(scene: Scene) -> None:
    """Many streams are open; replies reach single ones, moves of the queue all who wait."""
    result, moved = scene.result, Moved(scene.result)
    everybody = [*scene.families, *scene.waiting, *scene.others]
    for one in everybody:
        scene.start(scene.watch_for_ever(one, moved if one in scene.waiting else None))
    await _until(lambda: result.counts["streams open"] >= len(everybody))
    for desk in scene.desks:
        scene.start(desk.reply_for_ever())
    scene.start(_move_queue(scene, moved))
    await scene.measure()
    result.counts["streams"] = len(everybody)


async def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + ALL_OPEN_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise Stop("The desk did not open all the streams in time.")
        await asyncio.sleep(0.2)


class Moved:
    """When the queue moved last, and which streams have told of it."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._at = 0.0
        self._told: set[str] = set()

    def now(self) -> None:
        """Note that somebody in front is taken, or comes back, at this moment."""
        self._at = time.perf_counter()
        self._told.clear()

    def told(self, family: Family) -> None:
        """Note that a stream says where its family stands now."""
        if self._at and family.id not in self._told:
            self._told.add(family.id)
            milliseconds = 1000 * (time.perf_counter() - self._at)
            self._result.milliseconds["place in the queue"].append(milliseconds)


async def _move_queue(scene: Scene, moved: Moved) -> None:
    """Take whoever is first out of the queue and put them back, again and again."""
    desk, first = scene.desks[0], scene.waiting[0]
    while True:
        for what, fields in (("claim", {"beyond_capacity": "yes"}), ("release", {"to": "queue"})):
            await asyncio.sleep(MOVE_EVERY_SECONDS)
            moved.now()
            await desk.act(what, first, **fields)


async def claims(scene: Scene) -> None:
    """Several specialists press the same button at the same moment, once for each who waits."""
    started = time.perf_counter()
    before = _ticks(scene.plan.pids)
    for family in scene.waiting:
        racers = CHANCE.sample(scene.desks, min(RACERS, len(scene.desks)))
        pressed = time.perf_counter()
        await asyncio.gather(*(desk.claim(family) for desk in racers))
        scene.result.milliseconds["race"].append(1000 * (time.perf_counter() - pressed))
        scene.result.load_averages.append(_load_average())
    scene.result.counts["races"] = len(scene.waiting)
    scene.take_shares(before, time.perf_counter() - started)


SCENES: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "screens": screens,
    "streams": streams,
    "claims": claims,
}
TICKS_A_SECOND = 100  # Linux reports in hundredths of a second wherever it runs.


def _ticks(pids: dict[str, int]) -> dict[str, float]:
    """Processor time by name, of the whole machine's work too."""
    found = {name: _ticks_of(pid) for name, pid in pids.items()}
    busy = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, soft = (float(word) for word in busy[:7])
    return {
        **found,
        "load generator": _ticks_of(0),
        "whole machine": user + nice + system + irq + soft,
    }


def _ticks_of(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid or 'self'}/stat").read_text()
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return float(fields[11]) + float(fields[12])


def _load_average() -> float:
    return float(Path("/proc/loadavg").read_text().split()[0])


async def play(plan: Plan) -> Result:
    """Set a scene up, play it, and return what was found."""
    scene = Scene(plan)
    started = time.perf_counter()
    await scene.set_up()
    print(f"set up in {time.perf_counter() - started:.1f} s", flush=True)
    try:
        await SCENES[plan.scene](scene)
    finally:
        await scene.stop()
    return scene.result


def main() -> int:
    """Read the plan, write the result."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text("utf-8")))
    result = asyncio.run(play(plan))
    Path(sys.argv[2]).write_text(json.dumps(asdict(result)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(guard(main))
