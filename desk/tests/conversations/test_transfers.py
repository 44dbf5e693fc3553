"""Offering a conversation to a colleague, who has it only after accepting."""

from __future__ import annotations

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import (
    CannotTransfer,
    ConversationClosed,
    InvalidInput,
    NotAllowed,
    NotInControl,
    TransferOver,
    UnknownTransfer,
)
from conversations.models import Transfer
from staff.models import Role, StaffPresence
from tests.factories import (
    fresh,
    last_notice,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    make_staff,
    notice_of,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(clock):
    return make_specialist("ana")


@pytest.fixture
def ben(clock):
    return make_specialist("ben")


def offer(conversation, ana, ben, note="speaks Spanish"):
    """Ana offers her conversation to Ben."""
    return services.offer_transfer(conversation.pk, specialist=ana, to=ben, note=note)


def changes(conversation):
    """Kinds of the audit entries about offers and control, after the claim."""
    found = AuditEntry.objects.filter(conversation_id=conversation.pk).order_by("pk")
    kinds = found.values_list("kind", flat=True)
    return [kind for kind in kinds if kind.startswith(("transfer.", "control."))][2:]


def test_whoever_offers_keeps_control_and_the_visitor_hears_nothing(ana, ben):
    conversation = make_claimed(ana)
    before = told(conversation)
    made = offer(conversation, ana, ben)
    assert fresh(conversation).specialist == ana
    assert told(conversation) == before
    assert access.offers_of(ben) == [made]
    assert access.last_transfer(conversation.pk) == made
    services.send_reply(
        conversation.pk,
        specialist=ana,
        client_id="r",
        text="one moment",
        epoch=fresh(conversation).epoch,
    )


def test_accepted_the_visitor_learns_who_came_after_the_name_is_set(ana, ben):
    """Field note: "X joined" was sent before the name of X was known."""
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    (notice,) = services.accept_transfer(made.pk, specialist=ben)
    after = fresh(conversation)
    assert (after.control, after.specialist, after.epoch) == ("specialist", ben, 4)
    assert (notice_of(notice), notice.epoch) == ("notice:specialist_changed", 4)
    assert notice.text == "Ben has taken over."
    assert told(conversation)[-1] == notice
    assert access.summary(after).specialist_name == "Ben"
    assert changes(conversation) == ["transfer.offered", "control.transferred"]
    with pytest.raises(NotInControl):
        services.send_reply(
            conversation.pk, specialist=ana, client_id="r", text="more", epoch=after.epoch
        )


def test_accepting_twice_changes_nothing(ana, ben):
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    services.accept_transfer(made.pk, specialist=ben)
    epoch = fresh(conversation).epoch
    assert services.accept_transfer(made.pk, specialist=ben) == []
    assert fresh(conversation).epoch == epoch


def test_declined_it_stays_and_the_giver_learns_why(ana, ben):
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    before = told(conversation)
    services.decline_transfer(made.pk, specialist=ben, note="on the phone")
    services.decline_transfer(made.pk, specialist=ben)
    assert fresh(conversation).specialist == ana
    assert told(conversation) == before
    ended = access.last_transfer(conversation.pk)
    assert (ended.state, ended.answer_note) == ("declined", "on the phone")
    assert changes(conversation) == ["transfer.offered", "transfer.declined"]
    with pytest.raises(TransferOver, match="declined"):
        services.accept_transfer(made.pk, specialist=ben)
    assert offer(conversation, ana, ben).pk != made.pk


def test_taken_back_it_cannot_be_accepted_any_more(ana, ben):
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    services.withdraw_transfer(made.pk, specialist=ana)
    services.withdraw_transfer(made.pk, specialist=ana)
    with pytest.raises(TransferOver) as caught:
        services.accept_transfer(made.pk, specialist=ben)
    assert caught.value.data == {"state": "withdrawn"}
    assert fresh(conversation).specialist == ana
    assert changes(conversation) == ["transfer.offered", "transfer.withdrawn"]


def test_an_offer_ends_with_the_control_it_was_made_under(ana, ben):
    for move in (
        lambda pk: services.release_conversation(pk, specialist=ana, to="bot"),
        lambda pk: services.release_conversation(pk, specialist=ana, to="queue"),
        lambda pk: services.close_conversation(pk, by="visitor"),
    ):
        conversation = make_claimed(ana)
        made = offer(conversation, ana, ben)
        move(conversation.pk)
        assert Transfer.objects.get(pk=made.pk).state == "lapsed"
        entry = AuditEntry.objects.get(conversation_id=conversation.pk, kind="transfer.lapsed")
        assert entry.data == {"reason": "moved"}
        with pytest.raises(TransferOver):
            services.accept_transfer(made.pk, specialist=ben)


def test_unanswered_it_lapses_and_the_giver_is_told(ana, ben, clock, settings):
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    clock.shift(settings.TRANSFER_SECONDS - 1)
    assert services.lapse_transfers() == 0
    clock.shift(1)
    before = fresh(conversation).change_seq
    assert services.lapse_transfers() == 1
    assert services.lapse_transfers() == 0
    assert access.last_transfer(conversation.pk).state == "lapsed"
    assert fresh(conversation).change_seq == before + 1
    assert fresh(conversation).specialist == ana
    with pytest.raises(TransferOver, match="lapsed"):
        services.accept_transfer(made.pk, specialist=ben)
    assert changes(conversation) == ["transfer.offered", "transfer.lapsed"]


def test_nobody_is_offered_what_they_cannot_take(ana, ben, clock):
    """Field note: families waited on colleagues who were offline."""
    conversation = make_claimed(ana)
    StaffPresence.objects.filter(user=ben).update(seen_at=None)
    for to, problem in (
        (ben, "Ben is not at the console now"),
        (make_staff(Role.REVIEWER, "rita"), "Rita takes no conversations"),
        (ana, "You have this conversation already"),
    ):
        with pytest.raises(CannotTransfer, match=problem):
            offer(conversation, ana, to)
    assert not Transfer.objects.exists()


def test_there_is_one_open_offer_at_a_time(ana, ben):
    cleo = make_specialist("cleo")
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    assert offer(conversation, ana, ben) == made
    with pytest.raises(CannotTransfer, match="offered to Ben already"):
        offer(conversation, ana, cleo)


def test_only_ones_own_can_be_offered_and_only_offers_to_one_can_be_answered(ana, ben):
    for conversation in (make_conversation(), make_queued(ana), make_claimed(ben)):
        with pytest.raises(NotInControl):
            offer(conversation, ana, ben)
    closed = make_claimed(ana)
    services.close_conversation(closed.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        offer(closed, ana, ben)
    conversation = make_claimed(ana)
    made = offer(conversation, ana, ben)
    for answer in (services.accept_transfer, services.decline_transfer):
        with pytest.raises(NotAllowed):
            answer(made.pk, specialist=ana)
        with pytest.raises(UnknownTransfer):
            answer(0, specialist=ben)
    with pytest.raises(NotAllowed):
        services.withdraw_transfer(made.pk, specialist=ben)
    with pytest.raises(InvalidInput):
        offer(conversation, ana, ben, note="x" * 2001)


def test_a_note_of_an_offer_is_in_no_audit_entry(ana, ben):
    made = offer(make_claimed(ana), ana, ben, note="the mother is called Rosa")
    services.decline_transfer(made.pk, specialist=ben, note="Rosa knows me")
    entries = AuditEntry.objects.filter(kind__startswith="transfer.")
    assert [entry.data for entry in entries] == [{"to": f"staff:{ben.pk}"}, {}]


def test_nothing_of_it_outlives_the_conversation(ana, ben, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("retention.registry._forgetters", {})
    conversation = make_claimed(ana)
    offer(conversation, ana, ben)
    services.erase_conversation(conversation.pk, by="visitor")
    assert not Transfer.objects.exists()
    assert access.last_transfer(conversation.pk) is None


def test_the_visitor_is_told_once_and_reads_the_same_later(ana, ben):
    conversation = make_claimed(ana)
    services.accept_transfer(offer(conversation, ana, ben).pk, specialist=ben)
    assert last_notice(conversation) == "notice:specialist_changed"
    notices = [notice_of(message) for message in told(conversation)]
    assert notices.count("notice:specialist_changed") == 1
