"""Where the house stands and listens: the few settings that its parts have to share.

Everything else is read by the part that needs it; docs/settings.md lists it all.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.plain import Stop

ROOT = Path(__file__).resolve().parent.parent
BOT_PROGRAMS = ROOT / ".venvs" / "bot" / "bin"
RASA = (str(BOT_PROGRAMS / "python"), "-m", "bot.program")  # Its own program, without TensorFlow.
DESK_PROGRAMS = ROOT / ".venvs" / "desk" / "bin"
HOUSE_SETTINGS = (
    "ACTIONS_PORT", "ALLOWED_HOSTS", "BOT_PORT", "BOT_URL", "CLOSING_SOON_MINUTES",
    "DATABASE_URL", "DATA_DIR", "DESK_URL", "DJANGO_SETTINGS_MODULE", "DOMAIN_FILE",
    "DUTY_ALERT_MINUTES", "DUTY_EMAIL", "EMBED_ORIGINS", "EMPTY_EXPIRY_HOURS", "FOLLOW_UP_HOURS",
    "FORWARDED_ALLOW_IPS", "HOST", "IDLE_CLOSE_MINUTES", "IDLE_WARNING_MINUTES", "KNOWLEDGE_DIR",
    "LOG_LEVEL", "MAIL_REPLY_TO", "ORGANISATION_FILE", "PHONE_REGION", "PORT", "PRESENCE_SECONDS",
    "PUBLIC_URL", "QUEUE_REMINDER_MINUTES", "RATE_LIMIT", "REDIS_URL", "RESUME_LINK_HOURS",
    "RETENTION_DAYS", "SECOND_READER", "SECRET_KEY", "SERVICE_HOURS", "SIGN_IN_ATTEMPTS",
    "SIGN_IN_LOCK_MINUTES", "SMTP_FROM", "SMTP_HOST", "SMTP_PASSWORD", "SMTP_PORT",
    "SMTP_SECURITY", "SMTP_USER", "TRANSFER_SECONDS", "VANISHED_SECONDS", "WEB_CONCURRENCY",
)  # fmt: skip
"""Every setting of a house, for whoever must not meddle with the one that its owner runs."""
LOOPBACK = "127.0.0.1"  # The bot and its action server are never reachable from elsewhere.


@dataclass(frozen=True)
class HouseSettings:
    """Addresses and folders of one running house."""

    host: str
    port: int
    bot_port: int
    actions_port: int
    data_dir: Path

    @property
    def desk_url(self) -> str:
        """Address of the desk as its neighbours on this machine reach it."""
        host = LOOPBACK if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def bot_url(self) -> str:
        """Address of the Rasa server."""
        return f"http://{LOOPBACK}:{self.bot_port}"

    @property
    def actions_url(self) -> str:
        """Address of the action server."""
        return f"http://{LOOPBACK}:{self.actions_port}"

    @property
    def run_dir(self) -> Path:
        """Folder of what only a running house needs: process numbers and its lock."""
        return self.data_dir / "run"


def read_settings(environ: Mapping[str, str] | None = None) -> HouseSettings:
    """Read the shared settings.

    Args:
        environ: the environment; the process's own by default.

    Returns:
        Settings with an absolute `data_dir`.

    Raises:
        Stop: a port is no number from 1 to 65535, or two parts share one.
    """
    environ = os.environ if environ is None else environ
    ports = {
        name: _port(name, environ.get(name) or default)
        for name, default in (("PORT", 8000), ("BOT_PORT", 5005), ("ACTIONS_PORT", 5055))
    }
    if len(set(ports.values())) < len(ports):
        raise Stop("PORT, BOT_PORT and ACTIONS_PORT must be three different ports.")
    return HouseSettings(
        host=environ.get("HOST") or LOOPBACK,
        port=ports["PORT"],
        bot_port=ports["BOT_PORT"],
        actions_port=ports["ACTIONS_PORT"],
        data_dir=(ROOT / (environ.get("DATA_DIR") or "var")).resolve(),
    )


def _port(name: str, value: str | int) -> int:
    try:
        port = int(value)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise Stop(f"{name} is {value!r}: set it to a port from 1 to 65535.")
    return port
