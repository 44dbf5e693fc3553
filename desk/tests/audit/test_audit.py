"""The record: append-only, of known kinds, without anybody's words."""

import re
import uuid
from pathlib import Path

import pytest

import audit
from audit.models import AuditEntry
from audit.request_id import bind_request_id, current_request_id, reset_request_id

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "audit.md"


@pytest.mark.django_db
def test_an_entry_says_who_what_when_and_under_which_request():
    conversation_id = uuid.uuid4()
    bound = bind_request_id("request-7")
    try:
        audit.record("note.added", actor="staff:1", conversation_id=conversation_id)
    finally:
        reset_request_id(bound)
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.actor) == ("note.added", "staff:1")
    assert (entry.conversation_id, entry.request_id) == (conversation_id, "request-7")
    assert current_request_id() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        ("no.such.kind", {}, "not registered"),
        ("note.added", {"text": "words"}, "no field"),
        ("turn.failed", {"failure": "x" * 201}, "as long as a text"),
    ],
)
def test_what_does_not_belong_on_record_is_refused(kind, data, problem):
    with pytest.raises(ValueError, match=problem):
        audit.record(kind, actor="system", **data)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_entries_are_neither_changed_nor_deleted():
    audit.record("staff.signed_in", actor="staff:1")
    entry = AuditEntry.objects.get()
    entry.actor = "staff:2"
    with pytest.raises(ValueError, match="never changed"):
        entry.save()
    with pytest.raises(ValueError, match="never deleted"):
        entry.delete()
    assert AuditEntry.objects.get().actor == "staff:1"


def test_a_kind_is_registered_once():
    with pytest.raises(ValueError, match="already"):
        audit.register("note.added", "Another meaning")


def test_every_kind_is_documented_with_its_fields_and_nothing_else_is():
    rows = re.findall(r"^\| `([a-z._]+)` \| (.+) \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE)
    documented = {
        name: (label, set(re.findall(r"`(\w+)`", fields))) for name, label, fields in rows
    }
    assert documented == {
        name: (kind.label, set(kind.fields)) for name, kind in audit.registered().items()
    }
