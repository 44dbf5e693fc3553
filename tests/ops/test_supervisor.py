import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops import process
from ops import supervisor as module
from ops.parts import Part
from ops.settings import ROOT
from ops.supervisor import Supervisor

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *arguments): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
open({address!r}, "w").write(str(server.server_port))
server.serve_forever()
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(process, "STOP_SECONDS", 1.0)


def make_part(name: str, code: str, ready_url: str | None = None) -> Part:
    return Part(name, [sys.executable, "-c", code], dict(os.environ), Path.cwd(), ready_url)


def make_supervisor(tmp_path: Path, *parts: Part) -> tuple[Supervisor, list[str]]:
    lines: list[str] = []
    return Supervisor(list(parts), tmp_path, lines.append), lines


async def until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"


async def test_every_line_carries_the_name_of_its_part(tmp_path):
    supervisor, lines = make_supervisor(
        tmp_path,
        make_part("bot", "import time; print('one\\ntwo', flush=True); time.sleep(600)"),
        make_part("actions", SLEEPER),
    )
    running = asyncio.create_task(supervisor.run(60, lambda: None))
    await until(lambda: len(lines) >= 3)
    supervisor.stop()

    assert await running is None
    assert sorted(lines) == ["actions | up", "bot     | one", "bot     | two"]


async def test_stopping_ends_all_parts_in_reverse_order_and_removes_their_numbers(tmp_path):
    leaves_a_word = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit()))\n"
        "print('up', flush=True); time.sleep(600)"
    )
    supervisor, lines = make_supervisor(
        tmp_path, make_part("bot", leaves_a_word), make_part("desk", leaves_a_word)
    )
    running = asyncio.create_task(supervisor.run(60, lambda: None))
    await until(lambda: len(lines) == 2)
    pids = [int((tmp_path / f"{name}.pid").read_text()) for name in ("bot", "desk")]
    assert all(is_alive(pid) for pid in pids)
    supervisor.stop()
    await running
    await until(lambda: len(lines) == 4)

    assert not any(is_alive(pid) for pid in pids)
    assert lines[2:] == ["desk | bye", "bot  | bye"]
    assert list(tmp_path.glob("*.pid")) == []


async def test_a_part_that_does_not_listen_is_ended_all_the_same(tmp_path):
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER
    supervisor, lines = make_supervisor(tmp_path, make_part("deaf", deaf))
    running = asyncio.create_task(supervisor.run(60, lambda: None))
    await until(lambda: lines)
    pid = int((tmp_path / "deaf.pid").read_text())
    supervisor.stop()
    await running

    assert not is_alive(pid)


async def test_a_crashed_part_starts_again_and_the_others_stay(tmp_path):
    supervisor, lines = make_supervisor(
        tmp_path, make_part("bot", SLEEPER), make_part("desk", SLEEPER)
    )
    running = asyncio.create_task(supervisor.run(60, lambda: None))
    await until(lambda: len(lines) == 2)
    first, neighbour = ((tmp_path / f"{name}.pid").read_text() for name in ("bot", "desk"))
    os.kill(int(first), signal.SIGKILL)
    await until(lambda: lines.count("bot  | up") == 2)

    assert (tmp_path / "bot.pid").read_text() != first
    assert (tmp_path / "desk.pid").read_text() == neighbour
    assert is_alive(int(neighbour))
    assert any("ended with status -9; starts again" in line for line in lines)
    supervisor.stop()
    assert await running is None


async def test_what_a_crashed_part_had_started_ends_with_it(tmp_path):
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}])\n"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    supervisor, lines = make_supervisor(tmp_path, make_part("desk", parent))
    running = asyncio.create_task(supervisor.run(60, lambda: None))
    await until(lambda: len(lines) == 2)
    (child,) = (int(line.split("| ")[1]) for line in lines if "up" not in line)
    os.kill(int((tmp_path / "desk.pid").read_text()), signal.SIGKILL)
    await until(lambda: any("starts again" in line for line in lines))

    assert not is_alive(child)
    supervisor.stop()
    await running


async def test_a_part_that_dies_for_good_ends_the_house(tmp_path):
    supervisor, lines = make_supervisor(
        tmp_path, make_part("desk", SLEEPER), make_part("bot", "raise SystemExit(3)")
    )

    failure = await supervisor.run(60, lambda: None)

    assert failure is not None
    assert failure.startswith("bot ended 6 times in a row")
    assert sum("ended with status 3" in line for line in lines) == module.CRASHES_IN_A_ROW


async def test_a_program_that_is_not_there_ends_the_house_with_a_reason(tmp_path):
    part = Part("bot", [str(tmp_path / "missing")], {}, tmp_path, None)
    supervisor, _ = make_supervisor(tmp_path, part)

    failure = await supervisor.run(60, lambda: None)

    assert failure is not None
    assert "bot" in failure


async def test_ready_is_said_once_when_every_part_answers(tmp_path):
    address = tmp_path / "port"
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER.format(address=str(address))
    )
    try:
        await until(lambda: address.exists() and address.read_text())
        url = f"http://127.0.0.1:{address.read_text()}/"
        supervisor, _ = make_supervisor(
            tmp_path, make_part("bot", SLEEPER, url), make_part("desk", SLEEPER, url)
        )
        said: list[str] = []

        def on_ready() -> None:
            said.append("ready")
            supervisor.stop()

        assert await supervisor.run(60, on_ready) is None
        assert said == ["ready"]
    finally:
        server.kill()
        await server.wait()


async def test_a_part_that_never_gets_ready_is_named(tmp_path):
    supervisor, _ = make_supervisor(
        tmp_path, make_part("bot", SLEEPER, "http://127.0.0.1:9/"), make_part("desk", SLEEPER)
    )

    failure = await supervisor.run(0.1, lambda: pytest.fail("nothing answered"))

    assert failure is not None
    assert "Not ready after 0 s: bot." in failure


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
def test_no_part_outlives_a_supervisor_that_was_killed(tmp_path):
    code = f"""
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from ops.parts import Part
from ops.supervisor import Supervisor
part = Part("bot", [sys.executable, "-c", {SLEEPER!r}], {{}}, Path.cwd(), None)
asyncio.run(Supervisor([part], Path({str(tmp_path)!r}), print).run(60, lambda: None))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as house:
        assert house.stdout is not None
        house.stdout.readline()
        pid = int((tmp_path / "bot.pid").read_text())
        house.kill()
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not is_alive(pid)
