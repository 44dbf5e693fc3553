"""Talks to the bot alone, in the terminal: `make shell`."""

import os
import sys

from ops.environment import bot_environment
from ops.model import ensure_model
from ops.plain import guard
from ops.settings import RASA, ROOT, read_settings


def main() -> int:
    """Become `rasa shell`; live facts need the action server of a running house."""
    settings = read_settings()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    model = ensure_model(settings)
    environment = bot_environment(settings) | {"TERM": os.environ.get("TERM", "dumb")}
    os.chdir(ROOT)
    os.execve(RASA[0], [*RASA, "shell", "--model", str(model)], environment)  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    sys.exit(guard(main))
