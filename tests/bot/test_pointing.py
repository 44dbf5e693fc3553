"""What a text points at in the answer just shown is found, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pointing import Pointing, without_ordinals
from bot.text import normalise

ANSWERS = {
    "late": """Late effects appear years later.

After treatment they can involve:
- The heart or the bones.
- Growth. It may slow down.
- A second cancer.

Ask your team:
- Which tests are planned?""",
    "serious": "Two stand out. The first is a storm, no more. The second is trouble with nerves.",
    "pills": "They block a protein.\n- One step.\n- Another.\nTwo of these are revu and zifto.",
    "pair": "They differ.",
    "filler": "Nothing of note stands here. Nothing at all, in fact.",
    **{f"more-{at}": "Ask your team about it." for at in range(12)},
}
TITLES = {**dict.fromkeys(ANSWERS, "a title"), "pair": "blina and car t: the difference"}
TOPICLESS = ["what", "is", "and", "the", "one", "tell", "me", "more", "about", "how", "it", "does"]


def pointed(text: str, entry: str) -> list[str]:
    return Pointing(ANSWERS, TITLES, normalise, TOPICLESS).readings(text, entry)


@pytest.mark.parametrize(
    ("text", "entry", "found"),
    [
        ("tell me about the first one on the list", "late", "tell me about the heart or the bones"),
        ("and the 2nd point, is it bad?", "late", "and growth, is it bad?"),
        ("the last thing you mentioned, why?", "late", "a second cancer, why?"),
        ("number 3 worries me", "late", "a second cancer worries me"),
        ("no. 3 worries me", "late", "a second cancer worries me"),
        ("last bullet. why", "late", "a second cancer. why"),
        ("how do i spot the second?", "serious", "how do i spot trouble with nerves?"),
        ("and the other one?", "pair", "and car t?"),
    ],
)
def test_an_ordinal_stands_for_the_item(text: str, entry: str, found: str) -> None:
    assert pointed(text, entry) == [found]


def test_where_an_answer_counts_twice_both_are_read() -> None:
    assert pointed("does the first of the two help", "pills") == [
        "does one step help",
        "does revu help",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "no one told me",
        "how do i get a second opinion",
        "what about the first days",
        "we want a third",
        "no calpol first?",
        "the tenth one",
        "is this my last option",
        "phone number 1 does not work",
        "at this point one nurse said no",
    ],
)
def test_other_uses_of_the_words_point_at_nothing(text: str) -> None:
    assert pointed(text, "filler") == []
    assert pointed(text, "serious") == []


def test_a_rare_word_points_at_its_sentence() -> None:
    assert pointed("the heart one", "late") == ["the heart or the bones. the heart one"]
    assert pointed("and the team", "late") == []  # Every answer names it.


def test_an_unknown_entry_has_nothing_to_point_at() -> None:
    assert pointed("the second one", "gone") == []


@given(st.text(max_size=80).map(normalise), st.sampled_from(sorted(ANSWERS)))
def test_pointing_is_total(text: str, entry: str) -> None:
    assert all(pointed(text, entry))
    assert len(pointed(text, entry)) <= 2


def test_an_ordinal_is_no_topic() -> None:
    assert without_ordinals("and the 2nd one?").split() == ["and", "?"]
