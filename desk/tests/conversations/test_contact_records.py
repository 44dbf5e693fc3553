"""The contact record: one for each stretch of talk, pre-filled, kept with the close or after it."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.models import AuditEntry
from conversations import access, contact_codes, services
from conversations.access import contact_records
from conversations.errors import InvalidInput, NotInControl, UnknownConversation
from conversations.models import ContactRecord, Conversation
from conversations.results import ContactDraft
from conversations.services.unit import unit
from tests.factories import (
    answer,
    fresh,
    last_notice,
    make_claimed,
    make_conversation,
    make_specialist,
    told,
    write,
)

pytestmark = pytest.mark.django_db

DRAFT = ContactDraft(
    purpose="information",
    asker="mother",
    next_step="care_team",
    topics=("study", "study", "fever"),
    resources=(("entry", "study-result"),),
    note=" she will ask on Monday ",
)


def say(conversation, specialist, text="hello", **more):
    """A specialist's reply under the present control; under which epoch."""
    epoch = fresh(conversation).epoch
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id=f"r{fresh(conversation).last_seq}",
        text=text,
        epoch=epoch,
        **more,
    )
    return epoch


@pytest.fixture
def ana(clock):
    return make_specialist("ana")


def close(conversation, specialist, draft=DRAFT, epoch=None):
    """Close and record, under the present epoch unless told otherwise."""
    return services.close_and_record(
        conversation.pk,
        specialist=specialist,
        epoch=fresh(conversation).epoch if epoch is None else epoch,
        draft=draft,
    )


def test_closing_and_recording_are_one(ana):
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    close(conversation, ana)
    assert fresh(conversation).control == "closed"
    assert last_notice(conversation) == "notice:closed_by_specialist"
    record = ContactRecord.objects.get()
    assert (record.purpose, record.asker, record.next_step) == (
        "information",
        "mother",
        "care_team",
    )
    assert (record.topics, record.note) == (["study", "fever"], "she will ask on Monday")
    assert record.resources == [{"kind": "entry", "id": "study-result"}]
    assert (record.epoch, record.specialist) == (epoch, ana)
    assert record.started_at is not None
    assert access.records_to_complete(ana) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"purpose": ""}, "purpose"),
        ({"purpose": "gossip"}, "purpose"),
        ({"asker": "dog"}, "asker"),
        ({"next_step": "wait"}, "next_step"),
        ({"topics": ("weather",)}, "topics"),
        ({"resources": (("pill", "x"),)}, "resources"),
        ({"resources": (("entry", "x" * 81),)}, "resources"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_a_record_that_cannot_be_kept_closes_nothing(ana, change, field):
    conversation = make_claimed(ana)
    say(conversation, ana)
    with pytest.raises(InvalidInput) as caught:
        close(conversation, ana, replace(DRAFT, **change))
    assert [error["field"] for error in caught.value.data["errors"]] == [field]
    assert fresh(conversation).control == "specialist"
    assert not ContactRecord.objects.exists()


def test_a_close_at_once_leaves_the_record_to_be_done(ana):
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    assert access.records_to_complete(ana) == []
    services.close_conversation(conversation.pk, by="specialist", specialist=ana)
    (stretch,) = access.records_to_complete(ana)
    assert (stretch.conversation_id, stretch.epoch) == (conversation.pk, epoch)
    services.record_contact(conversation.pk, specialist=ana, epoch=epoch, draft=DRAFT)
    assert access.records_to_complete(ana) == []


def test_whoever_closes_without_a_word_owes_a_record_too(ana):
    """Else the talk would be gone from every list, and nobody could say what it was."""
    ben = make_specialist("ben")
    conversation = make_claimed(ana)
    epoch = fresh(conversation).epoch
    services.close_conversation(conversation.pk, by="specialist", specialist=ana)
    (stretch,) = access.records_to_complete(ana)
    assert (stretch.conversation_id, stretch.epoch) == (conversation.pk, epoch)
    assert access.records_to_complete(ben) == []
    for known in (epoch - 1, epoch + 1):
        with pytest.raises(NotInControl):
            services.record_contact(conversation.pk, specialist=ana, epoch=known, draft=DRAFT)
    assert access.record_sheet(ana, conversation.pk, epoch).draft.purpose == ""
    services.record_contact(conversation.pk, specialist=ana, epoch=epoch, draft=DRAFT)
    assert access.records_to_complete(ana) == []


def test_the_messages_of_recorded_talks_are_not_read_for_the_list(
    ana, clock, django_assert_num_queries, monkeypatch
):
    """An old hand closed thousands, and the inbox asks at each look."""
    for _ in range(3):
        close(make_claimed(ana), ana)
    owed = [make_claimed(ana) for _ in range(3)]
    for each in owed:
        clock.shift(timedelta(seconds=1))
        services.close_conversation(each.pk, by="specialist", specialist=ana)
    monkeypatch.setattr(contact_records, "MOST_LISTED", 2)
    with django_assert_num_queries(3) as asked:
        found = access.records_to_complete(ana)
    assert {one.conversation_id for one in found} == {each.pk for each in owed[1:]}
    chosen, closed, _ = [each["sql"] for each in asked.captured_queries]
    assert "conversations_message" not in chosen
    assert all(each.pk.hex in closed.replace("-", "") for each in owed[1:])
    assert owed[0].pk.hex not in closed.replace("-", "")


def test_each_stretch_has_a_record_of_its_own(ana):
    """Handed back to the bot, asked for again, taken by another: two records, two authors."""
    ben = make_specialist("ben")
    conversation = make_claimed(ana)
    first = say(conversation, ana)
    services.release_conversation(conversation.pk, specialist=ana, to="bot")
    services.take_over_conversation(conversation.pk, specialist=ben)
    second = say(conversation, ben)
    services.record_contact(conversation.pk, specialist=ana, epoch=first, draft=DRAFT)
    close(conversation, ben)
    found = ContactRecord.objects.order_by("epoch").values_list("epoch", "specialist")
    assert list(found) == [(first, ana.pk), (second, ben.pk)]


def test_whoever_hands_on_to_a_colleague_owes_a_record_too(ana):
    ben = make_specialist("ben")
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    transfer = services.offer_transfer(conversation.pk, specialist=ana, to=ben)
    services.accept_transfer(transfer.pk, specialist=ben)
    assert [stretch.epoch for stretch in access.records_to_complete(ana)] == [epoch]
    assert access.records_to_complete(ben) == []
    services.record_contact(conversation.pk, specialist=ana, epoch=epoch, draft=DRAFT)
    assert fresh(conversation).specialist == ben


def test_a_conversation_that_moved_meanwhile_keeps_its_record_and_is_not_closed(ana):
    """The form stood open while the console was lost and the family waits again."""
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    close(conversation, ana, epoch=epoch)
    assert fresh(conversation).control == "queue"
    assert ContactRecord.objects.get().epoch == epoch


def test_taking_it_again_does_not_let_an_older_form_close_it(ana):
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    services.claim_conversation(conversation.pk, specialist=ana)
    close(conversation, ana, epoch=epoch)
    assert fresh(conversation).control == "specialist"


def test_a_stretch_without_a_word_owes_no_record(ana):
    conversation = make_claimed(ana)
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    assert access.records_to_complete(ana) == []


def test_nobody_records_what_they_did_not_say(ana):
    ben = make_specialist("ben")
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    for who, when in ((ben, epoch), (ana, epoch - 1), (ana, epoch + 1), (ana, 10**30)):
        with pytest.raises(NotInControl):
            access.record_sheet(who, conversation.pk, when)
    for who, when in ((ben, epoch), (ana, epoch - 1), (ana, epoch + 1)):
        with pytest.raises(NotInControl):
            close(conversation, who, epoch=when)
    with pytest.raises(UnknownConversation):
        access.record_sheet(ana, uuid.uuid4(), 1)
    assert fresh(conversation).control == "specialist"


def test_writing_it_again_corrects_it_and_is_on_record(ana):
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    for asker in ("mother", "father"):
        services.record_contact(
            conversation.pk, specialist=ana, epoch=epoch, draft=replace(DRAFT, asker=asker)
        )
    assert ContactRecord.objects.get().asker == "father"
    entries = AuditEntry.objects.filter(kind="contact.recorded").order_by("pk")
    assert [entry.data for entry in entries] == [
        {"epoch": epoch, "is_correction": False},
        {"epoch": epoch, "is_correction": True},
    ]


def test_it_starts_from_what_the_family_was_given(ana):
    conversation = make_conversation()
    answer(write(conversation))
    services.take_over_conversation(conversation.pk, specialist=ana)
    say(conversation, ana)
    with unit(conversation.pk) as work:
        work.store(
            sender="specialist",
            kind="text",
            text="look here",
            author=ana,
            author_name="Ana",
            resources=[{"kind": "entry", "id": "fever-what", "version": "1"}],
        )
    sheet = access.record_sheet(ana, conversation.pk)
    given = [("entry", "study-result"), ("entry", "fever-what")]
    assert sheet.offered == given
    assert list(sheet.draft.resources) == given
    assert sheet.draft.topics == ("study", "fever")
    assert sheet.is_running


def test_a_record_is_shown_as_it_was_kept(ana):
    conversation = make_claimed(ana)
    epoch = say(conversation, ana)
    close(conversation, ana)
    sheet = access.record_sheet(ana, conversation.pk, epoch)
    assert sheet.draft.purpose == "information"
    assert not sheet.is_running
    record = ContactRecord.objects.get()
    assert record.purpose_label == "Facts about the disease or its treatment"
    assert record.topic_labels == ["Study", "Fever"]
    assert record.resource_titles == [contact_codes.resource_title("entry", "study-result")]


def test_what_is_gone_from_the_house_keeps_its_code():
    record = ContactRecord(
        purpose="old", asker="old", next_step="old", topics=["gone"],
        resources=[{"kind": "entry", "id": "gone"}, {"kind": "film", "id": "x"}],
    )  # fmt: skip
    assert (record.purpose_label, record.asker_label, record.next_step_label) == ("old",) * 3
    assert (record.topic_labels, record.resource_titles) == (["gone"], ["gone", "x"])


def test_the_visitor_sees_nothing_of_it(ana):
    conversation = make_claimed(ana)
    say(conversation, ana)
    before = len(told(conversation))
    services.record_contact(
        conversation.pk, specialist=ana, epoch=fresh(conversation).epoch, draft=DRAFT
    )
    assert len(told(conversation)) == before
    assert Conversation.objects.get().control == "specialist"


def test_the_guide_names_every_code():
    """docs/guides/following-up.md is the list that reports are read with."""
    guide = Path(__file__).parents[3] / "docs" / "guides" / "following-up.md"
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", guide.read_text(), re.MULTILINE)
    codes = [*contact_codes.PURPOSES.items(), *contact_codes.ASKERS.items()]
    assert rows == [*codes, *contact_codes.NEXT_STEPS.items()]
