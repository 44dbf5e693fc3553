"""What supervisors see and do."""

from __future__ import annotations

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import ConversationClosed, NobodyToAdvise, NotAllowed, TextEmpty
from conversations.models import Note
from tests.factories import (
    fresh,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    make_supervisor,
    notice_of,
    told,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam(clock):
    return make_supervisor("sam")


@pytest.fixture
def ana(clock):
    return make_specialist("ana")


def test_advice_is_for_the_specialist_who_talks_and_for_nobody_else(sam, ana):
    conversation = make_claimed(ana)
    before = told(conversation)
    note = services.advise(conversation.pk, supervisor=sam, text=" ask about the fever ")
    assert (note.author, note.advice_to, note.text) == (sam, ana, "ask about the fever")
    assert told(conversation) == before
    assert access.unseen_advice(ana) == [note]
    assert access.unseen_advice(sam) == []
    services.note_view(conversation.pk, user=ana, seq=1)
    assert access.unseen_advice(ana) == []
    entry = AuditEntry.objects.get(kind="advice.given")
    assert (entry.actor, entry.data) == (f"staff:{sam.pk}", {"to": f"staff:{ana.pk}"})


def test_advice_needs_a_supervisor_and_somebody_to_advise(sam, ana):
    with pytest.raises(NotAllowed):
        services.advise(make_claimed(ana).pk, supervisor=make_specialist(), text="words")
    with pytest.raises(TextEmpty):
        services.advise(make_claimed(ana).pk, supervisor=sam, text=" ")
    for conversation in (make_conversation(), make_queued(ana), make_claimed(sam)):
        with pytest.raises(NobodyToAdvise):
            services.advise(conversation.pk, supervisor=sam, text="words")
    assert not Note.objects.exists()


def test_stepping_in_for_a_specialist_tells_both_sides(sam, ana):
    conversation = make_claimed(ana)
    (notice,) = services.step_in(conversation.pk, supervisor=sam)
    after = fresh(conversation)
    assert (after.control, after.specialist, after.epoch) == ("specialist", sam, 4)
    assert (notice_of(notice), notice.epoch) == ("notice:specialist_changed", 4)
    (note,) = access.unseen_advice(ana)
    assert (note.author, note.advice_to) == (sam, ana)
    assert services.step_in(conversation.pk, supervisor=sam) == []
    entry = AuditEntry.objects.get(kind="control.stepped_in")
    assert entry.data == {"epoch": 4, "from": "specialist"}


@pytest.mark.parametrize("make", [make_queued, make_conversation])
def test_stepping_in_for_queue_or_bot(sam, ana, make):
    conversation = make()
    accepted = write(conversation)
    (notice,) = services.step_in(conversation.pk, supervisor=sam)
    assert notice_of(notice) == "notice:specialist_joined"
    assert fresh(conversation).specialist == sam
    assert not Note.objects.exists()
    assert accepted.turn is None or accepted.turn.pk not in services.due_turns()
    assert access.waiting_rows() == []


def test_only_supervisors_step_in_and_not_into_a_closed_conversation(sam, ana):
    conversation = make_claimed(ana)
    with pytest.raises(NotAllowed):
        services.step_in(conversation.pk, supervisor=make_specialist())
    services.close_conversation(conversation.pk, by="visitor")
    with pytest.raises(ConversationClosed):
        services.step_in(conversation.pk, supervisor=sam)
