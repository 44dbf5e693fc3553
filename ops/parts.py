"""The four programs that make up a running house."""

from dataclasses import dataclass
from pathlib import Path

from ops.environment import actions_environment, bot_environment, desk_environment
from ops.settings import BOT_PROGRAMS, DESK_PROGRAMS, LOOPBACK, RASA, ROOT, HouseSettings

DEFAULT_ACTIONS_URL = "http://127.0.0.1:5055"  # What endpoints.yml names.


@dataclass(frozen=True)
class Part:
    """One program under the supervisor.

    Attributes:
        name: short, for the log's prefix and the file of its process number.
        command: program and arguments.
        environment: its whole environment.
        folder: its working folder.
        ready_url: answers 200 once the part can do its work; None where living is all there is.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    ready_url: str | None


def make_parts(settings: HouseSettings, model: Path) -> list[Part]:
    """Return the parts in the order in which they start; they stop in the reverse order.

    Args:
        settings: addresses and folders.
        model: the trained archive that the bot loads.
    """
    desk = desk_environment(settings)
    return [
        Part(
            name="bot",
            # Without --enable-api: the desk speaks to our own channel and to nothing else.
            command=[
                *RASA, "run", "-i", LOOPBACK, "-p", str(settings.bot_port),
                "--model", str(model), "--credentials", "credentials.yml",
                "--endpoints", str(_endpoints(settings)),
            ],
            environment=bot_environment(settings),
            folder=ROOT,
            ready_url=f"{settings.bot_url}/webhooks/desk/",
        ),
        Part(
            name="actions",
            command=[
                str(BOT_PROGRAMS / "python"), "-m", "rasa_sdk", "--actions", "actions",
                "--port", str(settings.actions_port), "--cors", settings.bot_url,
            ],
            environment=actions_environment(settings),
            folder=ROOT,
            ready_url=f"{settings.actions_url}/health",
        ),
        Part(
            name="worker",
            command=[str(DESK_PROGRAMS / "python"), "manage.py", "run_worker"],
            environment=desk,
            folder=ROOT / "desk",
            ready_url=None,
        ),
        Part(
            name="desk",
            # Open event streams never end by themselves, so a stop does not wait long for them.
            # No access log: the desk writes its own, with request ids.
            command=[
                str(DESK_PROGRAMS / "uvicorn"), "config.asgi:application",
                "--host", settings.host, "--port", str(settings.port),
                "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3",
            ],
            environment=desk,
            folder=ROOT / "desk",
            ready_url=f"{settings.desk_url}/readyz",
        ),
    ]  # fmt: skip


def _endpoints(settings: HouseSettings) -> Path:
    # Rasa has no default for a variable in this file, so the file names the usual port and a house
    # on other ports reads a copy.
    original = ROOT / "endpoints.yml"
    if settings.actions_url == DEFAULT_ACTIONS_URL:
        return original
    copy = settings.run_dir / "endpoints.yml"
    copy.write_text(original.read_text().replace(DEFAULT_ACTIONS_URL, settings.actions_url))
    return copy
