"""Spellings, chat writing and slips of the finger."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spelling import Spelling, words_of

KNOWN = ["blinatumomab", "remission", "remission", "relapse", "immunotherapy", "fevers", "needle"]
EVERYDAY = ["relax", "what", "mission", "feels", "never", "need"]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(KNOWN, EVERYDAY)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("is blina ok", "is blinatumomab okay"),
        ("leukaemia", "leukemia"),
        ("mll", "kmt2a"),
        ("hes on chemo", "he is on chemotherapy"),
        ("what's that", "whats that"),
        ("remision", "remission"),  # a letter lost
        ("relaspe", "relapse"),  # two letters swapped
        ("immunotheropy", "immunotherapy"),
        ("blinatumumob", "blinatumomab"),  # two slips in a long word
        ("relax", "relax"),  # everyday words stay
        ("needs", "needs"),  # and their plurals
        ("needd", "need"),  # a letter drawn out is no slip
        ("relapse2", "relapse 2"),  # a number is parted from its word
        ("xqzwv12", "xqzwv12"),
        ("a convulsion", "a convulsion"),  # right, though the encoder's list lacks it
    ],
)
def test_rewrite(spelling: Spelling, typed: str, read: str) -> None:
    assert spelling.rewrite(typed) == read


@pytest.mark.parametrize("word", ["hamster", "xqzwv", "relay", "elapse"])
def test_a_word_that_is_no_slip_stays(spelling: Spelling, word: str) -> None:
    assert spelling.rewrite(word) == word


@given(st.sampled_from(KNOWN), st.data())
def test_one_lost_letter_is_found_again(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    slip = word[:at] + word[at + 1 :]
    rewritten = Spelling(KNOWN, EVERYDAY).rewrite(slip)
    assert rewritten in KNOWN or slip in EVERYDAY


@given(st.text(alphabet="abcdefgh imnorst'-?129", max_size=60))
def test_rewriting_settles(text: str) -> None:
    spelling = Spelling(KNOWN, EVERYDAY)
    once = spelling.rewrite(text)
    assert spelling.rewrite(once) == once


def test_words_leave_numbers_and_marks_out() -> None:
    assert words_of("is 82 percent good? don't car-t") == [
        "is",
        "percent",
        "good",
        "don't",
        "car-t",
    ]


def test_a_held_key_takes_no_time_and_stays_as_it_is() -> None:
    held = "asdfghjkl" * 400
    begun = time.process_time()

    assert Spelling(["remission"], []).rewrite(held) == held
    assert time.process_time() - begun < 1
