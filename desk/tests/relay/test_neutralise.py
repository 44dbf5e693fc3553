"""What reaches the bot is words, never a command."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.neutralise import NOTHING_LEFT, neutralise


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("/restart", "restart"),
        ("  //ask the nurse", "ask the nurse"),
        ("/ / /back", "back"),
        ("\u200b/restart", "restart"),
        ("\ufeff /restart", "restart"),
        ("\u00a0/\u00a0/restart", "restart"),
        ("a\x00b\x07c", "abc"),
        ("first\n\nsecond\tthird", "first\n\nsecond\tthird"),
        ("2/3 of a dose", "2/3 of a dose"),
        ("///", NOTHING_LEFT),
        ("\u202e", NOTHING_LEFT),
    ],
)
def test_commands_become_words(typed: str, asked: str) -> None:
    """Leading slashes and hidden characters go, all else stays."""
    assert neutralise(typed) == asked


@given(st.text(alphabet=st.characters() | st.sampled_from("/ \n\t\x00\u200b\u00a0\u2028")))
def test_nothing_reaches_the_bot_as_a_command(text: str) -> None:
    """Whatever is typed, the bot gets words it can read; doing it twice changes nothing."""
    asked = neutralise(text)
    assert asked == asked.strip() != ""
    assert not asked.startswith("/")
    assert all(unicodedata.category(c) not in {"Cc", "Cf", "Cs"} or c in "\n\t" for c in asked)
    assert neutralise(asked) == asked
    asked.encode()
