"""The desk without its bot: how soon a message is on a screen, many streams, races for a claim.

Each scene is played twice: on one process with SQLite, and on two with PostgreSQL and Redis.
"""

from __future__ import annotations

import importlib
import json
import secrets
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ops.bench.chats import Plan
from ops.bench.scores import percentile
from ops.bench.servers import children, free_port, run_to_end, running
from ops.bench.settings import BenchSettings
from ops.bench.tables import Goal, Table
from ops.parts import make_parts
from ops.plain import Stop
from ops.services import Missing, find_postgresql, find_redis
from ops.settings import DESK_PROGRAMS, HOUSE_SETTINGS, LOOPBACK, ROOT, HouseSettings
from ops.supervisor import answers

STAFF = 20
HASTY_SECONDS = 20.0, 4.0  # Between messages of a visitor, and between replies of a specialist.
LONGEST_MESSAGE_MS, LONGEST_FAN_OUT_MS = 200, 500
WORKERS_SECONDS = 120
_NEW_ACCOUNTS = """
from staff.models import Role, StaffPresence, User
from staff.services import set_up_account
for name in {names!r}:
    set_up_account(name, Role.SPECIALIST, {password!r})
    StaffPresence.objects.create(user=User.objects.get(username=name), capacity={capacity})
"""


_COUNT_CLAIMS = """
import json
from collections import Counter
from audit.models import AuditEntry
found = AuditEntry.objects.filter(kind="control.claimed").values_list("conversation_id", flat=True)
claims = Counter(found)
print(json.dumps({"claimed": len(claims), "double": sum(n > 1 for n in claims.values())}))
"""


@dataclass(frozen=True)
class Store:
    """Where a desk keeps its data, and how many processes share it.

    Attributes:
        name: for the tables.
        processes: of the desk.
        environment: what the desk is told besides.
    """

    name: str
    processes: int
    environment: Mapping[str, str]


@dataclass(frozen=True)
class OpenDesk:
    """A desk that answers, with accounts for specialists."""

    store: Store
    url: str
    accounts: list[str]
    password: str
    pids: dict[str, int]
    folder: Path
    environment: Mapping[str, str]

    def play(self, scene: str, **how: Any) -> dict[str, Any]:
        """Play a scene of `ops.bench.chats` from a process of its own and return its result.

        Raises:
            Stop: something went wrong on either side; the last words are in the text.
        """
        plan = Plan(scene, self.url, self.accounts, self.password, self.pids, **how)
        files = self.folder / "plan.json", self.folder / "result.json"
        files[0].write_text(json.dumps(asdict(plan)), "utf-8")
        run_to_end([DESK_PROGRAMS / "python", "-m", "ops.bench.chats", *files], self.folder)
        result: dict[str, Any] = json.loads(files[1].read_text("utf-8"))
        return result


@contextmanager
def sqlite_store() -> Iterator[Store]:
    """SQLite in the desk's own folder, and one process."""
    yield Store("SQLite", 1, {})


@contextmanager
def postgresql_store() -> Iterator[Store]:
    """A new database on the PostgreSQL server of the tests, Redis, and two processes.

    Raises:
        Stop: one of the two does not answer.
    """
    try:
        server = find_postgresql()["TEST_DATABASE_URL"]
        redis = find_redis()["TEST_REDIS_URL"]
    except Missing as missing:
        raise Stop(f"Not measured on PostgreSQL and Redis: {missing}.") from missing
    name = f"desk_bench_{uuid.uuid4().hex[:12]}"
    with importlib.import_module("psycopg").connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            url = f"{server.rpartition('/')[0]}/{name}"
            yield Store("PostgreSQL, Redis", 2, {"DATABASE_URL": url, "REDIS_URL": redis})
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


STORES = (sqlite_store, postgresql_store)


@contextmanager
def open_desk(store: Store, *, staff: int = STAFF, capacity: int = 50) -> Iterator[OpenDesk]:
    """Run a desk as the house does, without bot and worker.

    Raises:
        Stop: it did not open.
    """
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as name:
        folder = Path(name)
        house = HouseSettings(LOOPBACK, free_port(), free_port(), free_port(), folder)
        house.run_dir.mkdir()
        part = next(part for part in make_parts(house, Path()) if part.name == "desk")
        left_out = {*HOUSE_SETTINGS} - {"HOST", "PORT", "DATA_DIR", "BOT_URL"}
        kept = {key: text for key, text in part.environment.items() if key not in left_out}
        environment = {
            **kept, **store.environment,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "SERVICE_HOURS": "always",
            "WEB_CONCURRENCY": str(store.processes),
            "RATE_LIMIT": "off",  # One machine plays everybody.
            "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        _manage(environment, "migrate", "--no-input", "--verbosity", "0")
        accounts = [f"bench{number}" for number in range(staff)]
        password = secrets.token_urlsafe(12)
        code = _NEW_ACCOUNTS.format(names=accounts, password=password, capacity=capacity)
        _manage(environment, "shell", "--no-imports", "--command", code)
        with running(
            part.command,
            folder,
            lambda: answers(f"{house.desk_url}/healthz"),
            working_folder=part.folder,
            environment=environment,
        ) as server:
            workers = _workers(server.pid, store.processes)
            pids = {f"desk process {n}": pid for n, pid in enumerate(workers, start=1)}
            yield OpenDesk(store, house.desk_url, accounts, password, pids, folder, environment)


def _workers(pid: int, count: int) -> list[int]:
    """Return the processes that answer: the server itself, or those it started when all are up."""
    if count == 1:
        return [pid]
    end = time.monotonic() + WORKERS_SECONDS
    while time.monotonic() < end:
        found = [child for child in children(pid) if b"spawn_main" in _command_of(child)]
        if len(found) == count:
            return found
        time.sleep(0.2)
    raise Stop(f"Of {count} desk processes only some started.")


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def screens(settings: BenchSettings) -> Iterator[Table]:
    """Measure how soon a visitor's message is on the specialist's screen, and the other way."""
    goals = ("message to the open chat, p99, ms", "message to the list, p99, ms")
    yield from _screens(settings, "", Plan.message_seconds, Plan.reply_seconds, goals)
    # What twice as much does is told, and has no goal: nobody keeps ten chats at that pace.
    yield from _screens(settings, ", in haste", *HASTY_SECONDS, ())


def _screens(
    settings: BenchSettings,
    pace: str,
    message_seconds: float,
    reply_seconds: float,
    goals: tuple[str, ...],
) -> Iterator[Table]:
    table = Table(
        f"Messages and screens with 200 live chats and 20 specialists{pace}",
        (),
        notes=[
            f"Each visitor writes every {message_seconds:.0f} s or so.",
            f"Each specialist turns to another chat every {reply_seconds:.0f} s and replies.",
            "To the open chat: until the piece of page that its event asks for is there.",
            "To the list: until the specialist's own list shows the words.",
        ],
    )
    for desk in _each_desk(table):
        result = desk.play(
            "screens",
            chats=settings.pick(200, 20),
            seconds=settings.pick(60, 10),
            message_seconds=message_seconds,
            reply_seconds=reply_seconds,
        )
        times = {
            "open chat": "message to the open chat",
            "list": "message to the list",
            "reply to visitor": "reply to the visitor",
            "message, POST": "answer to the visitor's call",
            "news piece": "piece of the open chat",
            "list piece": "piece of the list",
            "chat page": "page of another chat",
        }
        figures = _times(result, times)
        figures["messages a second"] = result["counts"].get("messages", 0) / result["seconds"]
        figures["replies a second"] = result["counts"].get("replies", 0) / result["seconds"]
        figures["words nobody saw 5 s later"] = result["counts"].get("words nobody saw", 0)
        yield _filled(table, desk, result, figures, dict.fromkeys(goals, LONGEST_MESSAGE_MS))


def streams(settings: BenchSettings) -> Iterator[Table]:
    """Measure how soon an event is in every stream that it concerns, with very many open."""
    table = Table(
        "Fan-out with 2,000 open visitor streams",
        (),
        notes=[
            "200 are with specialists, who reply; the others are with the bot, or wait.",
            "100 wait, and somebody in front of them is taken or comes back every 5 s.",
            "From the call until the last line of the event is with the visitor's client.",
        ],
    )
    how = {
        "chats": settings.pick(200, 20),
        "waiting": settings.pick(100, 10),
        "others": settings.pick(1700, 50),
        "seconds": settings.pick(60, 12),
    }
    for desk in _each_desk(table):
        result = desk.play("streams", **how)
        times = {"reply to visitor": "reply", "place in the queue": "place in the queue"}
        figures = _times(result, times)
        figures["open streams"] = result["counts"]["streams"]
        figures["lost streams"] = result["counts"].get("streams lost", 0)
        goals = ("reply, p99, ms", "place in the queue, p99, ms")
        yield _filled(table, desk, result, figures, dict.fromkeys(goals, LONGEST_FAN_OUT_MS))


def claims(settings: BenchSettings) -> Iterator[Table]:
    """Have four specialists claim the same conversation at the same moment, a thousand times."""
    table = Table(
        "Races for a claim",
        (),
        notes=[
            "Four of twenty specialists press the button at the same moment; the record counts."
        ],
    )
    for desk in _each_desk(table):
        result = desk.play("claims", waiting=settings.pick(1000, 20))
        counted = json.loads(
            _manage(desk.environment, "shell", "--no-imports", "-c", _COUNT_CLAIMS)
        )
        figures = {
            "races": result["counts"]["races"],
            "double claims": counted["double"],
            "nobody won": result["counts"]["races"] - counted["claimed"],
            **_times(result, {"race": "until all four know"}),
        }
        goals = {"double claims": 0.0, "nobody won": 0.0}
        yield _filled(table, desk, result, figures, goals)


def _each_desk(table: Table) -> Iterator[OpenDesk]:
    for open_store in STORES:
        with open_store() as store, open_desk(store) as desk:
            table.columns = (*table.columns, store.name)
            yield desk


def _times(result: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, float]:
    """Return three percentiles, in ms, of each series that was taken."""
    return {
        f"{shown}, p{round(100 * share)}, ms": percentile(result["milliseconds"][name], share)
        for name, shown in names.items()
        if result["milliseconds"].get(name)
        for share in (0.5, 0.95, 0.99)
    }


def _filled(
    table: Table,
    desk: OpenDesk,
    result: Mapping[str, Any],
    figures: Mapping[str, float],
    goals: Mapping[str, float],
) -> Table:
    """Add a desk's column, with what the machine was doing meanwhile."""
    column, shares = desk.store.name, dict(result["processors"])
    machine = shares.pop("whole machine")
    rows = {
        **figures,
        **{f"{name}, % of a core": share for name, share in shares.items()},
        # Database and Redis are in it, and whatever else ran.
        "everything else, % of a core": machine - sum(shares.values()),
        "load average, highest": max(result["load_averages"]),
    }
    for name, figure in rows.items():
        table.rows.setdefault(name, {})[column] = figure
    table.goals += [Goal(row, column, "at most", bound) for row, bound in goals.items()]
    return table


def _manage(environment: Mapping[str, str], *arguments: str) -> str:
    result = subprocess.run(
        [DESK_PROGRAMS / "python", "manage.py", *arguments],
        cwd=ROOT / "desk", env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode:
        raise Stop(f"{result.stderr[-500:]}\nThe desk of the bench could not {arguments[0]}.")
    return result.stdout
