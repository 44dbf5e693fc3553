"""What a specialist finds to put into a reply, and what is refused of it."""

from __future__ import annotations

import pytest

from availability import content
from conversations import access, services
from conversations.errors import BlanksOpen, InvalidInput
from conversations.services.resources import checked_resources, require_no_blanks
from conversations.wording import PENDING_REVIEW
from tests.factories import fresh, make_admin, make_queued, make_specialist

pytestmark = pytest.mark.django_db


def test_the_entry_whose_title_has_the_words_comes_first_with_its_sources():
    found = access.find_entries("whom to call")
    assert found[0].id == "fever-call"
    assert found[0].text.startswith("Call")
    assert "Where this comes from:\n- " in found[0].text
    assert found[0].as_of


def test_a_medical_text_says_that_no_clinician_has_signed_it_and_goes_out_with_that():
    found = {each.id: each for each in access.find_entries("fever call whom")}
    entries = content.knowledge().entries
    pending = {name for name, each in found.items() if each.is_pending}
    assert pending == {
        name
        for name in found
        if entries[name].kind == "medical" and entries[name].review.status == "pending"
    }
    assert pending
    for name, each in found.items():
        assert (PENDING_REVIEW in each.text) == (name in pending)


def test_a_half_typed_word_finds_what_begins_so():
    assert {"fever-what", "fever-call"} <= {found.id for found in access.find_entries("fev")}


@pytest.mark.parametrize("words", ["", "   ", "the of and", "xyzzyplugh", "???"])
def test_words_that_tell_nothing_find_nothing(words):
    assert access.find_entries(words) == []


def test_a_withdrawn_entry_is_offered_nowhere():
    services.withdraw_entry("fever-call", by=make_admin())
    assert "fever-call" not in {found.id for found in access.find_entries("whom to call fever")}
    assert access.organisation_services() == []


def test_templates_come_by_category_and_services_with_their_address():
    groups = dict(access.template_groups())
    assert [template.id for template in groups["opening"]] == ["hello"]
    assert groups["study"][0].as_of == "2023-05-01"
    [service] = access.organisation_services()
    assert service.text.endswith("https://journal.example/1")
    assert not service.is_verified


def test_an_open_blank_is_named():
    with pytest.raises(BlanksOpen) as caught:
        require_no_blanks("Hello, I'm [[your first name]]. [[day]] [[day]]")
    assert caught.value.detail == "Fill in or remove [[your first name]], [[day]] before you send."
    require_no_blanks("Hello, I'm Ana. [not a blank]")


def test_resources_are_kept_once_with_the_version_of_the_desk():
    given = [
        {"kind": "entry", "id": "fever-call", "version": "forged"},
        {"kind": "template", "id": "hello"},
        {"kind": "entry", "id": "fever-call"},
        {"kind": "service", "id": "fever-line"},
    ]
    kept = checked_resources(given)
    assert [(item["kind"], item["id"]) for item in kept] == [
        ("entry", "fever-call"),
        ("template", "hello"),
        ("service", "fever-line"),
    ]
    assert kept[0]["version"] == kept[2]["version"] != "forged"


@pytest.mark.parametrize("item", [{"kind": "entry", "id": "gone"}, {"kind": "x", "id": "y"}, {}])
def test_a_resource_that_is_not_there_is_refused(item):
    with pytest.raises(InvalidInput):
        checked_resources([item])


def test_a_reply_with_an_open_blank_is_not_sent(clock):
    specialist = make_specialist()
    conversation = make_queued(specialist)
    services.claim_conversation(conversation.pk, specialist=specialist)
    with pytest.raises(BlanksOpen):
        services.send_reply(
            conversation.pk,
            specialist=specialist,
            client_id="one",
            text="Hello, I'm [[your first name]].",
            epoch=fresh(conversation).epoch,
        )
    assert not conversation.messages.filter(sender="specialist").exists()
