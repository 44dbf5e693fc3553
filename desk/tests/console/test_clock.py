"""Whatever clock the machine keeps, staff read times on the service's own."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conversations import services
from tests.console.test_pages import signed_in
from tests.factories import make_claimed, make_reviewer, make_specialist

pytestmark = pytest.mark.django_db

# It is three in the afternoon in UTC.
HERE = "Nov 23, 10:00 EST"


def test_an_open_chat_and_its_transcript_tell_the_service_time(clock: object) -> None:
    """Beside the words, at the notes, in the facts beside the chat, and in the review."""
    ana = make_specialist("ana")
    conversation = make_claimed(ana)
    services.add_note(conversation.pk, author=ana, text="asked about the pump")
    page = signed_in(ana).get(reverse("console:conversation", args=[conversation.pk]))
    chat = page.content.decode()
    assert f"<dt>Started</dt><dd>{HERE}</dd>" in chat
    assert chat.count(f"{HERE}</time>") > 2
    reviewer = signed_in(make_reviewer("rita"))
    transcript = reviewer.get(reverse("review:conversation", args=[conversation.pk]))
    assert "Started Nov 23, 2026 10:00 EST" in transcript.content.decode()
    rows = reviewer.get(reverse("review:list")).content.decode()
    assert "Nov 23, 2026 10:00 EST" in rows
    for shown in (chat, transcript.content.decode(), rows):
        assert "15:00" not in shown
        assert "UTC" not in shown
