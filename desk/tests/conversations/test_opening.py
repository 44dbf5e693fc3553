"""Opening a conversation."""

import pytest

from conversations import access
from conversations.errors import UnknownConversation
from conversations.models import Control, ConversationToken, Sender
from conversations.services.opening import plain_url
from tests.factories import fresh, make_opened, make_specialist, notice_of, told

pytestmark = pytest.mark.django_db


def test_the_bot_greets_first_and_is_in_control(clock):
    make_specialist()
    opened = make_opened()
    assert fresh(opened.conversation).control == Control.BOT
    assert [message.seq for message in opened.messages] == [1]
    assert opened.messages[0].sender == Sender.BOT
    assert notice_of(opened.messages[0]) == "notice:greeting_open"
    assert "911" in opened.messages[0].text


def test_the_greeting_knows_that_nobody_is_signed_in(clock):
    make_specialist(is_there=False)
    assert notice_of(make_opened().messages[0]) == "notice:greeting_nobody"


def test_the_greeting_knows_the_opening_hours(closed_clock):
    make_specialist()
    assert notice_of(make_opened().messages[0]) == "notice:greeting_closed"


@pytest.mark.parametrize("language", ["es", "pt-BR", "zh_Hans", "tlh"])
def test_a_language_nobody_speaks_here_falls_back_to_english_and_says_so(language):
    opened = make_opened(language=language)
    assert opened.conversation.language == "en"
    assert notice_of(opened.messages[0]) == "notice:language_not_supported"
    assert len(opened.messages) == 2


@pytest.mark.parametrize("language", ["en", "EN", "en-US", "en_GB", ""])
def test_english_by_any_name_gets_the_greeting_alone(language):
    assert len(make_opened(language=language).messages) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://charity.example/help?name=Ana#top", "https://charity.example/help"),
        ("https://user:secret@charity.example:8443/a", "https://charity.example:8443/a"),
        ("http://[::1]:8000/x?y", "http://[::1]:8000/x"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://charity.example:not-a-port/", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_a_page_address_keeps_neither_query_nor_fragment_nor_secrets(given, kept):
    assert plain_url(given) == kept
    assert make_opened(page_url=given).conversation.page_url == kept


def test_the_token_opens_the_conversation_and_is_not_stored():
    opened = make_opened()
    assert len(opened.token) >= 43  # 256 bits in base64
    found = access.conversation_for_token(opened.conversation.pk, opened.token)
    assert found == opened.conversation
    stored = ConversationToken.objects.get()
    assert opened.token not in (stored.digest, str(stored))
    assert len(stored.digest) == 64


def test_wrong_token_and_unknown_id_cannot_be_told_apart():
    opened, other = make_opened(), make_opened()
    attempts = [
        (opened.conversation.pk, other.token),
        (opened.conversation.pk, ""),
        ("00000000-0000-4000-8000-000000000000", opened.token),
        ("not an id", opened.token),
        (opened.conversation.pk, "\udcff"),
    ]
    errors = []
    for conversation_id, token in attempts:
        with pytest.raises(UnknownConversation) as caught:
            access.conversation_for_token(conversation_id, token)
        errors.append((str(caught.value), caught.value.status, caught.value.data))
    assert len(set(map(str, errors))) == 1


def test_opening_again_makes_another_conversation():
    first, second = make_opened(), make_opened()
    assert first.conversation.pk != second.conversation.pk
    assert len(told(first.conversation)) == len(told(second.conversation)) == 1
