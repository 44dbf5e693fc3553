"""Taking in what a visitor writes."""

import uuid

import pytest

from conversations import access, services
from conversations.errors import (
    ClientIdReused,
    ConversationClosed,
    InvalidInput,
    TextEmpty,
    TextTooLong,
    UnknownConversation,
)
from conversations.models import Message, Sender, Turn, TurnState
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    told,
    write,
)

pytestmark = pytest.mark.django_db


def test_a_message_is_stored_with_the_bots_duty_to_answer():
    conversation = make_conversation()
    accepted = write(conversation, "  what did the study find?\r\n")
    assert accepted.message.text == "what did the study find?"
    assert (accepted.message.seq, accepted.message.sender) == (2, Sender.VISITOR)
    assert accepted.replies == []
    assert accepted.turn.state == TurnState.PENDING
    assert accepted.turn.epoch == fresh(conversation).epoch
    assert accepted.control == "bot"
    assert not accepted.is_repeat


def test_numbers_have_no_gaps():
    conversation = make_conversation()
    for _ in range(3):
        answer(write(conversation))
    assert [message.seq for message in told(conversation)] == list(range(1, 8))
    assert fresh(conversation).last_seq == 7


def test_the_same_client_id_again_gives_the_same_rows():
    conversation = make_conversation()
    first = write(conversation, "hello", client_id="one")
    replies = answer(first)
    again = write(conversation, " hello ", client_id="one")
    assert again.is_repeat
    assert again.message == first.message
    assert [reply.pk for reply in again.replies] == [reply.pk for reply in replies]
    assert again.control == "bot"
    assert Turn.objects.count() == 1
    assert fresh(conversation).last_seq == 3


def test_a_repeat_says_who_was_in_control_when_the_first_was_settled(clock):
    make_specialist()
    conversation = make_conversation()
    first = write(conversation, "hello", client_id="one")
    answer(first)
    services.request_handoff(conversation.pk)
    assert write(conversation, "hello", client_id="one").control == "bot"


def test_the_same_client_id_with_other_words_is_refused():
    conversation = make_conversation()
    write(conversation, "hello", client_id="one")
    with pytest.raises(ClientIdReused):
        write(conversation, "good evening", client_id="one")
    with pytest.raises(ClientIdReused):
        write(conversation, choice_id="handoff", client_id="one")
    assert fresh(conversation).last_seq == 2


def test_client_ids_belong_to_their_conversation():
    write(make_conversation(), "hello", client_id="one")
    assert not write(make_conversation(), "hello", client_id="one").is_repeat


def test_a_repeat_after_the_close_still_gets_the_first_answer():
    conversation = make_conversation()
    answer(write(conversation, "hello", client_id="one"))
    services.close_conversation(conversation.pk, by="visitor")
    assert write(conversation, "hello", client_id="one").is_repeat


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", " \x00 "])
def test_an_empty_text_is_refused(text):
    with pytest.raises(TextEmpty):
        write(make_conversation(), text)


def test_the_longest_text_fits_and_one_more_character_does_not():
    conversation = make_conversation()
    words = "so " * 1333 + "b"
    assert len(write(conversation, f" {words} ").message.text) == 4000
    with pytest.raises(TextTooLong) as caught:
        write(conversation, f"{words}b")
    assert caught.value.data == {"max_length": 4000}
    assert fresh(conversation).last_seq == 2


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("half an emoji \ud83d", "half an emoji \ufffd"),
        ("a pair \ud83d\ude00 in two", "a pair 😀 in two"),
        ("nul\x00byte", "nulbyte"),
        ("two\r\nlines\rthree", "two\nlines\nthree"),
        ("<b>bold</b> & 'quotes'", "<b>bold</b> & 'quotes'"),
        ("/restart", "/restart"),
    ],
)
def test_any_text_a_phone_can_send_is_stored(typed, stored):
    accepted = write(make_conversation(), typed)
    assert Message.objects.get(pk=accepted.message.pk).text == stored


def test_text_and_choice_exclude_each_other():
    conversation = make_conversation()
    for fields in ({}, {"text": "a", "choice_id": "handoff"}):
        with pytest.raises(InvalidInput):
            services.accept_visitor_message(conversation.pk, client_id="one", **fields)


def test_an_impossible_client_id_is_refused():
    for client_id in ("", "x" * 65):
        with pytest.raises(InvalidInput) as caught:
            services.accept_visitor_message(
                make_conversation().pk, client_id=client_id, text="hello"
            )
        assert caught.value.data["errors"][0]["field"] == "client_id"


def test_an_unknown_conversation_takes_nothing():
    for conversation_id in (uuid.uuid4(), "garbage"):
        with pytest.raises(UnknownConversation):
            services.accept_visitor_message(conversation_id, client_id="one", text="hello")


def test_a_closed_conversation_takes_nothing():
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    before = fresh(conversation).last_seq
    with pytest.raises(ConversationClosed):
        write(conversation, "hello")
    assert fresh(conversation).last_seq == before


def test_the_bot_has_no_duty_while_a_person_was_asked_for_or_talks(clock):
    specialist = make_specialist()
    for conversation in (make_queued(specialist), make_claimed(specialist)):
        accepted = write(conversation, "hello")
        assert accepted.turn is None
        assert accepted.replies == []
        assert accepted.message.settled_control == conversation.control


def test_the_bot_answers_in_the_queue_where_the_visitor_asked_for_that(clock):
    conversation = make_queued()
    services.ask_while_waiting(conversation.pk)
    accepted = write(conversation, "hello")
    assert [message.kind for message in answer(accepted, answer_draft())] == ["answer"]
    assert fresh(conversation).control == "queue"


def test_messages_are_paged_by_number():
    conversation = make_conversation()
    for _ in range(4):
        write(conversation, "hello")
    page = access.messages_after(conversation.pk, 1, 2)
    assert [message.seq for message in page.messages] == [2, 3]
    assert (page.last_seq, page.has_more, page.control) == (5, True, "bot")
    page = access.messages_after(conversation.pk, 3, 2)
    assert [message.seq for message in page.messages] == [4, 5]
    assert not page.has_more
    assert access.messages_after(conversation.pk, 99).messages == []


def test_a_stored_message_is_never_changed():
    message = write(make_conversation(), "hello").message
    message.text = "something else"
    with pytest.raises(ValueError, match="never changed"):
        message.save()
