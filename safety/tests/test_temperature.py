"""Which numbers are temperatures, and how high."""

import pytest

from safety import check
from safety.temperature import COLD, FEVER, LOW_GRADE, NUMBER, mark_temperatures


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("temp 38.4", FEVER),
        ("39 c", FEVER),
        ("39c", FEVER),
        ("102f", FEVER),
        ("101.5", FEVER),
        ("38,7", FEVER),
        ("he has 100.9", FEVER),
        ("100.4", FEVER),
        ("38.0", FEVER),
        ("she is 102", FEVER),
        ("fever of 103", FEVER),
        ("temp:102.5", FEVER),
        ("platelets fine but temp 101", FEVER),
        ("crp fine but 38.4", FEVER),
        ("lab said go in with her, 102 now", FEVER),
        ("temp-102", FEVER),
        ("thermometer says:103", FEVER),
        ("temp102.5", FEVER),
        ("fiebre:39.5", FEVER),
        ("temp thirty eight point five", FEVER),
        ("a hundred and two degrees", FEVER),
        ("one oh one point two fever", FEVER),
        ("temp 38 point 6", FEVER),
        ("temp 99.6 under the arm", LOW_GRADE),
        ("temp 37.6", LOW_GRADE),
        ("temp 35.4", COLD),
        ("freezing cold 35.4", COLD),
        ("tiene 38,5", FEVER),
        ("mi esposo tiene 39", NUMBER),
        ("temperature 95.0", COLD),
        ("temp 36.8", NUMBER),
        ("is 98.6 normal", NUMBER),
        ("98.6 f", NUMBER),
    ],
)
def test_temperature_is_placed(text, word):
    assert word in mark_temperatures(text).split()


@pytest.mark.parametrize(
    "text",
    [
        "he is 39 weeks",
        "when does the 82% apply",
        "38 percent of babies",
        "100 days after transplant",
        "room 104",
        "page 103",
        "40 ml of milk",
        "39 years old",
        "we live at 101 main street",
        "heart rate 105",
        "platelets 39",
        "platelets came back 38 today, is that ok for her",
        "bp:90/60",
        "her platelets-39",
        "her plt 39",
        "her hgb-101",
        "her alt:101",
        "at 10:39 on the ward with her",
        "on 2023-05-38",
        "interfant 99",
        "born at 38 weeks",
        "keep the bath water at 38 degrees",
        "it is 102 outside, can he go out",
        "call 911",
        "1-833-852-6262",
    ],
)
def test_other_numbers_are_no_fever(text):
    assert not {FEVER, LOW_GRADE, COLD} & set(mark_temperatures(text).split())


def test_readings_are_an_emergency_but_rules_about_them_are_not():
    assert check("temp 38.4").certainty == "certain"
    assert check("99.6 and she is 10 weeks old, under the arm").certainty == "doubt"
    assert check("temp 35.2").category == "emergency_infection"
    for text in ("temp 98.2", "what is a fever, 100.4 or 101", "is 100.4 a fever"):
        assert check(text).categories == ()


def test_a_bare_number_in_many_words_is_in_doubt():
    assert check("hes 39").certainty == "certain"
    told = "she's 39 with three kids and her husband works nights, how do I tell her of the trial"
    assert check(told).certainty == "doubt"
    # No parent is 103.
    told = "please help my daughter woke up and she is 103 what shall we do until it is morning"
    assert check(told).certainty == "certain"
