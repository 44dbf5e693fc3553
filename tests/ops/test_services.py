import pytest

from ops import services
from ops.services import Missing


@pytest.fixture
def empty_machine(monkeypatch, tmp_path):
    """A machine with nothing installed, and nobody there who could install it for all."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(services, "DESK_PROGRAMS", tmp_path)
    monkeypatch.setattr(services.os, "geteuid", lambda: 1000)
    return tmp_path


def put_program(folder, name, script=""):
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
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


FETCH = """
[ "$*" = "install chromium" ] || exit 2
PATH=/usr/bin:/bin
mkdir -p "{folder}/chromium-1200/chrome-linux64"
cp "$0" "{folder}/chromium-1200/chrome-linux64/chrome"
"""


@pytest.mark.parametrize("given", [None, "browsers"])
def test_playwrights_own_browser_is_fetched_once_as_the_last_resort(
    given, empty_machine, monkeypatch
):
    folder = empty_machine / (given or ".cache/ms-playwright")
    if given:
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(folder))
    fetcher = put_program(empty_machine, "playwright", FETCH.format(folder=folder))
    browser = {"CHROMIUM": str(folder / "chromium-1200" / "chrome-linux64" / "chrome")}
    assert services.find_chromium() == browser

    put_program(empty_machine, "playwright", f"echo again >{fetcher}.called")
    assert services.find_chromium() == browser
    assert not (empty_machine / "playwright.called").exists()


@pytest.mark.parametrize("leaves", ["", "{browsers}/chromium-1200/chrome-linux64"])
def test_a_browser_that_could_not_be_fetched_is_told_in_one_line(leaves, empty_machine, capfd):
    folder = leaves.format(browsers=empty_machine / ".cache" / "ms-playwright")
    script = "echo Downloading; echo 'Error: getaddrinfo' >&2; echo '    at stack' >&2; exit 1"
    if folder:
        script = f"/bin/mkdir -p {folder}; {script}"  # Cut short: a folder without its program.
    put_program(empty_machine, "playwright", script)

    with pytest.raises(Missing) as caught:
        services.find_chromium()

    assert str(caught.value).startswith("no Chromium, and none could be fetched: install one")
    assert "\n" not in str(caught.value)
    shown = capfd.readouterr()
    assert shown.out == "Fetching Playwright's Chromium for the tests in a browser.\n"
    assert shown.err == ""


@pytest.mark.parametrize("version", ["v20.0.0", "v22.23.3", "v24.1.0-nightly"])
def test_a_node_as_new_as_the_widget_needs_is_enough(version, empty_machine):
    put_program(empty_machine, "node", f"echo {version}")
    put_program(empty_machine, "npm")

    assert services.find_node() == {}


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo v18.19.0", "Node 18.19.0 is too old: the widget's own tests need Node 20 or newer"),
        ("echo v9.11.2", "Node 9.11.2 is too old"),
        ("echo 'nodenv: no version set' >&2; exit 1", "no Node"),
    ],
)
def test_an_older_or_broken_node_counts_as_missing(script, told, empty_machine):
    put_program(empty_machine, "node", script)
    put_program(empty_machine, "npm")

    with pytest.raises(Missing, match=told):
        services.find_node()


def test_node_counts_only_with_npm(empty_machine):
    put_program(empty_machine, "node", "echo v20.0.0")

    with pytest.raises(Missing, match="no Node"):
        services.find_node()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_silent_port_is_no_redis(monkeypatch):
    monkeypatch.setenv("TEST_REDIS_URL", "redis://127.0.0.1:9/0")

    with pytest.raises(Missing, match="no Redis"):
        services.find_redis()
