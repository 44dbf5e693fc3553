import pytest

from ops import services
from ops.services import Missing


@pytest.fixture
def empty_machine(monkeypatch, tmp_path):
    """A machine with nothing installed, and nobody there who could install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(services, "DESK_PROGRAMS", tmp_path)
    monkeypatch.setattr(services.subprocess, "run", lambda *_, **__: None)
    return tmp_path


def put_program(folder, name):
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def test_without_a_browser_the_finder_says_what_to_do(empty_machine):
    with pytest.raises(Missing, match="name its program in CHROMIUM"):
        services.find_chromium()


def test_a_browser_on_the_path_is_taken(empty_machine):
    program = put_program(empty_machine, "google-chrome")

    assert services.find_chromium() == {"CHROMIUM": program}


def test_a_named_browser_comes_before_one_on_the_path(empty_machine, monkeypatch):
    put_program(empty_machine, "chromium")
    named = put_program(empty_machine, "my-browser")
    monkeypatch.setenv("CHROMIUM", named)

    assert services.find_chromium() == {"CHROMIUM": named}


def test_playwrights_own_browser_is_the_last_resort(empty_machine):
    folder = empty_machine / ".cache" / "ms-playwright" / "chromium-1200" / "chrome-linux64"
    folder.mkdir(parents=True)
    program = put_program(folder, "chrome")

    assert services.find_chromium() == {"CHROMIUM": program}


def test_node_counts_only_with_npm(empty_machine):
    put_program(empty_machine, "node")
    with pytest.raises(Missing, match="no Node"):
        services.find_node()

    put_program(empty_machine, "npm")
    assert services.find_node() == {}


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_silent_port_is_no_redis(monkeypatch):
    monkeypatch.setenv("TEST_REDIS_URL", "redis://127.0.0.1:9/0")

    with pytest.raises(Missing, match="no Redis"):
        services.find_redis()
