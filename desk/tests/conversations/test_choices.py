"""Choices: the desk's own, and those that a message of the bot offers."""

from datetime import timedelta

import pytest

from conversations import services
from conversations.errors import ConversationClosed, UnknownChoice
from conversations.models import CallbackRequest, Choice
from conversations.services.offers import TITLES
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    last_notice,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    notice_of,
    response_draft,
    told,
    write,
)

pytestmark = pytest.mark.django_db

CLARIFY = response_draft("clarify", "utter_clarify", choices=("ask/fever-what", "ask/fever-call"))


def test_a_clarifying_message_offers_the_titles_of_the_desks_entries():
    message = answer(write(make_conversation()), CLARIFY)[0]
    assert [choice.title for choice in message.choices.all()] == [
        "What counts as a fever",
        "Whom to call about a fever",
    ]


def test_choice_ids_tell_nothing_and_are_not_reused():
    conversation = make_conversation()
    for _ in range(3):
        answer(write(conversation), CLARIFY)
    ids = list(Choice.objects.values_list("public_id", flat=True))
    assert len(set(ids)) == 6
    assert not any("fever" in public_id for public_id in ids)


def test_a_tapped_choice_is_stored_as_its_title_and_asks_for_its_entry():
    conversation = make_conversation()
    offered = answer(write(conversation), CLARIFY)[0].choices.all()[1]
    accepted = write(conversation, choice_id=offered.public_id)
    assert accepted.message.text == "Whom to call about a fever"
    assert accepted.turn.choice == "ask/fever-call"


@pytest.mark.parametrize(
    "text",
    [
        "the second one", "2", "Second.", "number 2", "nr 2", "#2", "(2)", "option two", "two",
        "the second one please", "I mean the 2nd", "ok, the second option", "the last one",
        "I\u2019d like the second one, thanks", "\u0032\ufe0f\u20e3",
    ],
)  # fmt: skip
def test_a_place_typed_after_choices_is_the_choice_there(text):
    conversation = make_conversation()
    answer(write(conversation), answer_draft())
    answer(write(conversation), CLARIFY)
    accepted = write(conversation, text)
    assert accepted.message.text == text
    assert accepted.turn.choice == "ask/fever-call"


@pytest.mark.parametrize("text", ["the first", "1", "first please", "yes, the first one", "1st"])
def test_the_first_of_the_choices_can_be_typed(text):
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    assert write(conversation, text).turn.choice == "ask/fever-what"


@pytest.mark.parametrize(
    "text",
    [
        "is the second one safe", "the second day", "not the first", "the third one", "3", "both",
        "no one", "I want one", "1 and 2", "2%", "1.5", "2 days", "first of all, thank you", "0",
        "ok last question", "first question",
    ],
)  # fmt: skip
def test_more_than_a_place_or_one_that_is_not_offered_is_read_by_the_bot(text):
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    assert write(conversation, text).turn.choice == ""


def test_small_talk_leaves_the_choices_open_and_an_answer_ends_them():
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    answer(write(conversation, "thanks"), response_draft("smalltalk", "utter_smalltalk_thanks"))
    assert answer(write(conversation, "what"), response_draft(choices=("handoff",)))
    assert write(conversation, "the second one").turn.choice == "ask/fever-call"
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    answer(write(conversation))
    assert write(conversation, "the second one").turn.choice == ""


def test_without_several_choices_a_place_is_read_by_the_bot():
    conversation = make_conversation()
    assert write(conversation, "the first").turn.choice == ""
    conversation = make_conversation()
    answer(write(conversation), response_draft(choices=("handoff",)))
    assert write(conversation, "the first").turn.choice == ""


def test_places_count_the_newest_choices_as_they_are_shown(clock):
    """A refusal offers entries and then a person."""
    make_specialist()
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    refusal = response_draft(
        "refusal", "utter_refusal_advice", choices=("ask/study-result", "ask/fever-what", "handoff")
    )
    answer(write(conversation), answer_draft(), refusal)
    assert write(conversation, "2").turn.choice == "ask/fever-what"
    accepted = write(conversation, "the third")
    assert (accepted.turn, accepted.control) == (None, "queue")
    assert [reply.kind for reply in accepted.replies] == ["handoff"]


def test_a_place_names_nothing_of_a_stretch_before_another_party_had_control(clock):
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    make_specialist()
    services.request_handoff(conversation.pk)
    services.leave_queue(conversation.pk)
    assert write(conversation, "the second one").turn.choice == ""


def test_a_place_typed_to_a_specialist_is_a_message_to_them(clock):
    conversation = make_claimed(make_specialist())
    accepted = write(conversation, "the first")
    assert (accepted.turn, accepted.replies) == (None, [])


def test_the_ways_to_a_person_can_be_named_by_their_place(clock):
    make_specialist()
    both = response_draft("fallback", "utter_fallback_person", choices=("handoff", "callback"))
    conversation = make_conversation()
    answer(write(conversation), both)
    (form,) = write(conversation, "the second").replies
    assert notice_of(form) == "notice:callback_form"
    assert [choice.public_id for choice in form.choices.all()] == ["callback"]
    assert write(conversation, "the first").control == "queue"


def test_an_older_choice_stays_valid_until_the_close():
    conversation = make_conversation()
    offered = answer(write(conversation), CLARIFY)[0].choices.all()[0]
    for _ in range(3):
        answer(write(conversation))
    assert write(conversation, choice_id=offered.public_id).turn is not None
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        write(conversation, choice_id=offered.public_id)


def test_a_choice_of_another_conversation_is_unknown():
    offered = answer(write(make_conversation()), CLARIFY)[0].choices.all()[0]
    conversation = make_conversation()
    for choice_id in (offered.public_id, "c-nonsense", "", "ask/fever-call"):
        with pytest.raises(UnknownChoice):
            write(conversation, choice_id=choice_id)
    assert fresh(conversation).last_seq == 1


def test_a_title_that_sounds_grave_is_not_read_as_the_visitors_words(find):
    conversation = make_conversation()
    offered = answer(write(conversation), CLARIFY)[0].choices.all()[0]
    find()
    assert write(conversation, choice_id=offered.public_id).replies == []


def test_a_choice_tapped_while_a_specialist_talks_is_a_message_to_them(clock):
    specialist = make_specialist()
    conversation = make_conversation()
    offered = answer(write(conversation), CLARIFY)[0].choices.all()[0]
    services.request_handoff(conversation.pk)
    services.claim_conversation(conversation.pk, specialist=specialist)
    accepted = write(conversation, choice_id=offered.public_id)
    assert (accepted.turn, accepted.replies) == (None, [])


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("state", ["bot", "queue", "specialist"])
def test_the_desks_own_choices_work_in_every_open_state(name, state, clock):
    specialist = make_specialist()
    make = {
        "bot": make_conversation,
        "queue": lambda: make_queued(specialist),
        "specialist": lambda: make_claimed(specialist),
    }
    conversation = make[state]()
    accepted = write(conversation, choice_id=name)
    assert accepted.message.text == TITLES[name]
    assert accepted.turn is None
    silent = state == "specialist" and name != "callback"
    assert bool(accepted.replies) is not silent
    assert all(reply.in_reply_to == accepted.message for reply in accepted.replies)


def test_the_handoff_choice_queues(clock):
    make_specialist()
    conversation = make_conversation()
    accepted = write(conversation, choice_id="handoff")
    assert accepted.control == fresh(conversation).control == "queue"
    assert [reply.kind for reply in accepted.replies] == ["handoff"]
    assert accepted.message.settled_control == "queue"


def test_the_handoff_choice_offers_a_callback_when_nobody_is_there(closed_clock):
    conversation = make_conversation()
    accepted = write(conversation, choice_id="handoff")
    assert accepted.control == "bot"
    assert [choice.public_id for choice in accepted.replies[0].choices.all()] == ["callback"]


def test_the_callback_choice_asks_for_a_number():
    conversation = make_conversation()
    write(conversation, choice_id="callback")
    assert last_notice(conversation) == "notice:callback_form"


def test_keep_waiting_keeps_the_place(clock):
    conversation = make_queued()
    before = fresh(conversation)
    write(conversation, choice_id="keep_waiting")
    after = fresh(conversation)
    assert last_notice(conversation) == "notice:kept_waiting"
    assert (after.queued_at, after.epoch) == (before.queued_at, before.epoch)


def test_keep_waiting_after_leaving_the_queue_asks_for_a_person_again(clock):
    conversation = make_queued()
    services.leave_queue(conversation.pk)
    assert write(conversation, choice_id="keep_waiting").control == "queue"


def test_ask_while_waiting_keeps_the_place_and_lets_the_bot_answer(clock):
    conversation = make_queued()
    accepted = write(conversation, choice_id="ask_while_waiting")
    assert accepted.control == "queue"
    assert fresh(conversation).asks_while_waiting
    assert last_notice(conversation) == "notice:ask_while_waiting_on"
    assert answer(write(conversation), answer_draft())[0].kind == "answer"


def test_back_to_bot_leaves_the_queue(clock):
    conversation = make_queued()
    accepted = write(conversation, choice_id="back_to_bot")
    assert accepted.control == fresh(conversation).control == "bot"
    assert fresh(conversation).queued_at is None
    assert last_notice(conversation) == "notice:queue_left"
    assert write(conversation).turn is not None


def test_back_to_bot_never_takes_a_conversation_from_a_specialist(clock):
    conversation = make_claimed(make_specialist())
    write(conversation, choice_id="back_to_bot")
    assert fresh(conversation).control == "specialist"


def test_asking_for_a_person_again_in_the_queue_changes_nothing_but_is_answered(clock):
    conversation = make_queued()
    before = fresh(conversation)
    write(conversation, choice_id="handoff")
    after = fresh(conversation)
    assert (after.epoch, after.queued_at) == (before.epoch, before.queued_at)
    assert [notice_of(message) for message in told(conversation)].count(
        "notice:handoff_queued"
    ) == 1


def test_buttons_of_the_system_that_came_later_are_the_ones_meant():
    """At night a turn that failed offers both ways to a person."""
    conversation = make_conversation()
    answer(write(conversation), CLARIFY)
    services.fail_turn(write(conversation, "and then").turn.pk, "timeout")
    assert write(conversation, "the second one").turn is None


def test_only_fallbacks_with_nothing_between_them_are_in_a_row():
    conversation = make_conversation()
    answer(write(conversation), response_draft())
    assert fresh(conversation).fallbacks_in_a_row == 1
    answer(write(conversation), response_draft())
    assert fresh(conversation).fallbacks_in_a_row == 2
    write(conversation, "he is not breathing")
    assert fresh(conversation).fallbacks_in_a_row == 0


def test_a_no_to_being_contacted_is_understood_as_one():
    """The bot takes a plain no for one where people were offered before it."""
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    assert fresh(conversation).fallbacks_in_a_row == 1
    answer(write(conversation, "no"), response_draft("smalltalk", "utter_smalltalk_thanks"))
    assert fresh(conversation).fallbacks_in_a_row == 0


YES_TO_A_CALLBACK = [
    "yes", "Yes please!", "sure", "ok yes", "please do", "call me", "can you call me back?",
    "email please", "either is fine", "I\u2019d like that", "text me", "yes, call me please",
]  # fmt: skip


@pytest.mark.parametrize("text", YES_TO_A_CALLBACK)
def test_yes_to_being_contacted_opens_the_form(text):
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    accepted = write(conversation, text)
    assert accepted.message.text == text
    assert (accepted.turn, [notice_of(said) for said in accepted.replies]) == (
        None,
        ["notice:callback_form"],
    )
    assert [choice.public_id for choice in accepted.replies[0].choices.all()] == ["callback"]


@pytest.mark.parametrize(
    "text",
    ["no", "ok", "ok thanks", "no thanks", "yes but when", "what is mrd", "is it safe to call",
     "not yet", "yes is blina safe", "we were told to call them"],
)  # fmt: skip
def test_more_than_a_yes_is_read_by_the_bot(text):
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    assert write(conversation, text).turn is not None


@pytest.mark.parametrize(
    "text",
    ["212 555 0134", "my number is (212) 555-0134", "maria, 555 201 8834, after 6",
     "+44 7700 900123", "lena@example.org at night"],
)  # fmt: skip
def test_a_number_typed_into_the_chat_is_not_thought_to_be_left(text):
    """A family that believes so would wait for a call that nobody can make."""
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    for _ in range(2):
        accepted = write(conversation, text)
        assert [notice_of(said) for said in accepted.replies] == ["notice:callback_typed"]
        assert [choice.public_id for choice in accepted.replies[0].choices.all()] == ["callback"]
    assert not CallbackRequest.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "his anc was 500 and platelets 20 on 11/12",
        "her birthday is 12/03/2026, which vaccines are due?",
        "anc was 0.2 0.3 1.1 2.4 what does that mean",
        "my number is 555 201 3367. what does mrd mean?",
        "do not contact me, lena@example.org told me all about you and now i wonder what kmt2a is",
    ],
)
def test_figures_that_are_no_number_to_call_and_questions_are_the_bots_to_read(text):
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    assert write(conversation, text).turn is not None


def test_yes_is_the_bots_to_read_where_the_desk_has_asked_nothing():
    conversation = make_conversation()
    services.request_handoff(conversation.pk)
    answer(write(conversation, "what is a fever"), answer_draft())
    assert write(conversation, "yes").turn is not None


@pytest.mark.parametrize("text", ["yes", "yes I am", "still here", "I\u2019m here", "yes, sorry"])
def test_yes_to_are_you_still_there_keeps_the_chat_open(text, clock, settings):
    conversation = make_conversation()
    answer(write(conversation), answer_draft())
    clock.shift(timedelta(minutes=settings.IDLE_WARNING_MINUTES))
    services.warn_idle()
    assert last_notice(conversation) == "notice:idle_warning"
    accepted = write(conversation, text)
    assert [notice_of(said) for said in accepted.replies] == ["notice:still_here"]
