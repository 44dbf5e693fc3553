"""One slip of a thumb in a long word must not hide a sign."""

import random
import string

import pytest

from safety import check

FLOOR = 0.95
SIGNS = [
    "he is having a {seizure}",
    "my baby is {unconscious}",
    "she is {unresponsive}",
    "he stopped {breathing}",
    "she has trouble {breathing}",
    "he is {convulsing}",
    "he is {shivering} after the flush",
    "she is very {lethargic}",
    "his {temperature} is 38.9",
    "the line is {leaking}",
    "the {broviac} came out",
    "the pump is {alarming}",
    "i gave him the wrong {medicine}",
    "he {swallowed} a battery",
    "i feel {suicidal}",
    "i am thinking about {suicide}",
    "my {husband} hit me",
    "i want to kill {myself}",
    "she is {bleeding} and it will not stop",
    "he is {choking} on milk",
    "we need an {ambulance}",
    "the line {disconnected} from the pump",
    "she was exposed to {chickenpox}",
    "my {boyfriend} beats me",
]


def slip(word: str, chance: random.Random) -> str:
    """The word with one letter left out, added, changed or swapped with the next."""
    at = chance.randrange(len(word) - 1)
    letter = chance.choice(string.ascii_lowercase)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


@pytest.mark.parametrize("seed", range(5))
def test_random_slips_keep_recall_above_the_floor(seed):
    chance = random.Random(seed)
    missed = []
    for sign in SIGNS * 8:
        word = sign[sign.index("{") + 1 : sign.index("}")]
        typed = sign.replace(f"{{{word}}}", slip(word, chance))
        if not check(typed).categories:
            missed.append(typed)
    assert 1 - len(missed) / (len(SIGNS) * 8) >= FLOOR, missed


@pytest.mark.parametrize(
    "text",
    [
        "i was checking and cooking all day",
        "she is sneezing",
        "the swelling of the market will subside",
        "we are choosing toys and clearing the room",
        "reading and meditation help me",
    ],
)
def test_honest_words_are_not_taken_for_slips(text):
    assert check(text).evidence in ((), ("classifier",))
