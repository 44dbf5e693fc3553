"""Claiming, replying, giving back."""

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.access.waits import queue_position
from conversations.errors import (
    AlreadyClaimed,
    ClientIdReused,
    ConversationClosed,
    NewerMessages,
    NotAllowed,
    NotInControl,
    NotQueued,
    StaleEpoch,
    TextEmpty,
    TextTooLong,
    UnknownConversation,
)
from conversations.models import Note
from tests.factories import (
    answer,
    fresh,
    last_notice,
    make_admin,
    make_claimed,
    make_conversation,
    make_queued,
    make_reviewer,
    make_specialist,
    notice_of,
    told,
    write,
)

pytestmark = pytest.mark.django_db

WAYS_ON = ["keep_waiting", "ask_while_waiting", "callback", "back_to_bot"]


def reply(conversation, specialist, text="hello", *, client_id="r1", epoch=None, seen_seq=None):
    """A specialist's reply, under the present epoch unless told otherwise."""
    return services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id=client_id,
        text=text,
        epoch=fresh(conversation).epoch if epoch is None else epoch,
        seen_seq=seen_seq,
    )


def test_a_claim_takes_the_conversation_and_tells_the_visitor_who_came(clock):
    ana = make_specialist("ana")
    conversation = make_queued(ana)
    messages = services.claim_conversation(conversation.pk, specialist=ana)
    after = fresh(conversation)
    assert (after.control, after.specialist, after.epoch) == ("specialist", ana, 3)
    assert messages[0].text == "Ana has joined."
    assert messages[0].epoch == 3
    assert services.claim_conversation(conversation.pk, specialist=ana) == []
    assert fresh(conversation).epoch == 3


def test_the_second_claim_is_refused_and_says_who_has_it(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    conversation = make_claimed(ana)
    before = fresh(conversation)
    with pytest.raises(AlreadyClaimed) as caught:
        services.claim_conversation(conversation.pk, specialist=ben)
    assert caught.value.data == {"specialist": "Ana"}
    assert fresh(conversation).epoch == before.epoch
    assert fresh(conversation).specialist == ana


def test_only_what_waits_can_be_claimed(clock):
    specialist = make_specialist()
    conversation = make_conversation()
    with pytest.raises(NotQueued):
        services.claim_conversation(conversation.pk, specialist=specialist)
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        services.claim_conversation(conversation.pk, specialist=specialist)
    with pytest.raises(UnknownConversation):
        services.claim_conversation("garbage", specialist=specialist)


def test_only_specialists_claim(clock):
    conversation = make_queued()
    for user in (make_admin(), make_reviewer()):
        with pytest.raises(NotAllowed):
            services.claim_conversation(conversation.pk, specialist=user)
    assert fresh(conversation).control == "queue"


def test_stepping_in_for_the_bot_makes_its_turn_stale(clock):
    specialist = make_specialist()
    conversation = make_conversation()
    accepted = write(conversation)
    services.take_over_conversation(conversation.pk, specialist=specialist)
    assert fresh(conversation).control == "specialist"
    with pytest.raises(StaleEpoch):
        answer(accepted)
    assert AuditEntry.objects.filter(kind="control.taken_over").count() == 1


def test_stepping_in_for_a_colleague_is_refused(clock):
    conversation = make_claimed(make_specialist())
    with pytest.raises(AlreadyClaimed):
        services.take_over_conversation(conversation.pk, specialist=make_specialist())


def test_a_reply_reaches_the_visitor_with_its_authors_name(clock):
    ana = make_specialist("ana")
    conversation = make_claimed(ana)
    message = reply(conversation, ana, " Hello, I am Ana. ").message
    assert (message.sender, message.kind, message.author) == ("specialist", "text", ana)
    assert (message.text, message.author_name) == ("Hello, I am Ana.", "Ana")
    assert told(conversation)[-1] == message


def test_a_repeated_reply_is_stored_once(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    first = reply(conversation, specialist)
    again = reply(conversation, specialist)
    assert again.is_repeat
    assert again.message == first.message
    with pytest.raises(ClientIdReused):
        reply(conversation, specialist, "other words")


def test_a_reply_needs_control(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    for conversation in (make_conversation(), make_queued(ana), make_claimed(ana)):
        before = fresh(conversation).last_seq
        with pytest.raises(NotInControl):
            reply(conversation, ben)
        assert fresh(conversation).last_seq == before


def test_a_reply_written_under_an_older_epoch_is_refused(clock):
    """Field note "agent replied blind to a colleague's answer": what a colleague wrote in between
    came under another control, and the console has to show it first."""
    ana, ben = make_specialist("ana"), make_specialist("ben")
    conversation = make_claimed(ana)
    epoch = fresh(conversation).epoch
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    services.claim_conversation(conversation.pk, specialist=ben)
    services.release_conversation(conversation.pk, specialist=ben, to="queue")
    services.claim_conversation(conversation.pk, specialist=ana)
    with pytest.raises(StaleEpoch):
        reply(conversation, ana, epoch=epoch)
    assert reply(conversation, ana).message.epoch == epoch + 4


def test_a_reply_written_before_a_newer_message_is_held_once(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    seen = fresh(conversation).last_seq
    reply(conversation, specialist, "my own words", client_id="mine", seen_seq=seen)
    assert reply(conversation, specialist, client_id="r2", seen_seq=seen).message
    write(conversation, "wait, one more thing")
    with pytest.raises(NewerMessages) as caught:
        reply(conversation, specialist, client_id="r3", seen_seq=seen)
    latest = caught.value.data["last_seq"]
    assert reply(conversation, specialist, client_id="r3", seen_seq=latest).message


@pytest.mark.parametrize(("text", "error"), [("  ", TextEmpty), ("x" * 4001, TextTooLong)])
def test_a_reply_has_one_to_four_thousand_characters(clock, text, error):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    with pytest.raises(error):
        reply(conversation, specialist, text)


def test_nobody_replies_in_a_closed_conversation(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        reply(conversation, specialist)


def test_released_to_the_queue_a_visitor_gets_the_old_place_back(clock):
    ana = make_specialist("ana")
    first = make_queued(ana)
    clock.shift(60)
    second = make_queued(ana)
    services.claim_conversation(first.pk, specialist=ana)
    clock.shift(60)
    services.release_conversation(first.pk, specialist=ana, to="queue")
    assert queue_position(fresh(first)) == 1
    assert queue_position(fresh(second)) == 2
    assert last_notice(first) == "notice:specialist_left_nobody"


def test_released_to_the_queue_a_visitor_hears_who_may_come_and_every_way_on(clock):
    """Field note "handback to nobody": nobody checked that a responder exists."""
    ana = make_specialist("ana")
    alone, among = make_claimed(ana), make_claimed(ana)
    services.release_conversation(alone.pk, specialist=ana, to="queue")
    make_specialist("ben")
    services.release_conversation(among.pk, specialist=ana, to="queue")
    for conversation, name in ((alone, "nobody"), (among, "queue")):
        notice = told(conversation)[-1]
        assert notice_of(notice) == f"notice:specialist_left_{name}"
        assert [choice.public_id for choice in notice.choices.all()] == WAYS_ON
    write(alone, choice_id="back_to_bot")
    assert fresh(alone).control == "bot"
    assert answer(write(alone))


def test_released_to_the_bot_it_starts_afresh_and_says_so(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    before = fresh(conversation)
    services.release_conversation(conversation.pk, specialist=specialist, to="bot")
    after = fresh(conversation)
    assert (after.control, after.specialist, after.queued_at) == ("bot", None, None)
    assert after.bot_session != before.bot_session
    assert (after.last_entry_id, after.fallbacks_in_a_row) == ("", 0)
    assert last_notice(conversation) == "notice:specialist_left_bot"
    assert answer(write(conversation))


def test_only_the_one_in_control_releases(clock):
    conversation = make_claimed(make_specialist())
    with pytest.raises(NotInControl):
        services.release_conversation(conversation.pk, specialist=make_specialist(), to="bot")
    with pytest.raises(ValueError, match="queue"):
        services.release_conversation(conversation.pk, specialist=make_specialist(), to="closed")


def test_a_note_is_kept_and_never_among_the_messages(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    before = told(conversation)
    services.add_note(conversation.pk, author=specialist, text="ring the hospital")
    assert told(conversation) == before
    assert access.transcript(conversation.pk).notes[0].text == "ring the hospital"
    entry = AuditEntry.objects.get(kind="note.added")
    assert "hospital" not in str(entry.data)
    with pytest.raises(NotAllowed):
        services.add_note(conversation.pk, author=make_reviewer(), text="words")
    assert Note.objects.count() == 1
