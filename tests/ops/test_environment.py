import pytest

from ops.environment import actions_environment, arithmetic, bot_environment, desk_environment
from ops.settings import read_settings


@pytest.fixture
def settings(tmp_path):
    return read_settings({"DATA_DIR": str(tmp_path), "PORT": "8100", "BOT_PORT": "5105"})


@pytest.mark.parametrize("environment", [bot_environment, actions_environment])
def test_the_bot_gets_no_secret(environment, settings, monkeypatch):
    desk_environment(settings)  # Makes the key, so that there is one to leak.
    for name in ("SECRET_KEY", "SMTP_PASSWORD", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "hush-hush")
    key = (settings.data_dir / "secret_key").read_text().strip()

    variables = environment(settings)

    assert "hush-hush" not in variables.values()
    assert key not in variables.values()
    assert variables["RASA_TELEMETRY_ENABLED"] == "false"
    assert variables["SANIC_HOST"] == "127.0.0.1"


def test_the_desk_keeps_what_its_owner_set(settings, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "chosen")
    monkeypatch.setenv("SERVICE_HOURS", "organisation")
    monkeypatch.setenv("EMBED_ORIGINS", "https://charity.example")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    variables = desk_environment(settings)

    assert variables["SECRET_KEY"] == "chosen"
    assert variables["SERVICE_HOURS"] == "organisation"
    assert variables["EMBED_ORIGINS"] == "https://charity.example"
    assert variables["BOT_URL"] == "http://127.0.0.1:5105"
    assert "PYTHONDONTWRITEBYTECODE" not in variables  # A container's habit; starts take longer.


def test_the_desk_of_a_newcomer_has_a_key_and_is_always_open(settings, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SERVICE_HOURS", "")
    monkeypatch.delenv("PUBLIC_URL", raising=False)

    variables = desk_environment(settings)

    assert variables["SERVICE_HOURS"] == "always"
    assert variables["SECRET_KEY"] == (settings.data_dir / "secret_key").read_text().strip()


def test_a_desk_with_an_address_of_its_own_keeps_the_services_hours(settings, monkeypatch):
    monkeypatch.delenv("SERVICE_HOURS", raising=False)
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.org")

    assert desk_environment(settings)["SERVICE_HOURS"] == "organisation"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("sse2 avx2 fma", {"OPENBLAS_CORETYPE": "Haswell"}), ("sse2 avx", {}), ("avx2", {})],
)
def test_a_processor_younger_than_openblas_is_used_in_full(
    flags, expected, settings, tmp_path, monkeypatch
):
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        monkeypatch.delenv(name, raising=False)
    described = tmp_path / "cpuinfo"
    described.write_text(f"processor : 0\nflags : {flags}\n\nprocessor : 1\n")

    assert arithmetic(described) == expected
    assert arithmetic(tmp_path / "no-such-file") == {}


def test_the_owner_chooses_how_openblas_computes(settings, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    monkeypatch.delenv("OPENBLAS_L2_SIZE", raising=False)

    variables = bot_environment(settings)

    assert variables["OPENBLAS_CORETYPE"] == "Zen"
    assert "OPENBLAS_L2_SIZE" not in variables
