"""The desk's settings as they come from the environment, checked once at start.

`SETTINGS` is the only list: docs/settings.md is held to it by a test. `read` turns a mapping such
as `os.environ` into one frozen `Environment` or says, in one error, everything that is wrong.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email
from phonenumbers import SUPPORTED_REGIONS

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY_LENGTH = 50  # Django's own lower bound in `check --deploy`.
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """One or more settings cannot be used; the text lists each with what to change."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("settings cannot be used:\n" + "\n".join(f"  - {p}" for p in problems))


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, the default as text, its meaning and its reader."""

    name: str
    default: str
    meaning: str
    read: Callable[[str], Any]


def _text(value: str) -> str:
    return value


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"must be between {low} and {high}")
        return number

    return read


def _path(value: str) -> Path:
    path = Path(value)
    return path if path.is_absolute() else ROOT / path


def _site(value: str) -> str:
    """An http or https address without path, query and fragment, such as https://example.org."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://chat.example.org")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must have no path: scheme, host and port alone")
    return f"{parts.scheme}://{parts.netloc}"


def _sites(value: str) -> tuple[str, ...]:
    return tuple(_site(part) for part in _names(value))


def _optional_site(value: str) -> str:
    return _site(value) if value else ""


def _mail_address(value: str) -> str:
    """An e-mail address, or nothing; it goes into a header, so it has to be exactly one."""
    if not value:
        return ""
    try:
        return validate_email(value, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise ValueError("must be one address such as desk@example.org") from None


def _mail_problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the mail settings taken together."""
    host = values.get("smtp_host", "")
    problems = []
    if host and values.get("smtp_from") == "":
        problems.append("SMTP_FROM is needed with SMTP_HOST: the address mails come from")
    is_open = values.get("smtp_security") == "none" and host not in _LOOPBACK
    if host and is_open and values.get("smtp_password"):
        problems.append("SMTP_SECURITY none would send SMTP_PASSWORD for all to read")
    return problems


def _region(value: str) -> str:
    """A country in two capital letters that the phone library knows."""
    if value not in SUPPORTED_REGIONS:
        raise ValueError("must be a country in two capital letters, such as US")
    return value


def _redis_url(value: str) -> str:
    if value and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must start with redis://, rediss:// or unix://, or stay unset")
    return value


def _database(value: str) -> SplitResult | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("must start with sqlite:/// or postgresql://, or stay unset for SQLite")
    if not parts.path.strip("/"):
        raise ValueError("must end in the name of a database, for example postgresql://host/desk")
    return parts


def _secret(value: str) -> str:
    if value and len(value) < SECRET_KEY_LENGTH:
        raise ValueError(f"must have at least {SECRET_KEY_LENGTH} characters, or stay unset")
    return value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "SECRET_KEY",
        "",
        "Signs session cookies. At least 50 characters. Unset: made once and kept in "
        "`DATA_DIR/secret_key`, readable by its owner alone.",
        _secret,
    ),
    Setting(
        "PUBLIC_URL",
        "",
        "The address under which browsers reach the desk, such as `https://chat.example.org`. "
        "Unset: `http://HOST:PORT`. With https: secure cookies, HSTS and redirects from http.",
        _optional_site,
    ),
    Setting("HOST", "127.0.0.1", "The address the desk listens on.", _text),
    Setting("PORT", "8000", "The port the desk listens on.", _whole(1, 65535)),
    Setting(
        "ALLOWED_HOSTS",
        "",
        "More host names the desk answers to, separated by commas. Those of `PUBLIC_URL` and of "
        "the machine itself are always among them.",
        _names,
    ),
    Setting(
        "DATABASE_URL",
        "",
        "Where everything is stored, such as `postgresql://name:password@host:5432/desk`. Unset: "
        "SQLite in `DATA_DIR/desk.sqlite3`.",
        _database,
    ),
    Setting(
        "REDIS_URL",
        "",
        "Carries the wake-up calls between several desk processes, such as "
        "`redis://127.0.0.1:6379/0`. Unset: each process wakes its own streams and looks at the "
        "database once a second for what others wrote.",
        _redis_url,
    ),
    Setting("DATA_DIR", "var", "Folder for database, secrets and the erasure ledger.", _path),
    Setting("KNOWLEDGE_DIR", "knowledge", "Folder of entries, notices and sources.", _path),
    Setting("DOMAIN_FILE", "domain.yml", "The file with the bot's short responses.", _path),
    Setting(
        "ORGANISATION_FILE",
        "",
        "The file with the organisation's name, numbers and hours. Unset: `organisation.yml` in "
        "`KNOWLEDGE_DIR`.",
        lambda value: _path(value) if value else None,
    ),
    Setting(
        "SERVICE_HOURS",
        "organisation",
        "`organisation`: specialists can be asked for during the hours in the organisation file. "
        "`always`: at any hour, for trying the house out; `make run` sets it where there is no "
        "`PUBLIC_URL`.",
        _one_of("organisation", "always"),
    ),
    Setting(
        "CLOSING_SOON_MINUTES",
        "30",
        "How long before closing time the service counts as closing soon.",
        _whole(0, 240),
    ),
    Setting(
        "BOT_URL",
        "http://127.0.0.1:5005",
        "Where Rasa listens. `make run` starts it on this machine, at `BOT_PORT`, and sets this "
        "itself.",
        _site,
    ),
    Setting(
        "EMBED_ORIGINS",
        "",
        "Sites that may embed the widget, separated by commas, such as `https://example.org`. "
        "The desk's own address always may.",
        _sites,
    ),
    Setting(
        "RATE_LIMIT",
        "on",
        "`on` limits calls per conversation and per address; `off` is for measuring on loopback.",
        _one_of("on", "off"),
    ),
    Setting(
        "SMTP_HOST",
        "",
        "Mail server. Unset: the desk sends no mail, and the widget offers none.",
        _text,
    ),
    Setting("SMTP_PORT", "587", "Port of the mail server.", _whole(1, 65535)),
    Setting("SMTP_USER", "", "Name at the mail server, if it asks for one.", _text),
    Setting("SMTP_PASSWORD", "", "Password at the mail server.", _text),
    Setting(
        "SMTP_SECURITY",
        "starttls",
        "How the connection to the mail server is protected: `starttls` and `tls` check its "
        "certificate; `none` is for a server on the same machine.",
        _one_of("starttls", "tls", "none"),
    ),
    Setting(
        "SMTP_FROM",
        "",
        "Sender address of mails from the desk; needed with `SMTP_HOST`.",
        _mail_address,
    ),
    Setting(
        "MAIL_REPLY_TO",
        "",
        "Where an answer to a mail goes, if not to `SMTP_FROM`; a mailbox that somebody reads.",
        _mail_address,
    ),
    Setting(
        "DUTY_EMAIL",
        "",
        "Who is written to when a family waits and nobody looks, or a follow-up falls overdue. "
        "Unset: nobody.",
        _mail_address,
    ),
    Setting(
        "DUTY_ALERT_MINUTES",
        "5",
        "How long a family waits, with nobody looking, before `DUTY_EMAIL` is written to.",
        _whole(1, 24 * 60),
    ),
    Setting(
        "IDLE_WARNING_MINUTES",
        "30",
        "After how long without a word a visitor is told that the conversation will be closed.",
        _whole(1, 7 * 24 * 60),
    ),
    Setting(
        "IDLE_CLOSE_MINUTES",
        "30",
        "How long after that warning the conversation is closed.",
        _whole(1, 7 * 24 * 60),
    ),
    Setting(
        "QUEUE_REMINDER_MINUTES",
        "10",
        "After how long in the queue a visitor is offered to keep waiting, a callback or the bot.",
        _whole(1, 24 * 60),
    ),
    Setting(
        "FOLLOW_UP_HOURS",
        "8",
        "How many hours in which the service is open a callback or a left question may take. "
        "Eight hours of a longer day mean the same or the next day of service.",
        _whole(1, 24 * 14),
    ),
    Setting(
        "PHONE_REGION",
        "US",
        "The country, in two letters, whose way of dialling a phone number without a country code "
        "is read in, where the visitor's time zone says nothing else.",
        _region,
    ),
    Setting(
        "RESUME_LINK_HOURS",
        "24",
        "How long a link works that a visitor made to go on with the chat on another device.",
        _whole(1, 24 * 14),
    ),
    Setting(
        "EMPTY_EXPIRY_HOURS",
        "24",
        "After how long a conversation is removed in which the visitor never wrote.",
        _whole(1, 24 * 30),
    ),
    Setting(
        "RETENTION_DAYS",
        "730",
        "After how many days without activity a conversation is erased.",
        _whole(1, 3650),
    ),
    Setting(
        "PRESENCE_SECONDS",
        "60",
        "How long after the last sign of a specialist's console they still count as there.",
        _whole(10, 3600),
    ),
    Setting(
        "VANISHED_SECONDS",
        "60",
        "How long after the last sign of a specialist's console their conversations go back to "
        "the queue, at their old place.",
        _whole(30, 24 * 60 * 60),
    ),
    Setting(
        "TRANSFER_SECONDS",
        "120",
        "How long a colleague has to accept a conversation that they were offered; then the offer "
        "lapses and whoever made it keeps the conversation.",
        _whole(10, 24 * 60 * 60),
    ),
    Setting(
        "SECOND_READER",
        "off",
        "`on`: a reply waits until a colleague has read and released it. Whoever is alone on duty "
        "(no colleague is connected and accepting) may release their own, which is put on record.",
        _one_of("off", "on"),
    ),
    Setting(
        "SIGN_IN_ATTEMPTS",
        "5",
        "Failed sign-ins from one address with one name before it is locked out.",
        _whole(1, 100),
    ),
    Setting("SIGN_IN_LOCK_MINUTES", "15", "How long such a lock-out lasts.", _whole(1, 24 * 60)),
    Setting("LOG_LEVEL", "INFO", "Least grave level that is logged.", _one_of(*LOG_LEVELS)),
)


@dataclass(frozen=True)
class Environment:
    """Every setting, read and checked. Field names are those of `SETTINGS` in lower case."""

    secret_key: str
    public_url: str
    host: str
    port: int
    allowed_hosts: tuple[str, ...]
    database_url: SplitResult | None
    redis_url: str
    data_dir: Path
    knowledge_dir: Path
    domain_file: Path
    organisation_file: Path | None
    service_hours: str
    closing_soon_minutes: int
    bot_url: str
    embed_origins: tuple[str, ...]
    rate_limit: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: str
    smtp_from: str
    mail_reply_to: str
    duty_email: str
    duty_alert_minutes: int
    idle_warning_minutes: int
    idle_close_minutes: int
    queue_reminder_minutes: int
    follow_up_hours: int
    phone_region: str
    resume_link_hours: int
    empty_expiry_hours: int
    retention_days: int
    presence_seconds: int
    vanished_seconds: int
    transfer_seconds: int
    second_reader: str
    sign_in_attempts: int
    sign_in_lock_minutes: int
    log_level: str

    @property
    def site(self) -> str:
        """The desk's own address as browsers see it."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the desk by https."""
        return self.site.startswith("https://")

    def database(self) -> dict[str, Any]:
        """Django's `DATABASES["default"]` for `DATABASE_URL`."""
        url = self.database_url
        if url is None:
            return _sqlite(str(self.data_dir / "desk.sqlite3"))
        if url.scheme == "sqlite":
            return _sqlite(url.path.removeprefix("/") if url.netloc == "" else url.path)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            # Under ASGI a connection kept per thread is never given back; a pool is.
            "CONN_MAX_AGE": 0,
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 30, "timeout": 10}},
        }


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name if name.startswith("/") or name == ":memory:" else str(ROOT / name),
        "OPTIONS": {
            # A transaction that reads first and writes later would fail as soon as another one
            # wrote in between; IMMEDIATE takes the one write lock at BEGIN and waits for it.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a message that was acknowledged survives a power cut.
            # secure_delete: what is erased is overwritten, and is in no backup made afterwards.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA secure_delete=ON;",
        },
    }


def read(variables: Mapping[str, str]) -> Environment:
    """Read every setting from `variables`, such as `os.environ`.

    Raises:
        SettingsError: one or more values cannot be used; all of them are named.
    """
    values: dict[str, Any] = {}
    problems = []
    for setting in SETTINGS:
        raw = variables.get(setting.name, "").strip() or setting.default
        try:
            values[setting.name.lower()] = setting.read(raw)
        except ValueError as error:
            problems.append(f"{setting.name} {error}")
    problems += _mail_problems(values)
    if problems:
        raise SettingsError(problems)
    values["secret_key"] = values["secret_key"] or _kept_secret(values["data_dir"])
    return Environment(**values)


def _kept_secret(folder: Path) -> str:
    """The secret in `folder/secret_key`, made at the first start."""
    file = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Linked into place whole, so that a process starting at the same moment reads all of it.
        draft = folder / f".secret_key-{os.getpid()}-{secrets.token_hex(4)}"
        if not file.exists():
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(SECRET_KEY_LENGTH))
            try:
                os.link(draft, file)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return file.read_text().strip()
    except OSError as error:
        problem = (
            f"SECRET_KEY is unset and {file} cannot be used ({error.strerror}): set one of both"
        )
        raise SettingsError([problem]) from error
