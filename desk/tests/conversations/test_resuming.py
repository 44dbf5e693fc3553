"""Going on with a conversation on another device."""

import secrets
from datetime import timedelta

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import ResumeLinkSpent, UnknownConversation, UnknownResumeLink
from conversations.models import Control, ResumeLink
from tests.factories import fresh, make_opened, write

pytestmark = pytest.mark.django_db


def link_of(conversation) -> str:
    """A link's secret."""
    return services.make_resume_link(conversation.pk).token


def test_a_link_opens_the_conversation_with_a_new_token_and_shuts_out_the_old_ones(clock):
    opened = make_opened()
    write(opened.conversation, "What is ALL?")
    resumed = services.resume_conversation(link_of(opened.conversation))
    assert resumed.conversation.pk == opened.conversation.pk
    assert fresh(opened.conversation).resumed_at is not None
    assert access.conversation_for_token(opened.conversation.pk, resumed.token)
    with pytest.raises(UnknownConversation):
        access.conversation_for_token(opened.conversation.pk, opened.token)
    entries = AuditEntry.objects.filter(kind="resume.link_used")
    assert [entry.data for entry in entries] == [{"revoked": 1}]


def test_a_link_works_once(clock):
    opened = make_opened()
    link = link_of(opened.conversation)
    first = services.resume_conversation(link)
    with pytest.raises(ResumeLinkSpent):
        services.resume_conversation(link)
    assert access.conversation_for_token(opened.conversation.pk, first.token)


def test_an_answer_that_was_lost_can_be_had_again_by_the_same_attempt_alone(clock):
    opened = make_opened()
    made = services.make_resume_link(opened.conversation.pk)
    first = services.resume_conversation(made.token, client_id="one")
    again = services.resume_conversation(made.token, client_id="one")
    assert access.conversation_for_token(opened.conversation.pk, again.token)
    with pytest.raises(UnknownConversation):
        access.conversation_for_token(opened.conversation.pk, first.token)
    for other in ("two", ""):
        with pytest.raises(ResumeLinkSpent):
            services.resume_conversation(made.token, client_id=other)
    clock.move_to(made.expires_at)
    with pytest.raises(ResumeLinkSpent):
        services.resume_conversation(made.token, client_id="one")


def test_a_link_made_here_later_ends_the_attempts_of_an_earlier_one(clock):
    opened = make_opened()
    link = link_of(opened.conversation)
    services.resume_conversation(link, client_id="one")
    link_of(opened.conversation)
    with pytest.raises(ResumeLinkSpent):
        services.resume_conversation(link, client_id="one")


def test_a_link_expires(clock, settings):
    opened = make_opened()
    made = services.make_resume_link(opened.conversation.pk)
    clock.move_to(made.expires_at - timedelta(seconds=1))
    other = make_opened().conversation
    services.resume_conversation(link_of(other))
    clock.move_to(made.expires_at)
    with pytest.raises(ResumeLinkSpent):
        services.resume_conversation(made.token)
    # What was refused changed nothing.
    assert access.conversation_for_token(opened.conversation.pk, opened.token)


def test_a_newer_link_takes_the_place_of_an_older_one(clock):
    opened = make_opened()
    older, newer = link_of(opened.conversation), link_of(opened.conversation)
    with pytest.raises(ResumeLinkSpent):
        services.resume_conversation(older)
    assert services.resume_conversation(newer)


def test_using_a_link_ends_those_that_the_old_device_made(clock):
    opened = make_opened()
    link = link_of(opened.conversation)
    services.resume_conversation(link)
    assert not ResumeLink.objects.filter(used_at=None).exists()


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "A", str.upper])
def test_a_forged_or_broken_link_is_none(clock, change):
    opened = make_opened()
    with pytest.raises(UnknownResumeLink):
        services.resume_conversation(change(link_of(opened.conversation)))
    with pytest.raises(UnknownResumeLink):
        services.resume_conversation(secrets.token_urlsafe(32))
    assert access.conversation_for_token(opened.conversation.pk, opened.token)


def test_a_link_signed_elsewhere_is_none(clock, settings):
    link = link_of(make_opened().conversation)
    settings.SECRET_KEY = "another house's key " * 3
    with pytest.raises(UnknownResumeLink):
        services.resume_conversation(link)


def test_a_link_to_an_erased_conversation_says_so(clock):
    opened = make_opened()
    link = link_of(opened.conversation)
    services.erase_conversation(opened.conversation.pk, by="visitor")
    with pytest.raises(ResumeLinkSpent, match="deleted"):
        services.resume_conversation(link)


def test_only_a_digest_is_stored(clock):
    link = link_of(make_opened().conversation)
    assert link not in str(ResumeLink.objects.values().get())


def test_a_closed_conversation_can_be_read_elsewhere(clock):
    opened = make_opened()
    services.close_conversation(opened.conversation.pk, by="visitor")
    resumed = services.resume_conversation(link_of(opened.conversation))
    assert resumed.conversation.control == Control.CLOSED


def test_a_new_chat_goes_on_from_one_that_a_link_was_used_for(clock):
    opened = make_opened()
    resumed = services.resume_conversation(link_of(opened.conversation))
    services.close_conversation(opened.conversation.pk, by="visitor")
    pair = (str(opened.conversation.pk), resumed.token)
    new = services.open_conversation(continues=pair).conversation
    assert fresh(new).continues_id == opened.conversation.pk


def test_nothing_else_ties_two_conversations_together(clock):
    plain, other = make_opened(), make_opened()
    resumed = services.resume_conversation(link_of(other.conversation))
    for pair in (
        (str(plain.conversation.pk), plain.token),  # No link was used for it.
        (str(other.conversation.pk), other.token),  # A revoked token.
        (str(plain.conversation.pk), resumed.token),  # A token of another conversation.
        ("no id", "no token"),
    ):
        new = services.open_conversation(continues=pair).conversation
        assert fresh(new).continues_id is None
