"""Opens the house: `make run`, or `ops/run`."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from ops.checks import check_disk, check_ports, occupied
from ops.environment import service_hours
from ops.manage import manage, migrate
from ops.model import ensure_model
from ops.parts import make_parts
from ops.plain import Stop, guard
from ops.restore import finish as finish_restore
from ops.settings import HouseSettings, read_settings
from ops.supervisor import Supervisor

OWNER_ALONE = 0o077
READY_SECONDS = 120.0  # Rasa alone needs 5 s on a warm disk and half a minute on a cold, busy one.


def main() -> int:
    """Check, prepare and run the house until it is stopped."""
    settings = read_settings()
    os.umask(OWNER_ALONE)  # Database and logs hold what families wrote.
    with occupied(settings, "run"):
        check_ports(settings)
        check_disk(settings.data_dir)
        model = ensure_model(settings)
        migrate(settings)
        finish_restore(settings)
        accounts = manage(settings, "staff", "--first")
        failure = asyncio.run(_keep_open(settings, model, accounts))
    if failure:
        raise Stop(failure)
    return 0


async def _keep_open(settings: HouseSettings, model: Path, accounts: str) -> str | None:
    started = time.monotonic()
    unshown = [accounts] if accounts else []

    def account_lines() -> list[str]:
        intro = "Staff accounts, shown this once; `make staff` sets another password:"
        return [intro, unshown.pop()] if unshown else []

    def welcome() -> None:
        opened = f"The house is open, after {time.monotonic() - started:.0f} s. Ctrl-C closes it."
        # One write, so that whoever waits for the first line has them all.
        _say("\n".join([opened, _addresses(settings), *account_lines()]))

    supervisor = Supervisor(make_parts(settings, model), settings.run_dir, _say)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            continue  # As `nohup` wants it.
        loop.add_signal_handler(number, supervisor.stop)
    failure = await supervisor.run(READY_SECONDS, welcome)
    # The accounts are in the database even if the house never opened.
    _say("\n".join([*account_lines(), "The house is closed."]))
    return failure


def _addresses(settings: HouseSettings) -> str:
    base = (os.environ.get("PUBLIC_URL") or settings.desk_url).rstrip("/")
    pages = {
        "page with the chat": "/",
        "console": "/console/",
        "review": "/review/",
        "API description": "/api/v1/openapi.json",
    }
    hours = service_hours()
    is_always = hours == "always"
    told = "at every hour, to try it out" if is_always else "as knowledge/organisation.yml has it"
    lines = [f"  {name:<18}  {base}{path}" for name, path in pages.items()]
    return "\n".join([*lines, f"  {'people are there':<18}  {told} (SERVICE_HOURS={hours})"])


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read our output is gone; the house goes on without a log.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - stays open to the end


if __name__ == "__main__":
    sys.exit(guard(main))
