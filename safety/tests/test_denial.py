"""A denial takes back the sign it denies, and no other."""

import pytest

from safety import check
from safety.context import is_veto
from safety.reading import read
from safety.rules import rules

DENIED = [
    "he has no fever",
    "she doesn't have a fever today",
    "he hasn't had any seizures",
    "no seizures since the new medicine",
    "he is not bleeding, just a bruise",
    "no fever, chills or rash",
    "no trouble breathing at all",
    "he never had a fever",
    "the pump is not alarming",
    "there is no blood in the line",
    "I don't think he has a fever",
    "she is not limp",
    "without fever and doing well",
    "he did not swallow the battery",
    "my husband never hit me",
]

DENIED_BUT_ANOTHER_SIGN = [
    ("no fever today but he is blue", "emergency_life"),
    ("no fever, but she is having a seizure", "emergency_life"),
    ("he isn't hot he is just not waking up", "emergency_life"),
    ("not in pain, lips are purple", "emergency_life"),
    ("she has no rash and no fever, she just won't wake up", "emergency_life"),
    ("no bleeding but the line came out", "emergency_device"),
    ("he isn't blue but he has a fever of 102", "emergency_infection"),
    ("no, he is blue", "emergency_life"),
    ("the pump is fine but he has a fever", "emergency_infection"),
    ("I'm not sad, I want to die", "crisis_suicide"),
]

WHERE_THE_DENIAL_IS_THE_SIGN = [
    ("he isn't breathing", "emergency_life"),
    ("she won't wake up", "emergency_life"),
    ("I can't wake him", "emergency_life"),
    ("he is not responding", "emergency_life"),
    ("can't stop the bleeding", "emergency_life"),
    ("the bleeding won't stop", "emergency_life"),
    ("he doesn't react at all", "emergency_life"),
    ("I don't think he is breathing", "emergency_life"),
    ("she has never had a seizure like this before", "emergency_life"),
    ("not breathing well, no fever", "emergency_life"),
    ("no pulse", "emergency_life"),
    ("no wet diaper since last night", "emergency_infection"),
    ("he can't keep anything down", "emergency_infection"),
    ("the pump won't stop beeping", "emergency_device"),
    ("I don't want to live", "crisis_suicide"),
    ("no reason to live anymore", "crisis_suicide"),
    ("we are not safe at home", "crisis_violence"),
    ("I don't trust myself with the baby", "crisis_harm_to_child"),
]


@pytest.mark.parametrize("text", DENIED)
def test_denied_sign_is_none(text):
    assert check(text).categories == ()


@pytest.mark.parametrize(("text", "category"), DENIED_BUT_ANOTHER_SIGN)
def test_denial_reaches_no_other_sign(text, category):
    assert category in check(text).categories


@pytest.mark.parametrize(("text", "category"), WHERE_THE_DENIAL_IS_THE_SIGN)
def test_denial_that_is_itself_the_sign(text, category):
    assert category in check(text).categories


def test_denied_thought_of_suicide_is_heard():
    """Who writes it has thought of it."""
    assert check("I don't want to kill myself, I only feel sad").categories == ("crisis_suicide",)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("there is a blue cross on the door", True), ("she went blue, cross my heart", False)],
)
def test_a_comma_undoes_a_veto(text: str, is_one: bool) -> None:
    """Words on both sides of a comma are not one thing, for the rules as for the second look."""
    known = rules()
    sentence = read(text, known.lexicon).sentences[0]
    frames = known.frames(sentence.words)
    assert any(frame.name == "veto" for frame in frames)
    assert any(is_veto(frame, sentence, known.lexicon) for frame in frames) is is_one
