"""Mail as a duty: accepted with what it is about, sent by the worker, tried again until it is out.

A mail is sent at least once. Between a server that took it and the note that it did lies a moment
in which a process may die; then it goes out again, under the same Message-ID.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

import audit
from conversations import mail_texts
from conversations.access.colleagues import is_alone, second_reading_applies
from conversations.contact_points import read_email
from conversations.digests import request_digest
from conversations.errors import (
    CallbackTaken,
    ClientIdReused,
    InvalidInput,
    MailNotHeld,
    MailOff,
    NotAllowed,
    TextEmpty,
    TextTooLong,
    TooManyMails,
    UnknownConversation,
    UnknownMail,
)
from conversations.models import (
    MAIL_FAULT,
    MAIL_ON_ITS_WAY,
    AttemptChannel,
    AttemptResult,
    CallbackOutcome,
    CallbackState,
    Mail,
    MailKind,
    MailState,
)
from conversations.results import QueuedMail
from conversations.services import callbacks
from conversations.services.resources import require_no_blanks
from conversations.services.unit import Unit, unit
from conversations.wording import cleaned, client_id_of, short
from staff.access import may_chat
from staff.models import User

LONGEST_ANSWER = 6000
# After each failed try, the minutes until the next; after the last one the mail is given up. A
# server that asks to come back later wants minutes; one that is away over night comes back, too.
PAUSES = (1, 5, 15, 60, 180, 360, 720)
MOST_ATTEMPTS = len(PAUSES) + 1
# A family sends itself a copy or two. Beyond that somebody uses the desk to pester an address.
MOST_A_DAY = 5
_LATER_SECONDS = 3600
# Sent in one round; the rest waits for the next.
MOST_AT_ONCE = 20


def queue_transcript_mail(
    conversation_id: uuid.UUID | str, *, client_id: str, email: str
) -> QueuedMail:
    """Promise a visitor their own copy by mail; works in a closed conversation too.

    Raises:
        UnknownConversation: there is none with that id.
        MailOff: this desk sends no mail.
        InvalidInput: an address that nobody can write to.
        ClientIdReused: the same client id came with another address.
        TooManyMails: enough copies went out today, from this conversation or to this address.
    """
    _require_mail()
    known_as = client_id_of(client_id)
    to = _address(email)
    digest = request_digest(transcript_to=to)
    with unit(conversation_id) as work:
        if known := _known(work, known_as, digest):
            return QueuedMail(known, is_repeat=True)
        _require_few(work, to)
        subject, body = mail_texts.transcript_mail()
        mail = queue_mail(
            work,
            client_id=known_as,
            request_digest=digest,
            kind=MailKind.TRANSCRIPT,
            to=to,
            subject=subject,
            body=body,
            last_seq=work.conversation.last_seq,
        )
        work.audit("mail.queued", actor="visitor", about=mail.kind)
        return QueuedMail(mail, is_repeat=False)


def queue_answer_mail(callback_id: int, *, by: User, client_id: str, text: str) -> QueuedMail:
    """Answer a left question or a callback in writing.

    It is done once the mail is out. Where it cannot be sent, it stays open and says so. Where
    replies are read by a colleague before a family has them, so is this.

    Raises:
        MailOff: this desk sends no mail.
        NotAllowed, UnknownCallback, CallbackTaken, CallbackDone: as for work on a callback.
        InvalidInput: the visitor left no address.
        TextEmpty, TextTooLong: of the answer.
        BlanksOpen: a blank of a template is left in it.
        ClientIdReused: the same client id came with another answer.
    """
    _require_mail()
    known_as = client_id_of(client_id)
    words = cleaned(text)
    if not words:
        raise TextEmpty
    if len(words) > LONGEST_ANSWER:
        raise TextTooLong(max_length=LONGEST_ANSWER)
    require_no_blanks(words)
    digest = request_digest(answer=words, callback=callback_id)
    with callbacks.working(callback_id, by) as (work, callback):
        if known := _known(work, known_as, digest):
            return QueuedMail(known, is_repeat=True)
        callbacks.require_mine_or_free(callback, by)
        if not callback.email:
            message = "they left no email address; call them"
            raise InvalidInput(errors=[{"field": "email", "message": message}])
        if callback.mails.filter(kind=MailKind.ANSWER, state__in=MAIL_ON_ITS_WAY).exists():
            raise CallbackTaken("An answer is on its way already.", owner="")
        callbacks.own(work, callback, by)
        frame = mail_texts.answer_frame(by.shown_name, callback.reference)
        is_held = second_reading_applies(by)
        mail = queue_mail(
            work,
            client_id=known_as,
            request_digest=digest,
            kind=MailKind.ANSWER,
            callback=callback,
            author=by,
            to=callback.email,
            subject=frame.subject,
            body=frame.around(words),
            state=MailState.HELD if is_held else MailState.WAITING,
        )
        kind = "mail.held" if is_held else "mail.queued"
        work.audit(kind, actor=audit.staff_actor(by), about=mail.kind)
        return QueuedMail(mail, is_repeat=False)


def release_mail(mail_id: int, *, reader: User) -> Mail:
    """Let an answer go out that a colleague has read. Again changes nothing.

    Raises:
        UnknownMail: there is none with that id.
        NotAllowed: the account may not write to families, or would release its own although a
            colleague is there to read it.
        MailNotHeld: it was given back.
    """
    with _held_at_work(mail_id, reader) as (work, mail):
        if mail.state in (MailState.WAITING, MailState.SENT):
            return mail
        _require_held(mail)
        is_own = mail.author_id == reader.pk
        if is_own and not is_alone(reader, work.now):
            raise NotAllowed("A colleague is there to read this answer; only they can release it.")
        mail.state, mail.next_try_at = MailState.WAITING, work.now
        mail.save(update_fields=["state", "next_try_at"])
        work.audit("mail.released", actor=audit.staff_actor(reader), is_own=is_own)
        work.is_changed = True
        return mail


def return_mail(mail_id: int, *, by: User, remark: str = "") -> Mail:
    """Give a held answer back to its author with a remark, or take back one's own.

    The follow-up stays open; its attempts say what was remarked.

    Raises:
        UnknownMail, NotAllowed: as for releasing it.
        MailNotHeld: it was released or given back.
        InvalidInput: a colleague's remark is missing, or it is too long.
    """
    words = short("remark", remark, callbacks.LONGEST_NOTE)
    with _held_at_work(mail_id, by) as (work, mail):
        _require_held(mail)
        is_own = mail.author_id == by.pk
        if not is_own and not words:
            raise InvalidInput(errors=[{"field": "remark", "message": "say what should change"}])
        callbacks.give_back_mail(work, mail, by)
        if mail.callback is not None and mail.callback.state == CallbackState.OPEN:
            callbacks.add_attempt(
                work,
                mail.callback,
                by,
                channel=AttemptChannel.EMAIL,
                result=AttemptResult.NOT_SENT,
                note=words,
            )
        work.is_changed = True
        return mail


@contextmanager
def _held_at_work(mail_id: int, user: User) -> Iterator[tuple[Unit, Mail]]:
    """Lock the conversation of a mail and hand out the unit of work and the mail."""
    if not may_chat(user):
        raise NotAllowed
    found = Mail.objects.filter(pk=mail_id).values_list("conversation_id").first()
    if found is None:
        raise UnknownMail
    with unit(found[0]) as work:
        mail = Mail.objects.select_related("callback", "author").filter(pk=mail_id).first()
        if mail is None:
            raise UnknownMail
        yield work, mail


def _require_held(mail: Mail) -> None:
    if mail.state != MailState.HELD:
        raise MailNotHeld


def _require_mail() -> None:
    if not settings.SENDS_MAIL:
        raise MailOff


def _address(value: str) -> str:
    try:
        address = read_email(value)
    except ValueError as error:
        raise InvalidInput(errors=[{"field": "email", "message": str(error)}]) from None
    if not address:
        raise InvalidInput(errors=[{"field": "email", "message": "leave an email address"}])
    return address


def _known(work: Unit, client_id: str, digest: str) -> Mail | None:
    known = Mail.objects.filter(conversation=work.conversation, client_id=client_id).first()
    if known is not None and known.request_digest != digest:
        raise ClientIdReused
    return known


def _require_few(work: Unit, to: str) -> None:
    since = work.now - timedelta(days=1)
    recent = Mail.objects.filter(kind=MailKind.TRANSCRIPT, created_at__gt=since)
    mine, theirs = Q(conversation=work.conversation), Q(to__iexact=to)
    if max(recent.filter(mine).count(), recent.filter(theirs).count()) >= MOST_A_DAY:
        raise TooManyMails(retry_seconds=_LATER_SECONDS)


def queue_mail(work: Unit, **fields: object) -> Mail:
    """Store a mail to be sent now, inside a running unit of work."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    work.is_changed = True
    return Mail.objects.create(
        conversation=work.conversation,
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        next_try_at=work.now,
        created_at=work.now,
        **fields,
    )


# What the worker does


def due_mails(now: datetime | None = None) -> list[int]:
    """Mails to be tried now that nobody is at work on, the oldest first."""
    now = now or timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    due = Mail.objects.filter(free, state=MailState.WAITING, next_try_at__lte=now)
    return list(due.order_by("next_try_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def claim_mail(mail_id: int, *, holder: str, seconds: float) -> Mail | None:
    """Take a mail on for a while, so that no other worker sends it meanwhile.

    Returns:
        The mail with its conversation, one attempt further; None when it is sent, given up or
        erased, when it is not due, or when somebody else holds it.
    """
    now = timezone.now()
    mail = Mail.objects.filter(pk=mail_id).first()
    if mail is None:
        return None
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    if mail.attempts >= MOST_ATTEMPTS:
        _give_up(mail, free)
        return None
    # The count of attempts decides between two who saw the same lapsed lease.
    won = Mail.objects.filter(
        free,
        pk=mail_id,
        state=MailState.WAITING,
        attempts=mail.attempts,
        next_try_at__lte=now,
    ).update(
        attempts=mail.attempts + 1,
        lease_holder=holder,
        leased_until=now + timedelta(seconds=seconds),
    )
    return Mail.objects.select_related("conversation").filter(pk=mail_id).first() if won else None


def _give_up(mail: Mail, free: Q) -> None:
    """End a mail whose every try broke off before anybody could note how it went."""
    with suppress(UnknownConversation), unit(mail.conversation_id) as work:
        left = Mail.objects.select_related("callback__owner", "author").filter(
            free, pk=mail.pk, state=MailState.WAITING
        )
        found = left.first()
        if found is not None:
            found.leased_until, found.lease_holder, found.failure = None, "", MAIL_FAULT
            _end(work, found)
            found.save()
            work.is_changed = True


def is_mail_wanted(mail_id: int, *, holder: str) -> bool:
    """Whether a mail taken on is still to be sent: not if its family had everything erased."""
    held = Mail.objects.filter(pk=mail_id, state=MailState.WAITING, lease_holder=holder)
    return held.exists()


def note_mail_sent(mail_id: int, *, holder: str) -> bool:
    """Note that the mail server took a mail; an answer ends its callback.

    Returns:
        Whether it was noted; not for a mail that is gone, or not held by this holder any more.
    """
    return _end_try(mail_id, holder, "", is_final=True)


def note_mail_failed(mail_id: int, *, holder: str, failure: str, is_final: bool) -> bool:
    """Note that a try failed: another one follows after a pause, until there were too many.

    Args:
        mail_id: the mail.
        holder: who tried.
        failure: a word such as "timeout"; never a text.
        is_final: the server refused it for good.

    Returns:
        Whether it was noted, as for `note_mail_sent`.
    """
    return _end_try(mail_id, holder, failure, is_final=is_final)


def _end_try(mail_id: int, holder: str, failure: str, *, is_final: bool) -> bool:
    row = Mail.objects.filter(pk=mail_id).values_list("conversation_id").first()
    if row is None:
        return False
    with unit(row[0]) as work:
        mail = (
            Mail.objects.select_related("callback__owner", "author")
            .filter(pk=mail_id, state=MailState.WAITING, lease_holder=holder)
            .first()
        )
        if mail is None:
            return False
        mail.leased_until, mail.lease_holder, mail.failure = None, "", failure
        if failure and not is_final and mail.attempts < MOST_ATTEMPTS:
            mail.next_try_at = work.now + timedelta(minutes=PAUSES[mail.attempts - 1])
        else:
            _end(work, mail)
        mail.save()
        work.is_changed = True
        return True


def _end(work: Unit, mail: Mail) -> None:
    mail.next_try_at = None
    if mail.failure:
        mail.state = MailState.FAILED
        work.audit(
            "mail.failed",
            actor="system",
            about=mail.kind,
            failure=mail.failure,
            attempts=mail.attempts,
        )
    else:
        mail.state, mail.sent_at = MailState.SENT, work.now
        work.audit("mail.sent", actor="system", about=mail.kind, attempts=mail.attempts)
    callback, author = mail.callback, mail.author
    if callback is None or author is None or callback.state != CallbackState.OPEN:
        return
    result = AttemptResult.NOT_SENT if mail.failure else AttemptResult.SENT
    callbacks.add_attempt(work, callback, author, channel=AttemptChannel.EMAIL, result=result)
    if not mail.failure:
        callbacks.end_callback(work, callback, author, outcome=CallbackOutcome.ANSWERED)
