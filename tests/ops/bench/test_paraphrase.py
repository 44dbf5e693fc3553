import pytest

from knowledge import normalise_question
from ops.bench.paraphrase import VARIANTS, paraphrase

QUESTIONS = ["relapse?", "Is it safe for my baby?", "What does the doctor need at home"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_variant_is_another_question(question):
    made = {normalise_question(paraphrase(question, variant)) for variant in range(VARIANTS)}

    assert len(made) == VARIANTS


def test_the_first_variant_is_the_question_itself():
    assert [paraphrase(question, 0) for question in QUESTIONS] == QUESTIONS


def test_words_are_exchanged_whole():
    assert "infant" in paraphrase("my baby", 1)
    assert "babysitter" in paraphrase("my babysitter", 1)


@pytest.mark.parametrize("variant", [-1, VARIANTS])
def test_there_are_no_other_variants(variant):
    with pytest.raises(ValueError, match="variants"):
        paraphrase("relapse?", variant)
