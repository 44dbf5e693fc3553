"""Withdrawing an entry at once."""

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import NotAllowed, UnknownEntry
from tests.factories import (
    answer,
    answer_draft,
    make_admin,
    make_conversation,
    make_reviewer,
    make_specialist,
    write,
)

pytestmark = pytest.mark.django_db


def test_an_admin_withdraws_and_restores():
    admin = make_admin()
    assert services.withdraw_entry("study-result", by=admin) is True
    assert services.withdraw_entry("study-result", by=admin) is False
    assert [row.entry_id for row in access.withdrawn_entries()] == ["study-result"]
    listed = {row.entry.id: row.withdrawn for row in access.entry_list()}
    assert listed["study-result"].withdrawn_by == admin
    assert listed["study-who"] is None
    assert services.restore_entry("study-result", by=admin) is True
    assert services.restore_entry("study-result", by=admin) is False
    assert answer(write(make_conversation()), answer_draft())[0].kind == "answer"
    kinds = AuditEntry.objects.filter(kind__startswith="entry.").values_list("kind", flat=True)
    assert list(kinds) == ["entry.withdrawn", "entry.restored"]


def test_nobody_else_may():
    for user in (make_specialist(), make_reviewer()):
        with pytest.raises(NotAllowed):
            services.withdraw_entry("study-result", by=user)
        with pytest.raises(NotAllowed):
            services.restore_entry("study-result", by=user)
    assert access.withdrawn_entries() == []


def test_only_an_entry_of_the_desk_can_be_withdrawn():
    with pytest.raises(UnknownEntry):
        services.withdraw_entry("no-such-entry", by=make_admin())


def test_what_was_said_before_stays_in_the_transcript():
    conversation = make_conversation()
    said = answer(write(conversation), answer_draft())[0]
    services.withdraw_entry("study-result", by=make_admin())
    again = access.messages_after(conversation.pk, said.seq - 1).messages[0]
    assert (again.pk, again.text, again.answer) == (said.pk, said.text, said.answer)
