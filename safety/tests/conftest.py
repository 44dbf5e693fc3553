"""What the tests of the safety package share."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from safety import CATEGORIES, prepare

DATA = Path(__file__).parent / "data"
# Spanish messages stand in a list of their own and may be of any category.
LISTS = (*CATEGORIES, "spanish", "none")
# Harmless words that the encoders doubt today; a fix takes the mark off.
DOUBTED = pytest.mark.xfail(strict=True, reason="the second look doubts it")

type Messages = dict[str, list[str]]


@pytest.fixture(scope="session", autouse=True)
def _ready() -> None:
    prepare()


@pytest.fixture(scope="session")
def messages() -> Callable[[str], Messages]:
    """Reads a file of messages: category to texts."""

    def read(name: str) -> Messages:
        found = yaml.safe_load((DATA / f"{name}.yml").read_text("utf-8"))
        assert set(found) <= set(LISTS), f"{name}.yml names lists that nobody reads"
        return found

    return read
