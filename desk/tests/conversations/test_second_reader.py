"""A reply that a colleague reads before the family does."""

from __future__ import annotations

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import (
    BlanksOpen,
    ClientIdReused,
    HeldReplyOver,
    InvalidInput,
    NewerMessages,
    NotAllowed,
    NotInControl,
    SecondReaderNeeded,
    StaleEpoch,
    TextEmpty,
    UnknownHeldReply,
)
from conversations.models import HeldReply
from staff import presence
from tests.factories import (
    fresh,
    make_claimed,
    make_reviewer,
    make_specialist,
    minutes,
    told,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_reader(settings):
    settings.SECOND_READER = True


@pytest.fixture
def ana(clock):
    return make_specialist("ana")


@pytest.fixture
def ben(clock):
    return make_specialist("ben")


def hold(conversation, author, text="words to weigh", *, client_id="h1", **fields):
    """A reply is handed in, under the present epoch and after the last message."""
    now = fresh(conversation)
    return services.hold_reply(
        conversation.pk,
        specialist=author,
        client_id=client_id,
        text=text,
        **{"epoch": now.epoch, "seen_seq": now.last_seq, **fields},
    )


def test_a_reply_waits_and_the_family_reads_it_once_released(ana, ben):
    conversation = make_claimed(ana)
    before = told(conversation)
    resources = [{"kind": "entry", "id": "fever-what"}]
    held = hold(conversation, ana, resources=resources)
    assert told(conversation) == before
    assert access.held_replies(ben) == ([held], [])
    assert access.held_replies(ana) == ([], [held])
    sent = services.release_reply(held.pk, reader=ben)
    message = told(conversation)[-1]
    assert (message, sent.is_repeat) == (sent.message, False)
    assert (message.text, message.author, message.author_name) == ("words to weigh", ana, "Ana")
    assert message.client_id == "h1"
    assert [(one["kind"], one["id"]) for one in message.resources] == [("entry", "fever-what")]
    assert services.release_reply(held.pk, reader=ben).is_repeat
    assert len(told(conversation)) == len(before) + 1
    assert access.held_replies(ben) == ([], [])
    entry = AuditEntry.objects.get(kind="reply.released")
    assert (entry.actor, entry.data) == (f"staff:{ben.pk}", {"is_own": False})


def test_nobody_is_closed_for_the_silence_of_a_reader(ana, ben, clock, settings):
    conversation = make_claimed(ana)
    write(conversation, "what now?")
    first = hold(conversation, ana, "let me look that up")
    services.release_reply(first.pk, reader=ben)
    held = hold(conversation, ana, client_id="h2")
    clock.shift(minutes(settings.IDLE_WARNING_MINUTES))
    assert services.warn_idle() == 0
    services.release_reply(held.pk, reader=ben)
    clock.shift(minutes(settings.IDLE_WARNING_MINUTES))
    assert services.warn_idle() == 1


def test_nothing_goes_around_the_reader(ana, ben):
    conversation = make_claimed(ana)
    with pytest.raises(SecondReaderNeeded):
        services.send_reply(
            conversation.pk,
            specialist=ana,
            client_id="r",
            text="words",
            epoch=fresh(conversation).epoch,
        )
    held = hold(conversation, ana)
    with pytest.raises(NotAllowed, match="colleague"):
        services.release_reply(held.pk, reader=ana)
    with pytest.raises(NotAllowed):
        services.release_reply(held.pk, reader=make_reviewer())


def test_whoever_is_alone_on_duty_releases_their_own_and_it_is_on_record(ana, ben):
    """No dead end: a family must not wait for a reader who is not there."""
    presence.note_gone(ben)
    conversation = make_claimed(ana)
    presence.note_gone(ben)
    held = hold(conversation, ana)
    services.release_reply(held.pk, reader=ana)
    assert told(conversation)[-1].text == "words to weigh"
    assert AuditEntry.objects.get(kind="reply.released").data == {"is_own": True}


def test_a_colleague_who_takes_no_conversations_keeps_nobodys_reply(ana, ben):
    """A page left open on a desk reads nothing."""
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    assert not access.is_alone(ana)
    presence.set_accepting(ben, is_accepting=False)
    assert access.is_alone(ana)
    services.release_reply(held.pk, reader=ana)
    assert told(conversation)[-1].text == "words to weigh"


def test_handing_in_twice_is_once(ana, ben):
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    assert hold(conversation, ana) == held
    with pytest.raises(ClientIdReused):
        hold(conversation, ana, "other words")
    services.release_reply(held.pk, reader=ben)
    assert hold(conversation, ana) == held
    assert HeldReply.objects.count() == 1


def test_handed_in_again_after_a_lost_answer_a_returned_reply_waits_for_nobody(ana, ben):
    """Its author would believe that it waits, and the family would wait for nothing."""
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    services.return_reply(held.pk, reader=ben, remark="name the source")
    with pytest.raises(HeldReplyOver, match="returned to its author") as caught:
        hold(conversation, ana)
    assert caught.value.data == {"state": "returned"}
    again = hold(conversation, ana, client_id="h2")
    services.withdraw_reply(again.pk, author=ana)
    with pytest.raises(HeldReplyOver, match="withdrawn"):
        hold(conversation, ana, client_id="h2")
    assert access.held_replies(ben) == ([], [])


def test_it_asks_what_a_reply_asks(ana, ben):
    conversation = make_claimed(ana)
    for author, fields, error in (
        (ben, {}, NotInControl),
        (ana, {"epoch": 2}, StaleEpoch),
        (ana, {"text": " "}, TextEmpty),
        (ana, {"text": "Dear [[name]]"}, BlanksOpen),
        (ana, {"resources": [{"kind": "poem", "id": "x"}]}, InvalidInput),
    ):
        with pytest.raises(error):
            hold(conversation, author, **fields)
    seen = fresh(conversation).last_seq
    write(conversation, "one more thing")
    with pytest.raises(NewerMessages):
        hold(conversation, ana, seen_seq=seen)
    assert not HeldReply.objects.exists()


def test_written_past_by_the_family_it_waits_for_its_author(ana, ben):
    """The stale-send guard holds at the release too: much may be said while a reply waits."""
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    assert not access.held_replies(ana)[1][0].is_overtaken
    write(conversation, "the fever is gone")
    assert access.held_replies(ben)[0][0].is_overtaken
    before = told(conversation)
    with pytest.raises(NewerMessages):
        services.release_reply(held.pk, reader=ben)
    assert told(conversation) == before
    with pytest.raises(NewerMessages):
        services.confirm_reply(held.pk, author=ana, seen_seq=held.seen_seq)
    with pytest.raises(NotAllowed):
        services.confirm_reply(held.pk, author=ben, seen_seq=99)
    services.confirm_reply(held.pk, author=ana, seen_seq=fresh(conversation).last_seq)
    assert not access.held_replies(ana)[1][0].is_overtaken
    assert services.release_reply(held.pk, reader=ben).message.text == "words to weigh"


def test_returned_it_comes_back_with_a_remark_until_the_next_is_handed_in(ana, ben):
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    with pytest.raises(InvalidInput):
        services.return_reply(held.pk, reader=ben, remark=" ")
    with pytest.raises(NotAllowed):
        services.return_reply(held.pk, reader=ana, remark="hm")
    services.return_reply(held.pk, reader=ben, remark="name the source")
    services.return_reply(held.pk, reader=ben, remark="name the source")
    (own,) = access.held_replies(ana)[1]
    assert (own.state, own.remark, own.reader) == ("returned", "name the source", ben)
    assert access.held_replies(ben) == ([], [])
    with pytest.raises(HeldReplyOver, match="returned"):
        services.release_reply(held.pk, reader=ben)
    better = hold(conversation, ana, "words with a source", client_id="h2")
    assert access.held_replies(ana)[1] == [better]
    assert AuditEntry.objects.filter(kind="reply.returned").count() == 1


def test_withdrawn_by_its_author_it_is_never_sent(ana, ben):
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    with pytest.raises(NotAllowed):
        services.withdraw_reply(held.pk, author=ben)
    services.withdraw_reply(held.pk, author=ana)
    services.withdraw_reply(held.pk, author=ana)
    with pytest.raises(HeldReplyOver):
        services.release_reply(held.pk, reader=ben)
    with pytest.raises(UnknownHeldReply):
        services.release_reply(0, reader=ben)
    assert AuditEntry.objects.get(kind="reply.withdrawn").data == {"reason": "author"}


def test_it_is_withdrawn_with_the_control_it_was_written_under(ana, ben):
    """A bot or a colleague in control, and then words of somebody who left: never."""
    for move in (
        lambda pk: services.release_conversation(pk, specialist=ana, to="bot"),
        lambda pk: services.release_conversation(pk, specialist=ana, to="queue"),
        lambda pk: services.close_conversation(pk, by="visitor"),
    ):
        conversation = make_claimed(ana)
        held = hold(conversation, ana)
        move(conversation.pk)
        before = told(conversation)
        with pytest.raises(HeldReplyOver, match="withdrawn"):
            services.release_reply(held.pk, reader=ben)
        assert told(conversation) == before
        entry = AuditEntry.objects.get(conversation_id=conversation.pk, kind="reply.withdrawn")
        assert (entry.actor, entry.data) == ("system", {"reason": "moved"})
    assert access.held_replies(ben) == ([], [])


def test_its_author_keeps_the_words_of_a_dropped_reply_until_they_put_them_away(ana, ben):
    conversation = make_claimed(ana)
    held = hold(conversation, ana)
    services.close_conversation(conversation.pk, by="visitor")
    (own,) = access.held_replies(ana)[1]
    assert (own.pk, own.state, own.text) == (held.pk, "dropped", "words to weigh")
    assert access.held_replies(ben) == ([], [])
    with pytest.raises(NotAllowed):
        services.withdraw_reply(held.pk, author=ben)
    services.withdraw_reply(held.pk, author=ana)
    assert access.held_replies(ana) == ([], [])
    assert AuditEntry.objects.get(kind="reply.withdrawn").data == {"reason": "moved"}


def test_switched_off_replies_go_at_once(ana, settings):
    settings.SECOND_READER = False
    assert not access.second_reading_applies(ana)
    conversation = make_claimed(ana)
    services.send_reply(
        conversation.pk,
        specialist=ana,
        client_id="r",
        text="words",
        epoch=fresh(conversation).epoch,
        resources=[{"kind": "entry", "id": "fever-what"}] * 2,
    )
    (kept,) = told(conversation)[-1].resources
    assert kept["id"] == "fever-what"
