"""Sends the mails that are due: one connection each, nothing sent twice on purpose."""

from __future__ import annotations

import contextlib
import logging
import smtplib
import ssl
from datetime import datetime
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from availability import content
from conversations import access, services, transcripts
from conversations.models import Mail, MailKind
from turns.leases import HOLDER

logger = logging.getLogger(__name__)

# Longer than a server may take over every step of one mail, at `EMAIL_TIMEOUT` seconds each.
LEASE_SECONDS = 300.0
_SERVER_ERROR = 500
_SENT = "sent"
# Failures that say something of the server and nothing of the mail.
_OUTAGES = frozenset({"authentication", "timeout", "tls", "unreachable"})


def send_due(now: datetime) -> int:
    """Try every mail that is due; how many the server took.

    A server that is away costs one mail of a round a try, and the others keep theirs.
    """
    if not settings.SENDS_MAIL:
        return 0
    count = 0
    for mail_id in services.due_mails(now):
        outcome = _try(mail_id, HOLDER)
        count += outcome == _SENT
        if outcome in _OUTAGES:
            break
    return count


def send(mail_id: int, *, holder: str = HOLDER) -> bool:
    """Try one mail, unless somebody else does; whether the server took it.

    Every failure is noted as a word; what was in the mail, and for whom, is never logged.
    """
    return _try(mail_id, holder) == _SENT


def _try(mail_id: int, holder: str) -> str:
    """What came of a try: `_SENT`, a failure, or "" where there was none to make."""
    mail = services.claim_mail(mail_id, holder=holder, seconds=LEASE_SECONDS)
    if mail is None:
        return ""
    connection = get_connection()
    try:
        connection.open()
        # Opening may take a while; in it the family may have erased everything.
        if not services.is_mail_wanted(mail_id, holder=holder):
            return ""
        connection.send_messages([message_of(mail)])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        failure, is_final = judge(error)
        services.note_mail_failed(mail_id, holder=holder, failure=failure, is_final=is_final)
        logger.warning("a mail was not taken", extra={"failure": failure, "mail_id": mail_id})
        return failure
    finally:
        _hang_up(connection)
    services.note_mail_sent(mail_id, holder=holder)
    return _SENT


def _hang_up(connection: BaseEmailBackend) -> None:
    # A server that took the mail and then says goodbye badly has taken it.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.close()


def message_of(mail: Mail) -> EmailMessage:
    """The mail as it goes out, at every try under the same Message-ID."""
    sender = formataddr((content.organisation().name, settings.DEFAULT_FROM_EMAIL))
    message = EmailMessage(
        subject=mail.subject,
        body=mail.body,
        from_email=sender,
        to=[mail.to],
        reply_to=[settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else None,
        headers={"Message-ID": mail.message_id},
    )
    if mail.kind == MailKind.TRANSCRIPT:
        # Asks robots, such as out-of-office replies, not to answer.
        message.extra_headers["Auto-Submitted"] = "auto-generated"
        said = access.messages_up_to(mail.conversation_id, mail.last_seq)
        copy = transcripts.copy_of(mail.conversation, said)
        for ending, media_type, write in (
            ("txt", "text/plain", transcripts.as_text),
            ("html", "text/html", transcripts.as_html),
        ):
            message.attach(transcripts.file_name(copy, ending), write(copy), media_type)
    return message


def judge(error: Exception) -> tuple[str, bool]:
    """What went wrong in a word, and whether another try is in vain."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # A password can be put right while the mail waits.
        return "authentication", False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return _by_codes(codes)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_codes([error.smtp_code])
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return "tls", False
    # smtplib tells a server that stays silent as one that hung up.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout", False
    if isinstance(error, smtplib.SMTPException | OSError):
        return "unreachable", False
    return "unfit", True  # It can be put into no mail, such as a header with a line break.


def _by_codes(codes: list[int]) -> tuple[str, bool]:
    is_final = bool(codes) and all(code >= _SERVER_ERROR for code in codes)
    return ("refused", True) if is_final else ("deferred", False)
