"""Normalised text and the parts of a message."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import asks, named, normalise, split_parts


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  What’s   BLINA??  ", "what's blina?"),
        ("sooooo tired!!!", "soo tired!"),
        ("82 % vs 49%", "82 percent vs 49 percent"),
        ("What is ALL?", "what is acute lymphoblastic leukemia?"),
        ("WHAT IS ALL THIS", "what is all this"),
        ("look at https://example.org/x?y=1 please", "look at please"),
        ("he is sick 🤒🏽", "he is sick"),
        ("😭😭", "i am so sad and scared"),
        ("Thats ALL thanks", "thats all thanks"),
        ("tell me ALL the side effects", "tell me all the side effects"),
        ("the treatment for ALL", "the treatment for acute lymphoblastic leukemia"),
        ("3½ months, canʼt sleep", "3 1/2 months, can't sleep"),
        ("👎", "no"),
        ("???", "?"),
        ("", "?"),
    ],
)
def test_normalise(typed: str, read: str) -> None:
    assert normalise(typed) == read


@given(st.text(max_size=300))
def test_normalise_is_total_and_settles(text: str) -> None:
    once = normalise(text)
    assert once
    assert once == once.strip()
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("What is MRD? And how is it tested?", ["what is mrd?", "and how is it tested?"]),
        ("what is blina and how long does it take", ["what is blina", "how long does it take"]),
        ("He is 4 months old. Can he swim", ["he is 4 months old.", "can he swim"]),
        ("fever of 100.4 at 3 a.m.", ["fever of 100.4 at 3 a.m."]),
        ("chemo and blina", ["chemo and blina"]),
        ("first line\nsecond line", ["first line", "second line"]),
        ("how much does it cost can we get help", ["how much does it cost", "can we get help"]),
        ("how long is it how do i prepare", ["how long is it", "how do i prepare"]),
        ("how many nights are we in for", ["how many nights are we in for"]),
        ("why do they do that twice", ["why do they do that twice"]),
        ("where do they go what do they eat", ["where do they go", "what do they eat"]),
        ("why do babies do that", ["why do babies do that"]),
        (
            "i wonder how long blina takes what are the side effects",
            ["i wonder how long blina takes", "what are the side effects"],
        ),
        ("which hospitals offer it how do i apply", ["which hospitals offer it", "how do i apply"]),
        ("how many kids had this are they well", ["how many kids had this", "are they well"]),
        ("a) what is a port b) what is mrd", ["what is a port", "what is mrd"]),
        ("1.what is a port 2.what is mrd", ["what is a port", "what is mrd"]),
        ("(1) what is a port\n(2) how long", ["what is a port", "how long"]),
        ("#1 what is a port #2 what is mrd", ["what is a port", "what is mrd"]),
        ("• what is a port • what is mrd", ["what is a port", "what is mrd"]),
        ("- did i cause it\n- can he get it", ["did i cause it", "can he get it"]),
        ("what is blina;what is mrd.is it safe", ["what is blina;", "what is mrd.", "is it safe"]),
        ("Her ANC is 0. Is that bad?", ["her anc is 0.", "is that bad?"]),
        ("fever\n38.5 is that high", ["fever", "38.5 is that high"]),
        ("see https://example.org/a?query=blina is it this", ["see is it this"]),
    ],
)
def test_split_parts(typed: str, parts: list[str]) -> None:
    assert [part.text for part in split_parts(typed)] == parts


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("wipes and gloves info", ["wipes", "gloves info"]),
        ("bath, swimming & sand?", ["bath", "swimming", "sand"]),
        ("what is a port", []),
        ("a, b, c, d", []),
        ("we came home on friday and the nurse said to keep him away from the dog and cat", []),
    ],
)
def test_named(text: str, names: list[str]) -> None:
    assert named(text) == names


@pytest.mark.parametrize(
    "typed",
    ["which " * 300 + "can " + "b which how " * 180, "how many do they " * 235],
    ids=["prefix that grows", "many beginnings"],
)
def test_a_hostile_text_takes_no_longer(typed: str) -> None:
    """A tenth of a second at most; without a bound on the way back it was two."""
    started = time.process_time()
    split_parts(typed[:4000])
    assert time.process_time() - started < 1


def test_a_long_message_keeps_its_end() -> None:
    parts = split_parts("".join(f"Line {number}.\n" for number in range(100)), limit=10)
    assert [part.text for part in parts] == [f"line {number}." for number in range(90, 100)]


@given(st.text(max_size=300))
def test_parts_are_never_empty(text: str) -> None:
    assert all(part.text.strip() for part in split_parts(text))


@pytest.mark.parametrize(
    "sentence",
    [
        "why",
        "hi, what is mrd",
        "he cries, can he have a bath",
        "i wonder how long it takes",
        "mrd?",
        "transplant: who gives the cells",
        "steroid rage - which of it is normal",
    ],
)
def test_asks(sentence: str) -> None:
    assert asks(sentence)


@pytest.mark.parametrize("sentence", ["he is 4 months old.", "thank you", "my son has leukemia"])
def test_tells(sentence: str) -> None:
    assert not asks(sentence)


def test_a_tale_without_a_full_stop_is_read_in_pieces() -> None:
    tale = "he was always well and then the bruises came and " * 9 + "please tell me what mrd is"

    parts = split_parts(tale)

    assert " ".join(part.text for part in parts) == normalise(tale)
    assert max(len(part.text.split()) for part in parts) <= 40
    assert "tell me what mrd is" in parts[-1].text
    assert parts[-1].is_question


def test_a_sentence_of_ordinary_length_stays_whole() -> None:
    told = "my mother asks what he may eat because she cooks for all of us and wants to do it right"
    assert [part.text for part in split_parts(told)] == [told]
