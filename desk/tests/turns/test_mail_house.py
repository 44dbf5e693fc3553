"""A worker killed between the mail server's taking and the note of it, as real processes."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import Envelope, Session

from tests.house import House, house
from tests.turns.mail_server import Mailbox, running

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])]
PATIENCE_SECONDS = 60.0
LET_THE_LEASE_LAPSE = (
    "from conversations.models import Mail; print(Mail.objects.update(leased_until=None))"
)
STATES = "from conversations.models import Mail; print(Mail.objects.get().state)"


class Sluggish(Mailbox):
    """Takes the first mail and is slow to say so; counts each that it took."""

    def __init__(self) -> None:
        super().__init__()
        self.took = threading.Semaphore(0)
        self.is_slow = True

    async def handle_DATA(  # noqa: N802 the server calls it so
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.took.release()
        if self.is_slow:
            # The worker is killed while it waits for this line.
            server.transport.pause_reading()
            await server.loop.create_future()
        return answer


def ask_for_copy(built: House) -> None:
    """A family asks for its transcript by mail."""
    with httpx.Client(base_url=built.url, trust_env=False, timeout=PATIENCE_SECONDS) as http:
        opened = http.post("/api/v1/conversations", json={"consent": True}).json()
        answer = http.post(
            f"/api/v1/conversations/{opened['id']}/transcript/email",
            json={"client_id": str(uuid.uuid4()), "email": "maria@example.org"},
            headers={"Authorization": f"Bearer {opened['token']}"},
        )
    assert (answer.status_code, answer.json()) == (202, {"state": "queued"})


def test_a_mail_outlives_its_worker_and_keeps_its_id(tmp_path: Path) -> None:
    """It arrives twice, known for one, and is noted once."""
    box = Sluggish()
    with (
        running(box) as (_, port),
        house(
            tmp_path,
            bot=False,
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=str(port),
            SMTP_SECURITY="none",
            SMTP_FROM="desk@charity.example",
        ) as built,
    ):
        ask_for_copy(built)
        built.start_worker()
        assert box.took.acquire(timeout=PATIENCE_SECONDS), "the worker sent nothing"
        built.kill("worker")
        assert built.manage("shell", "-c", STATES).strip().endswith("waiting")
        box.is_slow = False
        # A lease is five minutes; nobody waits for that in a test.
        built.manage("shell", "-c", LET_THE_LEASE_LAPSE)
        built.start_worker()
        assert box.took.acquire(timeout=PATIENCE_SECONDS), "the mail died with its worker"
        first, second = box.mails
        assert first["Message-ID"] == second["Message-ID"]
        for _ in range(20):
            if built.manage("shell", "-c", STATES).strip().endswith("sent"):
                break
        else:
            raise AssertionError("the mail was taken and not noted")
