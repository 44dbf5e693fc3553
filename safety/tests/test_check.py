"""The verdict on one message, whatever it looks like."""

import json
import logging
import sys
import time
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety import CATEGORIES, Verdict, check
from safety.classifier import LABELS
from safety.rules import rules

STORY = (
    "Hello and sorry for the long message. We came home on Monday after the second course and the "
    "first days were good. He ate, he laughed with his sister, my mother brought food and we even "
    "went out to the garden for a while. The nurse came on Wednesday to change the bag and said "
    "that everything looked fine, so we were not worried at all. My husband is at work until late "
    "and I am here with both of the children. "
    "{sign}. "
    "I also wanted to ask about the parking permit, because the old one ended last week and my "
    "husband has another car now, and whether the next visit can be moved to the afternoon. And "
    "one more thing, do you know of other families near us? It would be nice to talk to somebody "
    "who has been through this. Thank you very much for reading all of this and for your help, we "
    "are so grateful for everything that you and the people at the hospital have done for us."
)


@pytest.mark.parametrize(
    ("sign", "category"),
    [
        ("Ten minutes ago he went limp and I cannot wake him", "emergency_life"),
        ("Just now the thermometer showed 38.6", "emergency_infection"),
        ("Since an hour the pump beeps and it says occlusion", "emergency_device"),
        ("His brother found my tablets and ate some of my pills", "emergency_swallowed"),
        ("Some nights I think I want to die", "crisis_suicide"),
        ("Last night my husband hit me", "crisis_violence"),
        ("I am so tired that I am scared I will shake him", "crisis_harm_to_child"),
    ],
)
def test_sign_in_the_middle_of_a_story_is_found(sign, category):
    assert category in check(STORY.format(sign=sign)).categories
    assert category in check(STORY.format(sign=sign).replace(". ", " ").replace(",", "")).categories


def test_what_others_do_early_in_a_long_sentence_does_not_take_a_sign_back():
    story = (
        "we came home from the clinic on tuesday and everybody was so glad and there was soup and "
        "my father had hung lanterns in the hall and i cant get him to wake up since the afternoon"
    )
    assert check(story).category == "emergency_life"


def test_story_without_a_sign_raises_no_alarm():
    assert check(STORY.format(sign="Today we rest")).categories == ()


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("he has a fever of 102 and he is turning blue", ("emergency_life", "emergency_infection")),
        ("the line came out and he has a fever", ("emergency_infection", "emergency_device")),
        ("he isn't breathing. I want to die", ("emergency_life", "crisis_suicide")),
        ("my husband hit me and I want to kill myself", ("crisis_suicide", "crisis_violence")),
        ("she ate my pills and is having a seizure", ("emergency_life", "emergency_swallowed")),
    ],
)
def test_several_at_once_come_gravest_first(text, categories):
    found = check(text).categories
    assert set(categories) <= set(found)
    assert list(found) == sorted(found, key=CATEGORIES.index)


@pytest.mark.parametrize(
    "text",
    [
        "HE IS NOT BREATHING!!!",
        "he is not breathinggggg",
        "he is noooot breathing",
        "he\u2019s not breathing",
        "he´s not breathing",
        "hes not breathin",
        "he is not\u200b breathing",
        "sei\ufeffzure now",
        "he is not brea\u00adthing",
        "cant breath",
        "wont wake",
        "isnt breathing",
        "turning blu",
        "😭😭 he is blue 😭",
        "🆘 he is limp",
        "he has a 🤒 39.2",
        "hE iS hAvInG a SeIzUrE",
        "hes having a siezure",
        "he is having a fit",
        "temp\n39.4\nwhat now",
        "he...is...not...breathing",
    ],
)
def test_phone_typing_is_read(text):
    assert check(text).kind == "emergency"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("blina has been off since midnight", "emergency_device"),
        ("low reservoir alarm", "emergency_device"),
        ("pump fell in the bath", "emergency_device"),
        ("white end of the line is missing its cap", "emergency_device"),
        ("gave her the morning dose two times by accident", "emergency_device"),
        ("toddler got into the mercaptopurine bottle", "emergency_swallowed"),
        ("shes freezing cold 35.4", "emergency_infection"),
        ("pee is red", "emergency_infection"),
        ("tiene 38,5 a quien llamo", "emergency_infection"),
        ("bloody nose for half an hour", "emergency_life"),
        ("shes burning up 101.3 its 3am clinic opens at 8 what do i do", "emergency_infection"),
        ("she is grey and wont feed", "emergency_life"),
    ],
)
def test_hurried_words_are_found_by_rules(text, category):
    verdict = check(text)
    assert category in verdict.categories
    assert verdict.evidence != ("meaning",)


def test_british_words_are_read():
    assert check("mum here, no wet nappy since last night").kind == "emergency"
    assert check("our lad has gone a grey colour and is floppy").kind == "emergency"


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "?", "...", "😀", "\ud800", "a" * 70_000, "'" * 9]
)
def test_nothing_in_nothing(text):
    assert check(text) == Verdict()


SIGNS = st.sampled_from(
    [
        "he",
        "is",
        "not",
        "breathing",
        "blue",
        "no",
        "never",
        "but",
        "and",
        "if",
        ",",
        ".",
        "?",
        "!",
        "38.5",
        "102",
        "%",
        "he's",
        "can't",
        "won't",
        "fever",
        "pump",
        "line",
        "came",
        "out",
        "want",
        "to",
        "die",
        "kill",
        "hit",
        "me",
        "last",
        "year",
        "when",
        "what",
        "is",
        "a",
        "baby",
        "no",
        "respira",
        "😭",
        "\n",
    ]
)
PASTED = st.builds(
    lambda text, times: (text * times)[:70_000],
    st.one_of(st.text(max_size=400), st.lists(SIGNS, max_size=80).map(" ".join)),
    st.integers(1, 70_000),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(st.text(max_size=2_000), st.lists(SIGNS).map(" ".join), PASTED))
def test_never_raises_and_stays_fast(text, caplog):
    """Not one text makes it fail, and none costs a second, however it is made.

    The speed of ordinary messages is measured by `python -m safety.bench`, on a quiet machine.
    """
    began = time.process_time()
    verdict = check(text)
    assert time.process_time() - began < 2.0
    assert "check-failed" not in verdict.evidence
    assert not caplog.records
    assert (verdict.category is None) == (verdict.certainty is None) == (verdict.kind is None)
    assert list(verdict.categories) == sorted(set(verdict.categories), key=CATEGORIES.index)
    assert json.loads(json.dumps(verdict.as_record()))["categories"] == list(verdict.categories)


def test_a_fault_inside_is_logged_by_type_alone(monkeypatch, caplog):
    def fail(*_):
        raise KeyError("Anna is not breathing")

    # The package's function of that name hides the module.
    monkeypatch.setattr(sys.modules["safety.check"], "read", fail)
    with caplog.at_level(logging.DEBUG):
        verdict = check("Anna is not breathing")
    assert verdict == Verdict((), None, "en", ("check-failed",))
    assert "KeyError" in caplog.text
    assert "Anna" not in caplog.text


def test_nothing_of_a_message_is_kept():
    """The vocabulary of the matcher is closed: spaCy would keep every word it ever sees."""
    # Our own words leave their endings there when first met, so they are met first.
    check("A B of C is blue and not breathing, call 555-0199")
    strings = len(rules()._vocabulary.vocab.strings)
    verdict = check(
        "Zebulon Quackenbush of Xylographville is blue and not breathing, call 555-0199"
    )
    assert len(rules()._vocabulary.vocab.strings) == strings
    assert verdict.categories
    known = set(rules().by_id) | {"classifier", "meaning"}
    assert set(verdict.evidence) <= known


def test_same_text_gives_same_verdict():
    text = STORY.format(sign="He went limp")
    assert check(text) == check(text)


CALM_STORY = (
    "we had a lovely day in the garden, all of us, and the sun was out for the first time. "
    "my mother brought cake and the boys sang. {sign} what should we pack for the next stay?"
)


@pytest.fixture
def calm_classifiers(monkeypatch):
    """Both classifiers see no danger in anything."""
    module = sys.modules["safety.check"]
    none = [1.0] + [0.0] * (len(LABELS) - 1)
    monkeypatch.setattr(module, "confidences", lambda texts: np.array([none] * len(texts)))
    monkeypatch.setattr(
        module,
        "classifier",
        lambda: SimpleNamespace(score=lambda reading: np.array([none] * len(reading.sentences))),
    )


@pytest.mark.parametrize(
    "sign",
    ["his lips are blue.", "i want to kill myself.", "he hits me.", "the pump has stopped."],
)
def test_a_plain_sign_in_a_long_calm_story_is_doubted_and_never_lost(calm_classifiers, sign):
    assert check(CALM_STORY.format(sign=sign)).certainty == "doubt"
    assert check(sign).certainty == "certain"


def test_a_thermometer_is_believed_in_any_story(calm_classifiers):
    assert check(CALM_STORY.format(sign="he has 101.5.")).certainty == "certain"


@pytest.mark.parametrize("sign", ["a rash everywhere.", "she vomited six times."])
def test_a_soft_sign_is_dropped_only_from_a_short_message(calm_classifiers, sign):
    assert not check(sign).categories
    assert check(CALM_STORY.format(sign=sign)).certainty == "doubt"


@pytest.mark.parametrize("sign", ["i can't go on.", "goodbye everyone.", "help my baby"])
def test_a_soft_crisis_or_a_call_is_never_dropped(calm_classifiers, sign):
    assert check(sign).categories


@pytest.mark.parametrize(
    "text",
    [
        "he has a new rash, it spreads",
        "she vomited six times since noon",
        "he won't take the bottle and is sleepy",
        "no wet diaper since yesterday",
        "there is blood in her diaper",
        "her dressing is wet and half off",
        "the site is red and sore",
        "his sister has chickenpox",
        "he fell off the bed",
        "she bled from the gums again",
        "pus comes from the line",
        "she cries nonstop and nothing helps",
        "the blina came off at home",
    ],
)
def test_soft_signs_are_heard_by_the_real_classifiers(text):
    assert check(text).categories


@pytest.mark.parametrize("text", ["sos", "SOS!!", "🆘", "my baby 🆘", "HELP ME NOW"])
def test_a_mere_cry_for_help_is_in_doubt(text):
    assert (check(text).kind, check(text).certainty) == ("emergency", "doubt")


@pytest.mark.parametrize("text", ["is 100.4 a fever?", "what is a fever? 100.4?"])
def test_what_is_harmless_once_is_never_certain_when_repeated(text):
    assert check(text).categories == ()
    assert check(f"{text} {text}").certainty != "certain"


@pytest.mark.parametrize("text", ["done fighting, no tomorrow", "no air", "LO is limp, no cry"])
def test_one_short_word_makes_no_message_spanish(text):
    assert check(text).language == "en"


def test_rules_are_heard_when_the_second_look_fails(monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("limp")

    monkeypatch.setattr(import_module("safety.check"), "has_words", fail)
    verdict = check("he is limp since lunch")
    assert (verdict.kind, verdict.certainty) == ("emergency", "certain")
    assert check("what is mrd").categories == ()
    assert "RuntimeError in test_check.py" in caplog.text
    assert "limp" not in caplog.text


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("emergency_life", "she walks like a drunk sailor today"),
        ("emergency_life", "he is acting drunk since the bag change"),
        ("emergency_life", "she keeps picking at the air"),
        ("emergency_life", "he is laughing at the wall"),
        ("emergency_swallowed", "he had the dog's digoxin"),
        ("emergency_swallowed", "I gave him the cat's tablets"),
        ("crisis_suicide", "I see where I am going with this, it all ends tonight"),
        ("crisis_suicide", "is it for suicidal people like me"),
        ("crisis_suicide", "do you need to be suicidal to be heard here"),
    ],
)
def test_odd_words_of_a_danger_are_found(category, text):
    assert category in check(text).categories


@pytest.mark.parametrize(
    "text",
    [
        "our baby is laughing at nothing, so cute",
        "is it normal that he doesn't know his name yet at 7 months",
        "I walk around like drunk from tiredness",
        "gave our dog medicine today, can dog saliva hurt him",
        "I give the cat medicine every day. can I still hold my baby",
        "do you need to be suicidal to ring 988 or can you call because you are stressed",
    ],
)
def test_harmless_twins_of_odd_words_raise_no_alarm(text):
    assert check(text).categories == ()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("i want to ask if i smother him will he feel it", "crisis_harm_to_child"),
        ("can i ask if i hit him will he stop crying", "crisis_harm_to_child"),
        ("nurses think i hurt him and i will do it again", "crisis_harm_to_child"),
        ("they asked if i hurt him and yes, i did", "crisis_harm_to_child"),
        ("people think i shook him and they are right", "crisis_harm_to_child"),
        ("my son is in pain and cannot stop crying", "emergency_infection"),
        ("hives everywhere and wheezing after the shot", "emergency_life"),
        ("lips are swelling up and hives all over after the peg injection", "emergency_life"),
        ("came up in bumps, eyes swollen shut after the platelets", "emergency_life"),
        ("the ng tube came half out, she is coughing and spluttering", "emergency_life"),
        ("vomited, it looks like coffee grounds", "emergency_life"),
        ("temp 1004", "emergency_infection"),
        ("thermometer reads 385", "emergency_infection"),
        ("temp 385c", "emergency_infection"),
    ],
)
def test_what_was_nearly_lost_in_haste_is_found(text, category):
    """Written when two rules that were meant to spare the innocent silenced confessions."""
    assert category in check(text).categories


@pytest.mark.parametrize(
    "text",
    [
        "tube feeding makes her tummy gurgle",
        "temperature at 1045 98.2 all good", "no fever, neutrophils 400", "fever free since 1030",
        "thermometer cost 400", "her temp is 98.6", "the room is 38 degrees in this heatwave",
        "i cried while cutting a cake with a knife", "i wish everyone would shut up for good",
        "my phone is 555 201 8834 please call in the evening",
    ],
)  # fmt: skip
def test_ordinary_words_beside_them_raise_nothing(text):
    assert check(text).kind is None
