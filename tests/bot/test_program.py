"""The bot's program: Rasa as it is, without TensorFlow."""

import subprocess
import sys

import pytest

SECONDS = 120


def said_by(code: str) -> str:
    """What a fresh Python prints that has left TensorFlow out and then runs this code."""
    whole = f"import bot.program; bot.program.leave_tensorflow_out()\n{code}"
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", whole],
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_rasa_is_imported_without_it() -> None:
    """Whatever Rasa needs to train and to serve, the stock components included."""
    said = said_by(
        "import sys, rasa.server, rasa.model_training, rasa.core.run\n"
        "import rasa.engine.recipes.default_components\n"
        "real = [name for name, each in sys.modules.items()"
        " if name.partition('.')[0] in bot.program.LEFT_OUT and getattr(each, '__file__', None)]\n"
        "print(len(real))"
    )
    assert said == "0"


@pytest.mark.parametrize(
    "code",
    [
        "from rasa.utils.tensorflow.models import RasaModel as made",
        "import tensorflow.keras\nmade = tensorflow.keras.Model",
        "from tensorflow import constant as made",
    ],
)
def test_what_needs_it_says_so(code: str) -> None:
    """Rather than computing nothing in silence."""
    said = said_by(f"{code}\ntry:\n    made(1)\nexcept RuntimeError as wrong:\n    print(wrong)")
    assert "needs TensorFlow" in said
    assert any(name in said for name in ("RasaModel", "tensorflow.keras.Model", ".constant"))
    assert "config.yml" in said


def test_nothing_changes_unless_asked() -> None:
    """Importing the module alone leaves TensorFlow where it is."""
    finders = len(sys.meta_path)
    __import__("bot.program")
    assert len(sys.meta_path) == finders
