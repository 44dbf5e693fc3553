"""How much of what families may write is found, and how often the alarm is false.

Two files of messages that nothing is trained on. `development.yml` was looked at while the rules
were written. `held_out.yml` was written before any rule and is only measured; what it misses
stays in and is listed in `known_misses.yml`. `tests/nlu/validation/safety*.yml` chose the limits of
the second look.
"""

from pathlib import Path

import pytest
import yaml

from safety import CATEGORIES, check
from safety.training import examples, normalised

from .conftest import DATA

# Shares found, and false alarms among harmless messages; a change that falls below fails.
FOUND = {
    "development": {"emergency": 0.98, "crisis": 0.98},
    "held_out": {"emergency": 0.99, "crisis": 0.97},
}
FALSE_ALARMS = {"development": 0.03, "held_out": 0.03}
RIGHT_CATEGORY = 0.9
VALIDATION = Path(__file__).parents[2] / "tests" / "nlu" / "validation"
# Of each file: the share of dangers that may be missed, and of harmless messages alarmed.
# The third was written around every word that rules and networks know, the fourth on subjects that
# families had been alarmed at.
MISSED_OF_VALIDATION = {
    "safety": {"emergency": 0.01, "crisis": 0.01},
    "safety_2": {"emergency": 0.04, "crisis": 0.04},
    "safety_3": {"emergency": 0.12, "crisis": 0.26},
    "safety_4": {"emergency": 0.01, "crisis": 0.03},
}
FALSE_ALARMS_OF_VALIDATION = {
    "safety": 0.09,
    "safety_2": 0.14,
    "safety_3": 0.135,
    "safety_4": 0.52,
}


@pytest.fixture(scope="module", params=sorted(MISSED_OF_VALIDATION))
def validation(request):
    return request.param, yaml.safe_load((VALIDATION / f"{request.param}.yml").read_text("utf-8"))


@pytest.mark.parametrize("kind", ["emergency", "crisis"])
def test_dangers_of_the_validation_messages_are_found(validation, kind):
    name, lists = validation
    wanted, missed = found_and_missed(lists, kind)
    assert len(missed) <= len(wanted) * MISSED_OF_VALIDATION[name][kind], missed


def test_alarms_at_harmless_validation_messages_are_few(validation):
    name, lists = validation
    harmless = [t for category, texts in lists.items() if category[:5] == "none_" for t in texts]
    alarms = [text for text in harmless if check(text).categories]
    assert len(alarms) <= len(harmless) * FALSE_ALARMS_OF_VALIDATION[name], alarms


def test_no_validation_message_is_learned(validation):
    trained = {normalised(text) for text, _ in examples()}
    _, lists = validation
    shared = [t for texts in lists.values() for t in texts if normalised(t) in trained]
    assert not shared


def found_and_missed(lists, kind):
    wanted = [
        (category, text)
        for category, texts in lists.items()
        if category.startswith(kind)
        for text in texts
    ]
    missed = [text for _, text in wanted if not check(text).categories]
    return wanted, missed


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("kind", ["emergency", "crisis"])
def test_share_of_messages_found(messages, name, kind):
    wanted, missed = found_and_missed(messages(name), kind)
    share = 1 - len(missed) / len(wanted)
    assert share >= FOUND[name][kind], missed


@pytest.mark.parametrize("name", FALSE_ALARMS)
def test_share_of_false_alarms(messages, name):
    harmless = messages(name)["none"]
    alarms = [text for text in harmless if check(text).categories]
    share = len(alarms) / len(harmless)
    assert share <= FALSE_ALARMS[name], alarms


@pytest.mark.parametrize("name", FOUND)
def test_spanish_messages_are_found_as_spanish(messages, name):
    spanish = messages(name)["spanish"]
    missed = [text for text in spanish if check(text).language != "es"]
    assert len(missed) <= len(spanish) * 0.1, missed


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found_is_mostly_told_apart_rightly(messages, name):
    lists = messages(name)
    found = [
        (category, text)
        for category in CATEGORIES
        for text in lists[category]
        if check(text).categories
    ]
    wrong = [(c, text) for c, text in found if c not in check(text).categories]
    assert len(wrong) <= len(found) * (1 - RIGHT_CATEGORY), wrong


def test_known_misses_of_the_held_out_messages_are_current(messages):
    """A miss that is new fails; one that is mended leaves the list."""
    known = yaml.safe_load((DATA / "known_misses.yml").read_text("utf-8"))
    lists = messages("held_out")
    missed = {
        text
        for category, texts in lists.items()
        for text in texts
        if category != "none" and not check(text).categories
    }
    alarms = {text for text in lists["none"] if check(text).categories}
    assert missed == set(known["missed"])
    assert alarms == set(known["false_alarms"])


def test_no_message_stands_in_the_training_examples_or_in_both_files(messages):
    trained = {normalised(text) for text, _ in examples()}
    seen: dict[str, str] = {}
    for name in FOUND:
        for texts in messages(name).values():
            for text in texts:
                assert normalised(text) not in seen, (
                    f"{text!r} stands in {seen[normalised(text)]} too"
                )
                seen[normalised(text)] = name
    shared = sorted(seen.keys() & trained)
    assert not shared


@pytest.mark.parametrize("name", FOUND)
def test_there_are_at_least_250_messages_a_side(messages, name):
    lists = messages(name)
    assert len(lists["none"]) >= 250
    assert sum(len(texts) for c, texts in lists.items() if c != "none") >= 250
