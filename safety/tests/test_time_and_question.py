"""What is long over, only asked about, feared or somebody else's is no emergency."""

import pytest

from safety import check

LONG_OVER = [
    "he had a seizure last year, is that linked?",
    "she had a fever two months ago",
    "he was blue when he was born but is fine now",
    "the line came out last month and was replaced",
    "she used to have seizures before diagnosis",
    "he swallowed a coin years ago",
]

NOT_OVER = [
    ("he had a seizure an hour ago", "emergency_life"),
    ("he had a seizure this morning", "emergency_life"),
    ("he had a seizure", "emergency_life"),
    ("he had a seizure last year and now he is having another", "emergency_life"),
    ("he had a fever yesterday", "emergency_infection"),
    ("fever since last week and still 38.9", "emergency_infection"),
    ("she had a fever last month and has one again now", "emergency_infection"),
    ("I tried to kill myself last night", "crisis_suicide"),
]

QUESTIONS = [
    "what counts as a fever?",
    "can blinatumomab cause seizures?",
    "what happens if the pump alarms?",
    "is bleeding common?",
    "what does neutropenic fever mean",
    "how high a fever is too high",
    "what are the signs of infection",
    "when should we call about a fever",
    "how do I know if my baby has a seizure",
    "what would a seizure look like in a baby",
    "do babies get fevers on blina",
    "how do doctors treat seizures",
    "when is the line taken out",
    "I am worried he will have a seizure",
    "the doctor said she may get a fever",
    "another baby on the ward had a seizure, is that common",
    "I read that babies can stop breathing",
    "my dog had a seizure",
    "will my baby die",
    "my baby died last year",
    "is my baby dying",
    "I'm dying to know the results",
    "how does it kill cancer cells",
    "I feel so sad and tired",
    "this wait is killing me",
    "the news hit me hard",
    "am I hurting him by saying yes to chemo",
    "what is 988",
    "is 98.6 normal",
    "what temperature should the room be",
    "when does the 82% apply",
    "he is 39 weeks old",
    "red cell transfusion",
    "no response to steroids",
    "is infant leukemia worse than in older kids",
    "why wasn't there a control group",
    "isn't there someone who could ring us",
    "can low red cells make her tired and short of breath",
    "were there seizures in the babies of the study",
    "why is 100.4 the number",
    "is it normal to be afraid of the pump",
    "my 8 year old pretends that he is sick",
    "we painted his room blue",
    "maybe better if I talk to a person",
    "she pulled her tube when she was 3 months old and they replaced it",
]

ASKED_ABOUT_NOW = [
    ("why is he turning blue", "emergency_life"),
    ("is she having a seizure?", "emergency_life"),
    ("should I worry that his lips are blue?", "emergency_life"),
    ("is it normal that he is so hard to wake", "emergency_life"),
    ("he has 100.9 is that ok", "emergency_infection"),
    ("can I give her tylenol for 38.6", "emergency_infection"),
    ("what do I do he is not breathing", "emergency_life"),
    ("her eyes are open but she is not there", "emergency_life"),
    ("he is red all over since the transfusion", "emergency_device"),
    ("we used the big syringe instead", "emergency_device"),
    ("the pump keeps screaming", "emergency_device"),
    ("everybody would do better if I disappeared", "crisis_suicide"),
    ("I don't know what I'll do to him", "crisis_harm_to_child"),
    ("the pump is alarming what do I press", "emergency_device"),
    ("how many pills would kill me", "crisis_suicide"),
]

IN_DOUBT = [
    "what do I do if he stops breathing",
    "could he be having a seizure",
    "is it bad if his lips are blue",
    "is 38.5 bad",
    "I can't do this anymore",
]

CERTAIN = [
    "he has 100.9 is that ok",
    "he is not breathing",
    "38.9",
    "the line came out",
    "he ate my pills",
    "I want to kill myself",
    "my husband hit me",
    "I am scared I will shake him",
]


@pytest.mark.parametrize("text", [*LONG_OVER, *QUESTIONS])
def test_no_alarm(text):
    assert check(text).categories == ()


@pytest.mark.parametrize(("text", "category"), [*NOT_OVER, *ASKED_ABOUT_NOW])
def test_alarm(text, category):
    assert category in check(text).categories


@pytest.mark.parametrize("text", IN_DOUBT)
def test_weak_sign_is_in_doubt(text):
    assert check(text).certainty == "doubt"


@pytest.mark.parametrize("text", CERTAIN)
def test_plain_sign_is_certain(text):
    assert check(text).certainty == "certain"


@pytest.mark.parametrize(
    "text",
    [
        "why would the pump alarm?",
        "why do lines get air bubbles",
        "his fever is gone, when is the next dose",
        "she got hives once, then never again",
        "he had a fever for a day and then it was gone",
        "the pump alarmed on Sunday and the nurse fixed it",
    ],
)
def test_what_is_over_or_asked_about_as_such_is_not_certain(text):
    verdict = check(text)
    assert verdict.certainty != "certain"
    assert verdict.kind != "crisis"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("why does the pump keep alarming", "emergency_device"),
        ("why is the pump alarming", "emergency_device"),
        ("her fever is gone but came back", "emergency_infection"),
        ("her fever is not gone", "emergency_infection"),
        ("fever is gone and now its 101", "emergency_infection"),
        ("her fever is gone but she is shaking", "emergency_life"),
        ("he had a seizure, then never again", "emergency_life"),
        ("the fever never went away", "emergency_infection"),
        ("her fever is going up", "emergency_infection"),
    ],
)
def test_what_goes_on_or_is_grave_stays_certain(text, category):
    verdict = check(text)
    assert verdict.certainty == "certain"
    assert category in verdict.categories
