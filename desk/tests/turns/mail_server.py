"""A mail server on loopback that takes mails, or refuses them as it is told."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "desk", "a mail password"


@dataclass
class Mailbox:
    """What a mail server got, and what it says next.

    Attributes:
        mails: taken so far, in order.
        to: to whom each was addressed on the envelope.
        answers_to_recipient, answers_to_data: refusals to give, one for each try; then it takes.
        was_protected: whether each came over TLS.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    answers_to_recipient: list[str] = field(default_factory=list)
    answers_to_data: list[str] = field(default_factory=list)
    was_protected: list[bool] = field(default_factory=list)
    breaks_off_at_quit: bool = False

    async def handle_RCPT(  # noqa: N802 the server calls it so
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers_to_recipient:
            return self.answers_to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 as above
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        if self.answers_to_data:
            return self.answers_to_data.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to.append(list(envelope.rcpt_tos))
        self.was_protected.append(session.ssl is not None)
        return "250 taken"

    async def handle_QUIT(  # noqa: N802 as above
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        if self.breaks_off_at_quit:
            server.transport.abort()
        return "221 Bye"


def _authenticate(
    server: Any, session: Session, envelope: Envelope, mechanism: str, auth_data: Any
) -> AuthResult:
    wanted = LoginPassword(USER.encode(), PASSWORD.encode())
    # Not handled: the server itself is to tell of a failure.
    return AuthResult(success=auth_data == wanted, handled=False)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@contextmanager
def running(
    mailbox: Mailbox, certificate: tuple[Path, Path] | None = None
) -> Iterator[tuple[str, int]]:
    """The server while it runs: host and port. With a certificate it wants STARTTLS and AUTH."""
    # Named, so that it asks no name server what it is called.
    options: dict[str, Any] = {"server_hostname": "localhost"}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, certificate))
        options |= {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _authenticate,
        }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield "localhost", port
    finally:
        controller.stop()
