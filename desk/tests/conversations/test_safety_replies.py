"""An emergency or a crisis is answered at once, in every state, on refused texts too."""

import pytest
from django.utils import timezone

import safety
from audit.models import AuditEntry
from conversations import services
from conversations.errors import ClientIdReused, ConversationClosed, TextTooLong
from conversations.models import Message, Sender
from safety import Verdict
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    minutes,
    notice_of,
    response_draft,
    told,
    turn_of,
    write,
)

pytestmark = pytest.mark.django_db


def test_a_certain_finding_gets_the_safety_text_alone(find, clock):
    conversation = make_conversation()
    find("emergency_life")
    accepted = write(conversation, "words")
    assert accepted.turn is None
    reply = accepted.replies[0]
    assert (reply.sender, reply.kind, reply.safety) == ("system", "safety", "emergency")
    assert notice_of(reply) == "safety:emergency_life"
    assert "911" in reply.text
    assert reply.seq == accepted.message.seq + 1
    assert reply.in_reply_to == accepted.message
    assert accepted.message.safety == "emergency"
    assert accepted.message.safety_verdict["categories"] == ["emergency_life"]


def test_in_doubt_the_safety_text_comes_first_and_the_bot_answers_too(find):
    conversation = make_conversation()
    find("crisis_suicide", certainty="doubt")
    accepted = write(conversation, "words")
    assert [reply.kind for reply in accepted.replies] == ["safety"]
    replies = answer(accepted)
    assert replies[0].seq > accepted.replies[0].seq
    assert replies[0].record.safety_verdict["certainty"] == "doubt"


@pytest.mark.parametrize(
    ("category", "drafts", "said"),
    [
        ("emergency_infection", [("fallback", "utter_out_of_scope")], ["utter_beside_safety"]),
        ("emergency_infection", [("refusal", "utter_refusal_advice")], ["utter_refusal_advice"]),
        ("emergency_infection", [("clarify", "utter_clarify")], ["utter_clarify"]),
        ("crisis_suicide", [("clarify", "utter_clarify")], ["utter_beside_safety"]),
        ("crisis_suicide", [("refusal", "utter_refusal_advice")], ["utter_beside_safety"]),
        ("crisis_suicide", [("smalltalk", "utter_smalltalk_thanks")], ["utter_beside_safety"]),
        (
            "crisis_suicide",
            [("fallback", "utter_fallback"), ("clarify", "utter_clarify")],
            ["utter_beside_safety"],
        ),
    ],
)
def test_below_a_safety_text_nobody_is_turned_away(category, drafts, said, find):
    """Neither "I only know about leukemia" nor hair loss to choose from follows a crisis line."""
    conversation = make_conversation()
    find(category, certainty="doubt")
    offered = ("ask/fever-what", "ask/fever-call")
    made = [
        response_draft(kind, name, choices=offered if kind == "clarify" else ())
        for kind, name in drafts
    ]
    replies = answer(write(conversation, "words"), *made)
    assert [notice_of(reply) for reply in replies] == [f"response:{name}" for name in said]
    kept = drafts[0][0] if "clarify" not in drafts[0] or said == ["utter_clarify"] else "fallback"
    assert [reply.kind for reply in replies] == [kept]
    assert all(reply.choices.exists() for reply in replies)


def test_a_crisis_beside_an_emergency_is_a_crisis_to_what_follows(find):
    conversation = make_conversation()
    find("emergency_infection", "crisis_suicide", certainty="doubt")
    accepted = write(conversation, "words")
    assert [reply.safety for reply in accepted.replies] == ["emergency", "crisis"]
    replies = answer(accepted, response_draft("refusal", "utter_refusal_advice"))
    assert [notice_of(reply) for reply in replies] == ["response:utter_beside_safety"]
    assert fresh(conversation).fallbacks_in_a_row == 0


def test_below_a_safety_text_an_answer_stays_and_its_fallback_goes(find):
    conversation = make_conversation()
    find("crisis_suicide", certainty="doubt")
    replies = answer(write(conversation, "words"), answer_draft(), response_draft())
    assert [reply.kind for reply in replies] == ["answer"]


def test_several_findings_get_two_texts_the_gravest_first(find):
    conversation = make_conversation()
    find("emergency_life", "crisis_suicide")
    replies = write(conversation, "words").replies
    assert [(notice_of(reply), reply.safety) for reply in replies] == [
        ("safety:emergency_life", "emergency"),
        ("safety:crisis_suicide", "crisis"),
    ]


def test_it_comes_in_every_control_state_and_control_does_not_change(find, clock):
    specialist = make_specialist()
    conversations = [make_conversation(), make_queued(specialist), make_claimed(specialist)]
    find("emergency_life")
    for conversation in conversations:
        before = fresh(conversation)
        accepted = write(conversation, "words")
        after = fresh(conversation)
        assert [reply.kind for reply in accepted.replies] == ["safety"]
        assert after.is_urgent
        assert after.urgent_kind == "emergency"
        assert (after.control, after.epoch) == (before.control, before.epoch)


def test_it_says_how_to_reach_a_person_in_each_state(find, clock):
    specialist = make_specialist()
    cases = {
        "person_available": make_conversation(),
        "person_waiting": make_queued(specialist),
    }
    find("emergency_life")
    for line, conversation in cases.items():
        reply = write(conversation, "words").replies[0]
        nested = reply.text_slots["person_line"]
        assert nested["text_id"].startswith(f"safety:{line}@")


def test_spanish_words_get_the_spanish_text(monkeypatch):
    verdict = Verdict(("emergency_life",), "certain", language="es")
    monkeypatch.setattr(safety, "check", lambda text: verdict)
    reply = write(make_conversation(), "words").replies[0]
    assert notice_of(reply) == "safety:emergency_life.es"
    assert reply.language == "es"
    assert reply.text.startswith("Llame ahora al 911.")
    assert reply.text_slots["person_line"]["text_id"].startswith("safety:nobody_now.es@")


def test_real_words_are_found_by_the_real_check():
    conversation = make_conversation()
    assert write(conversation, "my baby is not breathing and turning blue").replies
    assert write(conversation, "what did the study find").replies == []
    assert write(conversation, "no quiero vivir").replies[0].safety == "crisis"


def test_it_says_that_nobody_is_there_when_nobody_is(find, closed_clock):
    make_specialist()
    conversation = make_conversation()
    find("emergency_life")
    nested = write(conversation, "words").replies[0].text_slots["person_line"]
    assert nested["text_id"].startswith("safety:nobody_now@")


def test_a_refused_text_is_never_swallowed(find):
    conversation = make_conversation()
    write(conversation, "hello", client_id="one")
    find("emergency_life")
    with pytest.raises(TextTooLong) as long:
        write(conversation, "x" * 4001)
    with pytest.raises(ClientIdReused) as reused:
        write(conversation, "words", client_id="one")
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed) as closed:
        write(conversation, "words")
    for caught in (long, reused, closed):
        found = caught.value.safety
        assert found.kind == "emergency"
        assert "911" in found.text
    assert fresh(conversation).is_urgent
    assert not Message.objects.filter(kind="safety").exists()
    assert AuditEntry.objects.filter(kind="conversation.flagged").count() == 3


def test_the_same_refusals_without_an_emergency_carry_nothing(find):
    conversation = make_conversation()
    find()
    with pytest.raises(TextTooLong) as caught:
        write(conversation, "x" * 4001)
    assert caught.value.safety is None
    assert not fresh(conversation).is_urgent


def test_a_text_that_the_gateway_refuses_is_read_as_well(find):
    conversation = make_conversation()
    assert services.note_refused_text(conversation.pk, services.verdict_on("hello there")) is None
    find("crisis_suicide")
    finding = services.note_refused_text(conversation.pk, services.verdict_on("words"))
    assert finding.kind == "crisis"
    assert "988" in finding.text
    assert fresh(conversation).urgent_kind == "crisis"
    assert fresh(conversation).last_seq == 1


def test_an_emergency_stays_an_emergency_when_a_crisis_follows(find):
    conversation = make_conversation()
    find("emergency_life")
    write(conversation, "words")
    find("crisis_suicide")
    write(conversation, "words")
    assert fresh(conversation).urgent_kind == "emergency"


def test_a_repeat_does_not_say_it_twice(find):
    conversation = make_conversation()
    find("emergency_life")
    write(conversation, "words", client_id="one")
    assert [reply.kind for reply in write(conversation, "words", client_id="one").replies] == [
        "safety"
    ]
    assert len(told(conversation)) == 3


def test_a_reason_for_a_handoff_is_read_too(find, clock):
    make_specialist()
    conversation = make_conversation()
    find("emergency_life")
    outcome = services.request_handoff(conversation.pk, client_id="one", reason="words")
    assert [message.kind for message in outcome.messages] == ["safety", "handoff"]
    assert fresh(conversation).is_urgent


def test_a_repeated_handoff_is_answered_with_its_safety_text_too(find, clock):
    make_specialist()
    find("emergency_life")
    waiting, talking = make_conversation(), make_claimed(make_specialist("ben"))
    for conversation, kinds in ((waiting, ["safety", "handoff"]), (talking, ["safety"])):
        for _ in range(2):
            outcome = services.request_handoff(conversation.pk, client_id="one", reason="words")
            assert [message.kind for message in outcome.messages] == kinds


def test_a_comment_that_is_sent_again_alarms_nobody_again(find, clock):
    conversation = make_conversation()
    said = answer(write(conversation))[0]
    find("crisis_suicide")
    for comment in ("words", "words", "more words"):
        finding = services.give_feedback(
            conversation.pk, said.pk, is_helpful=False, comment=comment
        )
        assert finding.kind == "crisis"
        clock.shift(minutes(1))
    assert [message.kind for message in told(conversation)].count("safety") == 2
    assert fresh(conversation).urgent_at == timezone.now() - minutes(1)


def test_comments_and_topics_are_read_too(find):
    conversation = make_conversation()
    said = answer(write(conversation))[0]
    find("crisis_suicide")
    asides = [
        services.give_feedback(conversation.pk, said.pk, is_helpful=False, comment="words"),
        services.record_survey(
            conversation.pk, client_id="s", about="bot", score=1, comment="words"
        ).safety,
        services.schedule_callback(
            conversation.pk, client_id="c", phone="212 555 0100", topic="words"
        ).safety,
    ]
    assert [aside.kind for aside in asides] == ["crisis"] * 3
    said = [message for message in told(conversation) if message.kind == "safety"]
    assert [message.sender for message in said] == [Sender.SYSTEM] * 3


def test_in_a_closed_conversation_an_aside_brings_its_words_without_a_message(find):
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    before = fresh(conversation).last_seq
    find("crisis_suicide")
    survey = services.record_survey(
        conversation.pk, client_id="s", about="bot", score=1, comment="words"
    )
    assert "988" in survey.safety.text
    assert fresh(conversation).last_seq == before


def test_a_failed_bot_turn_comes_after_the_safety_text(find):
    conversation = make_conversation()
    find("emergency_infection", certainty="doubt")
    accepted = write(conversation, "words")
    services.fail_turn(turn_of(accepted).pk, "timeout")
    assert [message.kind for message in told(conversation)][-2:] == ["safety", "notice"]
