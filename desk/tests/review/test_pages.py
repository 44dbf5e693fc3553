"""The review over HTTP: who is let in, what the filters find, what a transcript shows."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from conversations import services
from staff.models import Role, User
from tests.factories import make_admin, make_claimed, make_specialist, make_staff, make_supervisor

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> Client:
    """A browser of a reviewer."""
    client = Client()
    client.force_login(make_staff(Role.REVIEWER, "rita"))
    return client


def talked(text: str) -> uuid.UUID:
    """A conversation in which the family wrote one message."""
    opened = services.open_conversation(language="en", page_url="")
    services.accept_visitor_message(opened.conversation.pk, client_id=str(uuid.uuid4()), text=text)
    return opened.conversation.pk


def test_a_specialist_may_not_review() -> None:
    """Transcripts are for reviewers and admins."""
    user: User = make_staff(Role.SPECIALIST, "ana")
    client = Client()
    client.force_login(user)
    assert client.get(reverse("review:list")).status_code == 403


def test_the_list_finds_words_and_flags(reviewer: Client) -> None:
    """Search narrows to the conversation that has the words; flags to those that have them."""
    plain = talked("a question about platelets")
    urgent = talked("he is not breathing")
    found = reviewer.get(reverse("review:list"), {"search": "platelets"}).content.decode()
    assert str(plain) in found
    assert str(urgent) not in found
    found = reviewer.get(reverse("review:list"), {"flag": "urgent"}).content.decode()
    assert str(urgent) in found
    assert str(plain) not in found


def test_each_cell_of_the_list_says_what_it_is(reviewer: Client) -> None:
    """On a phone the table is stacked and its column heads are out of sight."""
    talked("a question about platelets")
    page = reviewer.get(reverse("review:list")).content.decode()
    assert re.findall(r"<th>([^<]+)</th>", page) == re.findall(r'<td data-label="([^"]+)"', page)


def test_nonsense_in_the_address_is_no_error(reviewer: Client) -> None:
    """A page number or a date that is none narrows nothing."""
    query = {"page": "x", "from_on": "yesterday", "control": "nobody", "flag": "none"}
    assert reviewer.get(reverse("review:list"), query).status_code == 200


def test_a_transcript_shows_every_message_and_is_noted(reviewer: Client) -> None:
    """Messages stand there escaped, and that somebody read them is in the audit."""
    conversation = talked("<i>hello</i> there")
    page = reviewer.get(reverse("review:conversation", args=[conversation])).content.decode()
    assert "&lt;i&gt;hello&lt;/i&gt; there" in page
    assert AuditEntry.objects.filter(kind="conversation.read").count() == 1


def test_an_unknown_transcript_is_not_found(reviewer: Client) -> None:
    """A page that says so."""
    url = reverse("review:conversation", args=[uuid.uuid4()])
    assert reviewer.get(url).status_code == 404


def test_notes_are_shown_and_advice_in_private_is_not(reviewer: Client, clock: object) -> None:
    """What a supervisor tells a specialist is between the two."""
    ana = make_specialist("ana")
    conversation = make_claimed(ana)
    services.add_note(conversation.pk, author=ana, text="For everybody.")
    services.advise(conversation.pk, supervisor=make_supervisor(), text="Offer the nurse line.")
    admin = Client()
    admin.force_login(make_admin())
    for browser in (reviewer, admin):
        page = browser.get(reverse("review:conversation", args=[conversation.pk])).content.decode()
        assert "For everybody." in page
        assert "Offer the nurse line." not in page


def test_what_was_asked_of_people_is_shown_without_the_number(reviewer: Client) -> None:
    """A reviewer sees why a person was asked for and what was promised, and no way to call."""
    conversation = talked("a question about platelets")
    services.request_handoff(conversation, reason="the <b>pump</b>")
    left = services.schedule_callback(
        conversation,
        client_id="c",
        phone="212 555 0100",
        topic="night feeds",
        preferred_time="noon",
    )
    page = reviewer.get(reverse("review:conversation", args=[conversation])).content.decode()
    for words in ("the &lt;b&gt;pump&lt;/b&gt;", "night feeds", "noon", left.callback.reference):
        assert words in page
    assert "5550100" not in page.replace(" ", "").replace("-", "")


def test_the_list_shows_what_the_family_wrote_not_what_it_tapped(reviewer: Client) -> None:
    """Who only tapped is shown with that."""
    opened = services.open_conversation(language="en", page_url="").conversation.pk
    for more in ({"choice_id": "callback"}, {"text": "about night feeds"}, {"text": "again"}):
        services.accept_visitor_message(opened, client_id=str(uuid.uuid4()), **more)
    tapped = services.open_conversation(language="en", page_url="").conversation.pk
    services.accept_visitor_message(tapped, client_id=str(uuid.uuid4()), choice_id="callback")
    found = reviewer.get(reverse("review:list")).content.decode()
    assert "about night feeds" in found
    assert "again" not in found
    assert found.count("Ask a person to contact me") == 1


class TestErasing:
    """An admin erases for a family that has lost its way into the chat."""

    def test_an_admin_erases_and_it_is_on_record(self) -> None:
        """With everything in it."""
        conversation = talked("words")
        browser, admin = Client(), make_admin()
        browser.force_login(admin)
        page = browser.get(reverse("review:conversation", args=[conversation])).content.decode()
        path = reverse("review:erase", args=[conversation])
        assert path in page
        assert "Nothing was erased" in browser.post(path, follow=True).content.decode()
        done = browser.post(path, {"sure": "yes"}, follow=True).content.decode()
        assert "is erased" in done
        gone = browser.get(reverse("review:conversation", args=[conversation]))
        assert gone.status_code == 404
        assert browser.post(path, {"sure": "yes"}).status_code == 404
        entry = AuditEntry.objects.get(kind="conversation.erased")
        assert entry.actor == f"staff:{admin.pk}"

    def test_nobody_else_may(self, reviewer: Client) -> None:
        """They see no button either."""
        conversation = talked("words")
        path = reverse("review:erase", args=[conversation])
        assert reviewer.post(path, {"sure": "yes"}).status_code == 403
        page = reviewer.get(reverse("review:conversation", args=[conversation])).content.decode()
        assert path not in page
