import re

import pytest

from ops.plain import Stop
from ops.settings import HOUSE_SETTINGS, ROOT, read_settings


def test_a_bare_environment_gives_loopback_and_the_usual_ports():
    settings = read_settings({})

    assert settings.desk_url == "http://127.0.0.1:8000"
    assert settings.bot_url == "http://127.0.0.1:5005"
    assert settings.actions_url == "http://127.0.0.1:5055"
    assert settings.data_dir == ROOT / "var"


def test_the_environment_moves_ports_and_data(tmp_path):
    settings = read_settings(
        {"PORT": "8100", "BOT_PORT": "5105", "ACTIONS_PORT": "5155", "DATA_DIR": str(tmp_path)}
    )

    assert settings.desk_url == "http://127.0.0.1:8100"
    assert settings.bot_url == "http://127.0.0.1:5105"
    assert settings.actions_url == "http://127.0.0.1:5155"
    assert settings.data_dir == tmp_path


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000")],
)
def test_the_neighbours_reach_the_desk_whatever_it_listens_on(host, address):
    assert read_settings({"HOST": host}).desk_url == address


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_by_name(value):
    with pytest.raises(Stop, match=r"BOT_PORT .* from 1 to 65535"):
        read_settings({"BOT_PORT": value})


def test_two_parts_cannot_share_a_port():
    with pytest.raises(Stop, match="three different ports"):
        read_settings({"PORT": "5005"})


def test_no_documented_setting_of_the_owners_house_reaches_another_one():
    documented = re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.M)

    assert len(documented) > 30
    assert {*documented} <= {*HOUSE_SETTINGS}
