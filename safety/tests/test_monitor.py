"""Figures of a monitor: what is far from well raises the alarm, what is well does not."""

import pytest

from safety import check
from safety.temperature import mark_temperatures


@pytest.mark.parametrize(
    "text",
    [
        "sats 84",
        "spo2 79 on 2 liters",
        "her oxygen was 88 then 83",
        "sats keep dipping 85 86 84",
        "hr 210 and mottled",
        "HR 40",
        "rr 80 with head bobbing",
        "breathing 75 a minute",
    ],
)
def test_a_figure_far_from_well_is_a_life_in_danger(text):
    verdict = check(text)
    assert "emergency_life" in verdict.categories
    assert verdict.certainty == "certain"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("sats 98", "#num"),
        ("his o2 95", "#num"),
        ("hr 120", "#num"),
        ("he had a breathing tube for 30 days", "#num"),
        ("oxygen 2 liters", "2"),
        ("oxygen is at 91", "#lowsat"),
        ("pulse 58", "#oddpulse"),
    ],
)
def test_a_figure_is_marked_by_what_it_means(text, word):
    assert word in mark_temperatures(text).split()


def test_a_fine_monitor_raises_no_alarm():
    assert not check("sats 99 and hr 120, the nurse is happy").categories
