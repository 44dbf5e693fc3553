"""After erasure nothing personal is left, here or in the bot."""

import json
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import retention
from audit.models import AuditEntry
from conversations import services
from conversations.errors import UnknownConversation
from conversations.models import Conversation
from conversations.results import ContactDraft
from retention import ledger
from retention.models import Erasure, PendingForget
from retention.services import forget_pending
from staff.models import User
from tests.factories import (
    answer,
    fresh,
    make_admin,
    make_conversation,
    make_opened,
    make_queued,
    make_specialist,
    make_supervisor,
    minutes,
    write,
)
from tests.personal_text import places_with, text_columns

pytestmark = pytest.mark.django_db

SECRET = "zebrafinch"


@pytest.fixture(autouse=True)
def own_ledger(settings, tmp_path):
    """Each test writes a ledger of its own."""
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """What the bot was told to forget; it confirms when `answers["ok"]` says so."""
    told, answers = [], {"ok": True}

    def forget(session: str) -> bool:
        told.append(session)
        return answers["ok"]

    monkeypatch.setattr("retention.registry._forgetters", {"bot": forget})
    return told, answers


def _fill(clock, find) -> Conversation:
    """A conversation with the visitor's words in every place that takes any."""
    specialist = make_specialist()
    opened = make_opened(page_url=f"https://charity.example/{SECRET}")
    conversation = opened.conversation
    find("emergency_life", certainty="doubt")
    said = answer(write(conversation, f"my name is {SECRET}"))[0]
    find()
    services.give_feedback(conversation.pk, said.pk, is_helpful=False, comment=SECRET)
    services.request_handoff(conversation.pk, client_id=SECRET, reason=SECRET)
    services.claim_conversation(conversation.pk, specialist=specialist)
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id="r",
        text=f"hello {SECRET}",
        epoch=fresh(conversation).epoch,
    )
    services.add_note(conversation.pk, author=specialist, text=SECRET)
    _fill_among_staff(conversation, specialist)
    services.record_contact(
        conversation.pk,
        specialist=specialist,
        epoch=fresh(conversation).epoch,
        draft=ContactDraft("information", "mother", "none", note=SECRET),
    )
    callback = services.schedule_callback(
        conversation.pk,
        client_id="c",
        name=SECRET,
        phone="212 555 0123",
        email=f"{SECRET}@example.org",
        preferred_time=SECRET,
        topic=SECRET,
    ).callback
    services.note_attempt(
        callback.pk, by=specialist, channel="phone", result="reached", note=SECRET
    )
    services.complete_callback(callback.pk, by=specialist, outcome="reached", note=SECRET)
    services.record_survey(conversation.pk, client_id="s", about="bot", score=1, comment=SECRET)
    services.close_conversation(conversation.pk, by="visitor")
    return conversation


def _fill_among_staff(conversation: Conversation, specialist: User) -> None:
    """Words about the family in what staff hand to each other."""
    colleague = make_specialist()
    offer = services.offer_transfer(
        conversation.pk, specialist=specialist, to=colleague, note=SECRET
    )
    services.decline_transfer(offer.pk, specialist=colleague, note=SECRET)
    held = services.hold_reply(
        conversation.pk,
        specialist=specialist,
        client_id="h",
        text=SECRET,
        epoch=fresh(conversation).epoch,
    )
    services.return_reply(held.pk, reader=colleague, remark=SECRET)
    services.advise(conversation.pk, supervisor=make_supervisor(), text=SECRET)
    services.note_view(conversation.pk, user=colleague, seq=1)


def test_nothing_personal_is_left_anywhere(clock, find, django_capture_on_commit_callbacks):
    conversation = _fill(clock, find)
    session = fresh(conversation).bot_session
    before = places_with(SECRET, "2125550123")
    assert len(before) >= 17
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_conversation(conversation.pk, by="visitor")
    assert places_with(SECRET, "2125550123", session) == []
    left = set(places_with(conversation.pk.hex, str(conversation.pk)))
    assert left <= {"audit_auditentry.conversation_id", "retention_erasure.subject_id"}


def test_the_search_looks_at_every_table():
    tables = {table for table, _ in text_columns()}
    for table in (
        "conversations_message",
        "conversations_botrecord",
        "staff_user",
        "axes_accessattempt",
    ):
        assert table in tables


def test_other_conversations_stay(clock, find):
    other = make_conversation()
    answer(write(other, "another story"))
    services.erase_conversation(_fill(clock, find).pk, by="visitor")
    assert fresh(other).last_seq == 3


def test_the_erasure_is_in_both_ledgers_and_on_record():
    conversation = make_conversation()
    admin = make_admin()
    services.erase_conversation(conversation.pk, by=admin)
    assert Erasure.objects.get().subject_id == conversation.pk
    assert ledger.read(ledger.ledger_file()) == [conversation.pk]
    assert ledger.ledger_file().stat().st_mode & 0o777 == 0o600
    entry = AuditEntry.objects.get(kind="conversation.erased")
    assert entry.actor == f"staff:{admin.pk}"


def test_erasing_twice_finds_nothing():
    conversation = make_conversation()
    services.erase_conversation(conversation.pk, by="visitor")
    with pytest.raises(UnknownConversation):
        services.erase_conversation(conversation.pk, by="visitor")
    with pytest.raises(UnknownConversation):
        services.erase_conversation("garbage", by="visitor")


def test_an_erased_conversation_takes_nothing():
    conversation = make_conversation()
    services.erase_conversation(conversation.pk, by="visitor")
    with pytest.raises(UnknownConversation):
        write(conversation)


def test_the_bot_forgets_after_the_commit(forgotten, django_capture_on_commit_callbacks):
    told, _ = forgotten
    conversation = make_conversation()
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_conversation(conversation.pk, by="visitor")
        assert told == []
    assert told == [conversation.bot_session]
    assert not PendingForget.objects.exists()


def test_a_bot_that_is_away_is_told_again_until_it_confirms(
    forgotten, django_capture_on_commit_callbacks
):
    told, answers = forgotten
    answers["ok"] = False
    conversation = make_conversation()
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_conversation(conversation.pk, by="visitor")
    assert forget_pending() == 0
    assert PendingForget.objects.get().attempts == 1
    answers["ok"] = True
    assert forget_pending() == 1
    assert forget_pending() == 0
    assert told == [conversation.bot_session] * 3


def test_a_forgetter_that_breaks_is_asked_again(monkeypatch):
    def broken(session: str) -> bool:
        raise OSError("no route")

    monkeypatch.setattr("retention.registry._forgetters", {"bot": broken})
    services.erase_conversation(make_conversation().pk, by="visitor")
    assert forget_pending() == 0
    assert PendingForget.objects.count() == 1


def test_a_handback_makes_the_bot_forget_the_stretch_before(forgotten, clock):
    told, _ = forgotten
    conversation = make_queued()
    before = fresh(conversation).bot_session
    services.leave_queue(conversation.pk)
    assert forget_pending() == 1
    assert told == [before]


def test_every_registered_eraser_is_asked_in_the_same_transaction(monkeypatch):
    seen = []
    monkeypatch.setattr("retention.registry._erasers", dict(retention.registry._erasers))
    retention.register_eraser("test", seen.append)
    conversation = make_conversation()
    services.erase_conversation(conversation.pk, by="visitor")
    assert seen[0].conversation_id == conversation.pk
    assert seen[0].bot_sessions == (conversation.bot_session,)

    def broken(subject: retention.ErasureSubject) -> None:
        raise RuntimeError

    retention.register_eraser("test", broken)
    other = make_conversation()
    with pytest.raises(RuntimeError), transaction.atomic():
        services.erase_conversation(other.pk, by="visitor")
    assert fresh(other)


def test_old_conversations_are_erased_by_age(clock, settings):
    old, young = make_conversation(), make_conversation()
    clock.shift(minutes(settings.RETENTION_DAYS * 24 * 60 - 60))
    write(young)
    assert services.erase_expired() == 0
    clock.shift(minutes(120))
    assert services.erase_expired() == 1
    assert fresh(young)
    assert ledger.read(ledger.ledger_file()) == [old.pk]


def test_replaying_the_ledger_erases_what_a_backup_brought_back(capsys):
    back, never_there = make_conversation(), uuid.uuid4()
    file = ledger.ledger_file()
    file.write_text(
        "".join(
            json.dumps({"subject_id": str(pk)}) + "\n" for pk in (back.pk, never_there, back.pk)
        )
        + '{"subject_id": "cut in th'
    )
    call_command("replay_erasures", str(file))
    assert capsys.readouterr().out.startswith("1 of 2 erased conversations")
    assert not Conversation.objects.filter(pk=back.pk).exists()


@pytest.mark.parametrize("content", ["nonsense\n", '{"subject_id": 7}\n', "{}\n"])
def test_a_broken_ledger_is_said_in_plain_words(content, tmp_path):
    file = tmp_path / "broken.jsonl"
    file.write_text(content)
    with pytest.raises(CommandError, match=r"broken\.jsonl:1 is no ledger entry"):
        call_command("replay_erasures", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("replay_erasures", str(Path(tmp_path) / "missing.jsonl"))


@given(
    words=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), max_size=4),
    in_queue=st.booleans(),
)
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_row_outlives_its_conversation(words, in_queue):
    conversation = make_conversation()
    for text in words:
        if text.replace("\x00", "").strip():
            write(conversation, text)
    services.erase_conversation(conversation.pk, by="visitor")
    pk = conversation.pk
    allowed = {"audit_auditentry.conversation_id", "retention_erasure.subject_id"}
    assert set(places_with(pk.hex, str(pk))) <= allowed
