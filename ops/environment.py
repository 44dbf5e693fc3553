"""The environment variables that each part of the house gets."""

import os
from pathlib import Path

from ops.keys import secret_key
from ops.settings import LOOPBACK, HouseSettings

# Rasa's old pins warn by the dozen at each start, and it reports home unless told not to.
QUIET_RASA = {
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",  # The encoders run on the processor; no search for a card.
    "HF_HUB_OFFLINE": "1",
    "RASA_TELEMETRY_ENABLED": "false",
}

# Containers often set it. Each start would compile 1,500 modules anew, which takes some seconds.
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"

_PROCESSOR = Path("/proc/cpuinfo")


def arithmetic(processor: Path = _PROCESSOR) -> dict[str, str]:
    """Return the variables that make the bot's arithmetic the same on all processors of today.

    The OpenBLAS in Rasa's numpy is of 2022. It takes a processor that came later for one of 2007
    and multiplies matrices at half the speed. What the owner set comes first.

    Args:
        processor: the file in which Linux describes the processor.
    """
    chosen = {
        name: os.environ[name]
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        if os.environ.get(name)
    }
    if chosen or not processor.exists():
        return chosen
    text = processor.read_text("utf-8", errors="replace")
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "").split()
    return {"OPENBLAS_CORETYPE": "Haswell"} if {"avx2", "fma"} <= set(flags) else {}


def bot_environment(settings: HouseSettings) -> dict[str, str]:
    """Return the bot's whole environment: nothing of ours, no secret, no telemetry.

    Rasa's pins carry advisories that cannot be upgraded, so it is given only what it needs. Its
    home folder is one of the house's own, since Rasa writes a settings file there.
    """
    home = settings.data_dir / "bot-home"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # The action server takes its address from here alone and would listen everywhere.
        "SANIC_HOST": LOOPBACK,
        **QUIET_RASA,
        **arithmetic(),
    }


def actions_environment(settings: HouseSettings) -> dict[str, str]:
    """Return the action server's environment: the bot's, and where the desk's live facts are."""
    return bot_environment(settings) | {"DESK_URL": settings.desk_url}


def service_hours() -> str:
    """Return which hours the house keeps: those its owner sets, or what fits where it stands.

    A newcomer who tries it at night must be able to try a handoff; families who reach it under an
    address of its own must not be promised people at every hour.
    """
    usual = "organisation" if os.environ.get("PUBLIC_URL") else "always"
    return os.environ.get("SERVICE_HOURS") or usual


def desk_environment(settings: HouseSettings) -> dict[str, str]:
    """Return the desk's environment: what its owner set, completed by what the house knows.

    `NO_BYTECODE` alone is left out.
    """
    return {
        **{name: value for name, value in os.environ.items() if name != NO_BYTECODE},
        "SERVICE_HOURS": service_hours(),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secret_key(settings.data_dir),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "BOT_URL": settings.bot_url,
        "DATA_DIR": str(settings.data_dir),
        "PYTHONUNBUFFERED": "1",
    }
