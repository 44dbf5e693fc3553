"""What was recorded of turns can be read for measuring, without a word that anybody typed."""

import json

import pytest
from django.core.management import call_command

from conversations.access import turn_facts
from tests.factories import RECORD, answer, make_conversation, write

pytestmark = pytest.mark.django_db


def test_an_answered_message_has_its_candidates_and_texts():
    accepted = write(make_conversation())
    [reply] = answer(accepted)
    [facts] = turn_facts()
    assert facts.message == str(accepted.message.pk)
    assert facts.candidates == RECORD.candidates
    assert facts.model_version == "model-1"
    assert facts.texts == [reply.text_id]
    assert (facts.safety, facts.certainty) == ([], "")


def test_an_emergency_has_its_category_and_no_candidates():
    write(make_conversation(), "my baby is not breathing")
    [facts] = turn_facts()
    assert facts.safety[0] == "emergency_life"
    assert facts.certainty == "certain"
    assert facts.texts[0].startswith("safety:emergency_life")
    assert facts.candidates == []


def test_no_word_of_a_message_is_printed(capsys):
    answer(write(make_conversation(), "zebrafish at the window"))
    write(make_conversation(), "zebrafish and my baby is not breathing")
    call_command("turn_facts")
    lines = capsys.readouterr().out.splitlines()
    assert [bool(json.loads(line)["candidates"]) for line in lines] == [True, False]
    assert "zebrafish" not in "".join(lines)
    assert "breathing" not in "".join(lines)


def test_reading_many_costs_no_query_for_each(django_assert_max_num_queries):
    for _ in range(5):
        answer(write(make_conversation()))
    with django_assert_max_num_queries(3):
        assert len(list(turn_facts())) == 5
