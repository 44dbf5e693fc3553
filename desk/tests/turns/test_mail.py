"""Mails against a real server on loopback: taken, refused, late, doubled, dropped."""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.utils import DNS_NAME
from django.utils import timezone

from audit.models import AuditEntry
from conversations import access, services, transcripts
from conversations.models import (
    CallbackRequest,
    Conversation,
    Mail,
    MailState,
)
from conversations.services.mail import MOST_ATTEMPTS, PAUSES
from staff.models import User
from tests.factories import answer, make_conversation, make_specialist, write
from tests.turns.mail_server import PASSWORD, USER, Mailbox, make_certificate, running
from turns import mail as sending

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
]

ADDRESS = "maria@example.org"
TYPED = "is <b>zebra</b> normal?"


@pytest.fixture(autouse=True)
def mail_settings(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that sends mail; where to is each test's own matter."""
    # Asked for once per process, of a name server that a test has not got.
    monkeypatch.setattr(DNS_NAME, "_fqdn", "desk.charity.example", raising=False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SENDS_MAIL = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", 9
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.DEFAULT_FROM_EMAIL = "desk@charity.example"
    settings.MAIL_REPLY_TO = "people@charity.example"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A server on the same machine, without protection."""
    box = Mailbox()
    with running(box) as (settings.EMAIL_HOST, settings.EMAIL_PORT):
        yield box


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Certificate and key of the protected server."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def protected(settings: Any, certificate: tuple[Path, Path]) -> Iterator[Mailbox]:
    """A server that wants STARTTLS and a password. Whose certificate is trusted, a test says."""
    box = Mailbox()
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    with running(box, certificate) as (settings.EMAIL_HOST, settings.EMAIL_PORT):
        yield box


def make_transcript_mail(conversation: Conversation | None = None) -> Mail:
    """A visitor's own copy on its way."""
    if conversation is None:
        conversation = make_conversation()
        answer(write(conversation, TYPED))
    return services.queue_transcript_mail(
        conversation.pk, client_id=str(uuid.uuid4()), email=ADDRESS
    ).mail


def make_answer_mail(ana: User, text: str = "Yes, it is.") -> Mail:
    """A specialist's answer to a left question on its way."""
    callback = services.schedule_callback(
        make_conversation().pk, client_id="c", email=ADDRESS, topic=TYPED, kind="question"
    ).callback
    client_id = str(uuid.uuid4())
    return services.queue_answer_mail(callback.pk, by=ana, client_id=client_id, text=text).mail


def words(part: Any) -> str:
    """The text of a part of a mail, with the ends of lines that it had before it was sent."""
    return str(part.get_content()).replace("\r\n", "\n")


def again(mail: Mail) -> Mail:
    """The same mail as the database has it now."""
    return Mail.objects.get(pk=mail.pk)


def pause_over(mail: Mail) -> None:
    """Let the pause before the next try be over, and any lease with it."""
    past = timezone.now() - timedelta(seconds=1)
    Mail.objects.filter(pk=mail.pk).update(next_try_at=past, leased_until=past)


def audited() -> list[dict[str, Any]]:
    """What the audit says of mails, in order."""
    found = AuditEntry.objects.filter(kind__startswith="mail.").order_by("pk")
    return [{"kind": entry.kind, **entry.data} for entry in found]


def send_due() -> int:
    """One round of the worker."""
    return sending.send_due(timezone.now())


def test_a_copy_goes_out_protected_and_whole(
    protected: Mailbox, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over STARTTLS with a password; both files are those that the download gives."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    mail = make_transcript_mail()
    assert send_due() == 1
    (received,) = protected.mails
    assert protected.was_protected == [True]
    assert protected.to == [[ADDRESS]]
    assert received["Subject"] == "Your chat with Test Charity"
    assert received["From"] == "Test Charity <desk@charity.example>"
    assert received["Reply-To"] == "people@charity.example"
    assert received["Message-ID"] == mail.message_id
    assert mail.message_id.endswith("@charity.example>")
    assert received["Auto-Submitted"] == "auto-generated"
    body = received.get_body()
    assert body is not None
    assert "In an emergency call 911." in body.get_content()
    copy = transcripts.copy_of(mail.conversation, access.messages_up_to(mail.conversation_id))
    text, page = received.iter_attachments()
    assert words(text) == transcripts.as_text(copy)
    assert words(page) == transcripts.as_html(copy)
    assert "&lt;b&gt;zebra&lt;/b&gt;" in page.get_content()
    assert text.get_filename() == transcripts.file_name(copy, "txt")
    assert again(mail).state == MailState.SENT
    assert send_due() == 0


def test_a_copy_holds_what_was_said_when_it_was_asked_for(mailbox: Mailbox) -> None:
    """Nothing said later slips into a mail that waited."""
    mail = make_transcript_mail()
    write(mail.conversation, "said later")
    send_due()
    (received,) = mailbox.mails
    assert "said later" not in str(received)


def test_a_server_that_nobody_vouches_for_gets_nothing(protected: Mailbox) -> None:
    """Its certificate is its own invention."""
    mail = make_transcript_mail()
    assert send_due() == 0
    assert protected.mails == []
    assert (again(mail).failure, again(mail).state) == ("tls", MailState.WAITING)


def test_a_server_without_protection_gets_nothing_where_it_is_wanted(
    mailbox: Mailbox, settings: Any
) -> None:
    """Somebody in between may have taken STARTTLS out of its greeting."""
    settings.EMAIL_USE_TLS = True
    mail = make_transcript_mail()
    assert send_due() == 0
    assert mailbox.mails == []
    assert again(mail).failure == "tls"


def test_a_wrong_password_is_tried_again_later(
    protected: Mailbox,
    certificate: tuple[Path, Path],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be put right meanwhile; then the mail goes out."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    settings.EMAIL_HOST_PASSWORD = "another"
    mail = make_transcript_mail()
    assert send_due() == 0
    assert (again(mail).failure, again(mail).state) == ("authentication", MailState.WAITING)
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    pause_over(mail)
    assert send_due() == 1


def test_a_server_that_asks_to_come_back_is_asked_again(mailbox: Mailbox) -> None:
    """Greylisting: the first try is turned away for a minute."""
    mailbox.answers_to_recipient.append("450 come back later")
    mail = make_transcript_mail()
    assert send_due() == 0
    waiting = again(mail)
    assert (waiting.state, waiting.failure, waiting.attempts) == ("waiting", "deferred", 1)
    pause = waiting.next_try_at - timezone.now()
    assert timedelta(seconds=50) < pause <= timedelta(minutes=PAUSES[0])
    assert send_due() == 0
    pause_over(mail)
    assert send_due() == 1
    assert len(mailbox.mails) == 1
    assert again(mail).failure == ""
    assert audited()[-1] == {"kind": "mail.sent", "about": "transcript", "attempts": 2}


@pytest.mark.parametrize("where", ["answers_to_recipient", "answers_to_data"])
def test_a_refusal_for_good_is_final_and_leaves_the_question_open(
    mailbox: Mailbox, where: str
) -> None:
    """The specialist sees it and can call instead."""
    getattr(mailbox, where).append("550 no such mailbox")
    ana = make_specialist("ana")
    mail = make_answer_mail(ana)
    assert send_due() == 0
    assert (again(mail).state, again(mail).failure) == (MailState.FAILED, "refused")
    callback = CallbackRequest.objects.get()
    assert callback.state == "open"
    row = access.follow_up(ana, callback.pk)
    assert [attempt.result for attempt in row.attempts] == ["not_sent"]
    assert [each.state for each in row.mails] == ["failed"]
    pause_over(mail)
    assert send_due() == 0
    assert audited()[-1] == {
        "kind": "mail.failed",
        "about": "answer",
        "failure": "refused",
        "attempts": 1,
    }


def test_an_answer_that_is_out_ends_the_question(mailbox: Mailbox) -> None:
    """With the frame around it, under the specialist's name."""
    ana = make_specialist("ana")
    make_answer_mail(ana, "Yes.\r\nIt <b>is</b>.")
    callback = CallbackRequest.objects.get()
    assert callback.state == "open"
    send_due()
    (received,) = mailbox.mails
    assert received["Subject"] == "An answer from Test Charity"
    assert words(received) == (
        "Ana answers you.\n\nYes.\nIt <b>is</b>.\n\n"
        f"Your reference is {callback.reference}. In an emergency call 911.\n"
    )
    callback.refresh_from_db()
    assert (callback.state, callback.outcome) == ("done", "answered")
    assert [attempt.result for attempt in callback.attempts.all()] == ["sent"]


def test_a_server_that_falls_silent_is_given_up_in_time(settings: Any) -> None:
    """It takes the connection and never says a word."""
    settings.EMAIL_TIMEOUT = 0.2
    mail = make_transcript_mail()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        assert send_due() == 0
    assert again(mail).failure == "timeout"


def test_a_server_that_is_away_is_tried_again(settings: Any) -> None:
    """Nothing listens at its port."""
    mail = make_transcript_mail()
    assert send_due() == 0
    assert (again(mail).failure, again(mail).state) == ("unreachable", MailState.WAITING)


def test_pauses_grow_and_end(mailbox: Mailbox) -> None:
    """Then the mail is given up, visibly, and never tried again."""
    mailbox.answers_to_recipient += ["451 not now"] * MOST_ATTEMPTS
    mail = make_transcript_mail()
    pauses = []
    for _ in range(MOST_ATTEMPTS):
        assert send_due() == 0
        next_try_at = again(mail).next_try_at
        if next_try_at:
            pauses.append(round((next_try_at - timezone.now()).total_seconds() / 60))
        pause_over(mail)
    assert pauses == list(PAUSES)
    assert sorted(pauses) == pauses
    given_up = again(mail)
    assert (given_up.state, given_up.attempts) == (MailState.FAILED, MOST_ATTEMPTS)
    assert send_due() == 0
    assert audited()[-1]["kind"] == "mail.failed"
    assert mailbox.mails == []


def test_a_process_that_dies_after_the_server_took_it_sends_it_again_under_the_same_id(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, never "perhaps": the receiver's program can tell that both are one."""
    mail = make_transcript_mail()

    class Killed(BaseException):
        pass

    def die(*args: object, **options: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(services, "note_mail_sent", die)
        with pytest.raises(Killed):
            send_due()
    assert again(mail).state == MailState.WAITING
    # Nobody else sends it while the dead one's lease runs.
    assert services.due_mails() == []
    assert not sending.send(mail.pk, holder="another process")
    pause_over(mail)
    assert sending.send(mail.pk, holder="another process")
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"] == mail.message_id
    assert again(mail).attempts == 2


def test_what_another_worker_took_over_is_not_noted_by_the_first(mailbox: Mailbox) -> None:
    """A worker that slept through its lease comes too late to judge."""
    mail = make_transcript_mail()
    services.claim_mail(mail.pk, holder="sleepy", seconds=300)
    pause_over(mail)
    services.claim_mail(mail.pk, holder="awake", seconds=300)
    assert not services.note_mail_failed(
        mail.pk, holder="sleepy", failure="timeout", is_final=False
    )
    assert not services.is_mail_wanted(mail.pk, holder="sleepy")
    assert services.note_mail_sent(mail.pk, holder="awake")


def test_a_server_that_says_goodbye_badly_has_taken_the_mail(mailbox: Mailbox) -> None:
    """Else it would be sent twice."""
    mailbox.breaks_off_at_quit = True
    mail = make_transcript_mail()
    assert send_due() == 1
    assert again(mail).state == MailState.SENT


def test_a_mail_in_flight_is_dropped_when_its_family_erases_everything(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between taking it on and the server's greeting."""
    mail = make_transcript_mail()
    connect = sending.get_connection

    def erase_meanwhile() -> Any:
        services.erase_conversation(mail.conversation_id, by="visitor")
        return connect()

    monkeypatch.setattr(sending, "get_connection", erase_meanwhile)
    assert send_due() == 0
    assert mailbox.mails == []
    assert not Mail.objects.exists()
    assert not services.note_mail_sent(mail.pk, holder="anybody")


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "hello\nBcc: all@example.org"},
        {"to": "maria@example.org\nBcc: all@example.org"},
        {"message_id": "<x>\r\nBcc: all@example.org"},
    ],
)
def test_nothing_can_be_put_into_a_header(mailbox: Mailbox, change: dict[str, str]) -> None:
    """Not even by what no form lets through."""
    mail = make_transcript_mail()
    Mail.objects.filter(pk=mail.pk).update(**change)
    assert send_due() == 0
    assert mailbox.mails == []
    assert (again(mail).state, again(mail).failure) == (MailState.FAILED, "unfit")


def test_no_address_and_no_word_is_logged_or_audited(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither when it works nor when it fails."""
    caplog.set_level(logging.DEBUG)
    # The server of the test, which stands for one outside, logs every line that it gets.
    caplog.set_level(logging.CRITICAL, logger="mail.log")
    mailbox.answers_to_recipient.append("550 maria@example.org is unknown")
    make_transcript_mail()
    send_due()
    make_transcript_mail()
    send_due()
    assert len(mailbox.mails) == 1
    assert "maria" not in caplog.text
    assert "zebra" not in caplog.text
    assert "maria" not in str(audited())


def test_without_a_mail_server_nothing_is_tried(settings: Any) -> None:
    """What waits goes out once there is one."""
    mail = make_transcript_mail()
    settings.SENDS_MAIL = False
    assert send_due() == 0
    assert again(mail).attempts == 0


def test_one_mail_that_cannot_go_holds_up_no_other(mailbox: Mailbox) -> None:
    """Each is judged for itself."""
    mailbox.answers_to_recipient.append("550 no")
    first, second = make_transcript_mail(), make_transcript_mail()
    assert send_due() == 1
    assert (again(first).state, again(second).state) == ("failed", "sent")


def test_a_server_that_is_away_costs_one_mail_of_a_round_a_try(settings: Any) -> None:
    """A night without a server does not use up the tries of all that waits."""
    first, second = make_transcript_mail(), make_transcript_mail()
    assert send_due() == 0
    assert (again(first).attempts, again(second).attempts) == (1, 0)
