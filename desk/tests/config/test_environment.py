"""Settings come from the environment, are checked at start, and are documented."""

import dataclasses
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import safety
from config import startup
from config.environment import ROOT, SETTINGS, Environment, SettingsError, read

DOCUMENT = ROOT / "docs" / "settings.md"
KEY = "k" * 50


def read_with(**variables: str) -> Environment:
    """The environment with these variables and a secret that needs no file."""
    return read({"SECRET_KEY": KEY} | variables)


def test_every_setting_is_documented_as_it_is_and_nothing_else_is():
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    documented = [(name, default.strip("`"), meaning) for name, default, meaning in rows]
    assert documented == [
        (setting.name, setting.default or "unset", setting.meaning) for setting in SETTINGS
    ]


def test_every_setting_has_its_field():
    fields = {field.name for field in dataclasses.fields(Environment)}
    assert fields == {setting.name.lower() for setting in SETTINGS}


def test_every_default_can_be_used():
    environment = read_with()
    assert environment.site == "http://127.0.0.1:8000"
    assert not environment.is_https
    assert environment.database()["NAME"] == str(ROOT / "var" / "desk.sqlite3")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SECRET_KEY", "short", "at least 50 characters"),
        ("PUBLIC_URL", "chat.example.org", "an address such as"),
        ("PUBLIC_URL", "https://chat.example.org/path", "no path"),
        ("PUBLIC_URL", "ftp://chat.example.org", "an address such as"),
        ("PORT", "eighty", "a whole number"),
        ("PORT", "0", "between 1 and 65535"),
        ("DATABASE_URL", "mysql://host/desk", "must start with"),
        ("DATABASE_URL", "postgresql://host", "name of a database"),
        ("REDIS_URL", "http://127.0.0.1", "must start with redis"),
        ("SERVICE_HOURS", "sometimes", "one of organisation, always"),
        ("EMBED_ORIGINS", "https://a.example, b.example", "an address such as"),
        ("RATE_LIMIT", "maybe", "one of on, off"),
        ("RETENTION_DAYS", "0", "between 1 and"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_to_change(name, value, problem):
    with pytest.raises(SettingsError) as caught:
        read_with(**{name: value})
    assert [name in text and problem in text for text in caught.value.problems] == [True]


def test_everything_wrong_is_said_at_once():
    with pytest.raises(SettingsError) as caught:
        read_with(PORT="x", LOG_LEVEL="x", RATE_LIMIT="x")
    assert len(caught.value.problems) == 3


def test_an_empty_variable_counts_as_unset():
    assert read_with(PORT="  ").port == 8000


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////srv/desk.sqlite3", "/srv/desk.sqlite3"),
        ("sqlite:///var/other.sqlite3", str(ROOT / "var" / "other.sqlite3")),
    ],
)
def test_sqlite_takes_the_write_lock_first_and_survives_a_power_cut(url, name):
    database = read_with(DATABASE_URL=url).database()
    assert database["NAME"] == name
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]


@pytest.mark.django_db
def test_those_promises_hold_in_the_running_database():
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("about SQLite; these tests run on another database now")
    with connection.cursor() as cursor:
        values = [
            cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert values == ["wal", 2, 1]


def test_postgresql_is_read_from_its_address():
    url = "postgresql://desk:p%40ss@db.example:5433/house"
    database = read_with(DATABASE_URL=url).database()
    wanted = {"NAME": "house", "USER": "desk", "PASSWORD": "p@ss", "HOST": "db.example"}
    assert {name: database[name] for name in wanted} == wanted
    assert database["PORT"] == "5433"
    assert database["ENGINE"].endswith("postgresql")


def test_paths_count_from_the_repository():
    environment = read_with(DATA_DIR="elsewhere", KNOWLEDGE_DIR="/srv/knowledge")
    assert environment.data_dir == ROOT / "elsewhere"
    assert environment.knowledge_dir == Path("/srv/knowledge")


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"SMTP_HOST": "mail.example"}, "SMTP_FROM is needed"),
        ({"SMTP_HOST": "mail.example", "SMTP_FROM": "desk"}, "SMTP_FROM must be one address"),
        ({"MAIL_REPLY_TO": "a@b.org, c@d.org"}, "MAIL_REPLY_TO must be one address"),
        (
            {
                "SMTP_HOST": "mail.example",
                "SMTP_FROM": "desk@b.org",
                "SMTP_SECURITY": "none",
                "SMTP_PASSWORD": "x",
            },
            "for all to read",
        ),
        ({"PHONE_REGION": "Mars"}, "PHONE_REGION must be a country"),
    ],
)
def test_mail_that_could_not_go_or_not_safely_is_said_at_start(variables, problem):
    with pytest.raises(SettingsError, match=problem):
        read_with(**variables)


def test_mail_settings_that_go_together_are_taken():
    loopback = {"SMTP_SECURITY": "none", "SMTP_PASSWORD": "x", "SMTP_HOST": "127.0.0.1"}
    assert read_with(SMTP_FROM="Desk@Example.ORG", **loopback).smtp_from == "Desk@example.org"


class TestSecret:
    """Without SECRET_KEY one is made, once, for its owner's eyes."""

    def test_it_is_made_once(self, tmp_path):
        first = read({"DATA_DIR": str(tmp_path)}).secret_key
        assert len(first) >= 50
        assert read({"DATA_DIR": str(tmp_path)}).secret_key == first
        mode = (tmp_path / "secret_key").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]

    def test_processes_that_start_together_agree(self, tmp_path):
        with ThreadPoolExecutor(8) as pool:
            keys = list(pool.map(lambda _: read({"DATA_DIR": str(tmp_path)}).secret_key, range(16)))
        assert len(set(keys)) == 1

    def test_a_folder_that_cannot_be_written_is_said(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(SettingsError, match="SECRET_KEY is unset"):
            read({"DATA_DIR": str(tmp_path / "file")})


def manage(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` in a process of its own, with the house's real content."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT / "desk",
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "DATA_DIR": str(tmp_path),
            "KNOWLEDGE_DIR": str(ROOT / "desk" / "tests" / "content" / "knowledge"),
            "DOMAIN_FILE": str(ROOT / "desk" / "tests" / "content" / "domain.yml"),
        }
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_setting_ends_in_plain_words_and_no_traceback(tmp_path):
    ended = manage(tmp_path, "check", PORT="eighty")
    assert ended.returncode != 0
    assert "PORT must be a whole number" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_deployment_check_is_clean_with_production_settings(tmp_path):
    ended = manage(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        PUBLIC_URL="https://chat.example.org",
        HOST="0.0.0.0",
        EMBED_ORIGINS="https://example.org",
    )
    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout


def test_models_and_migrations_agree(tmp_path):
    ended = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert ended.returncode == 0, ended.stdout


class TestServerStart:
    """A server process says what is wrong before it takes its first visitor."""

    def test_the_application_comes_up_with_complete_content(self):
        startup.prepare()

    def test_content_that_would_fail_in_front_of_a_visitor_stops_it(
        self, own_content, settings, tmp_path
    ):
        settings.KNOWLEDGE_DIR = tmp_path
        with pytest.raises(SettingsError, match="knowledge: "):
            startup.prepare()

    def test_broken_safety_data_stops_it(self, monkeypatch):
        def broken() -> None:
            raise ValueError("rules.yml: no such rule")

        monkeypatch.setattr(safety, "prepare", broken)
        with pytest.raises(SettingsError, match=r"safety: rules\.yml"):
            startup.prepare()
