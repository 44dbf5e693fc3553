import shutil
import socket
from types import SimpleNamespace

import pytest

from ops import checks
from ops.plain import Stop
from ops.settings import read_settings

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("name", ["PORT", "BOT_PORT", "ACTIONS_PORT"])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(name, taken_port):
    environ = {other: str(free_port()) for other in ("PORT", "BOT_PORT", "ACTIONS_PORT")}
    checks.check_ports(read_settings(environ))

    with pytest.raises(Stop, match=rf"Port {taken_port} is taken .* {name}={taken_port + 1}"):
        checks.check_ports(read_settings(environ | {name: str(taken_port)}))


def test_a_host_of_another_machine_is_refused():
    environ = {"HOST": "192.0.2.1", "PORT": str(free_port())}  # A documentation address, RFC 5737.

    with pytest.raises(Stop, match=r"HOST is '192\.0\.2\.1', which is no address of this machine"):
        checks.check_ports(read_settings(environ))


def test_too_full_a_disk_is_said_before_anything_is_written(monkeypatch, tmp_path):
    checks.check_disk(tmp_path)

    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=12_000_000))
    with pytest.raises(Stop, match="12 MB are free"):
        checks.check_disk(tmp_path)


def test_a_data_folder_holds_one_house_at_a_time(tmp_path):
    settings = read_settings({"DATA_DIR": str(tmp_path / "var")})

    with checks.occupied(settings, "run"):
        assert settings.data_dir.stat().st_mode & 0o077 == 0
        with (
            pytest.raises(Stop, match="Cannot restore: a house already runs"),
            checks.occupied(settings, "restore"),
        ):
            pass
    with checks.occupied(settings, "restore"):
        pass
