"""Opening a conversation."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.db import transaction
from django.utils import timezone

from availability.state import service_state
from availability.zones import known_zone
from conversations import texts
from conversations.models import Conversation, Kind, Message, Sender
from conversations.results import Opened
from conversations.services.resuming import continued_conversation
from conversations.services.tokens import add_token
from conversations.services.unit import Unit, new_bot_session

LONGEST_PAGE_URL = 2000


def open_conversation(
    *,
    language: str = "en",
    page_url: str = "",
    time_zone: str = "",
    continues: tuple[str, str] | None = None,
) -> Opened:
    """Open a conversation of a visitor who has consented, with the bot's greeting in it.

    Args:
        language: what the visitor would like; anything but English falls back to it and the
            greeting says so.
        page_url: where the widget stands; query and fragment are dropped, for they may tell
            more than which page it is.
        time_zone: the visitor's, such as "America/Chicago", in which times are told; an unknown
            one counts as none, and the organisation's takes its place.
        continues: id and token of an ended conversation that a resume link was used for; of any
            other it is as if it had not been named, for a family must not lose its chat by it.
    """
    now = timezone.now()
    earlier = continued_conversation(*continues) if continues else None
    with transaction.atomic():
        conversation = Conversation.objects.create(
            language=texts.LANGUAGE,
            page_url=plain_url(page_url),
            time_zone=known_zone(time_zone),
            continues=earlier,
            is_bereaved=earlier is not None and earlier.is_bereaved,
            consented_at=now,
            created_at=now,
            changed_at=now,
            last_activity_at=now,
            bot_session=new_bot_session(),
        )
        work = Unit(conversation, now=now)
        token = add_token(conversation)
        work.audit("conversation.opened", actor="visitor", language=texts.LANGUAGE)
        messages = [_greet(work, name) for name in _greetings(work, language)]
        work.finish()
    return Opened(conversation, token, messages)


def plain_url(url: str) -> str:
    """An http or https address without query, fragment and credentials; "" for anything else."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    if ":" in host:
        host = f"[{host}]"
    return urlunsplit((parts.scheme, host + port, parts.path, "", ""))[:LONGEST_PAGE_URL]


def _greetings(work: Unit, language: str) -> list[str]:
    state = service_state(work.now)
    greeting = "greeting_open"
    if not state.is_open:
        greeting = "greeting_closed"
    elif not state.is_staffed:
        greeting = "greeting_nobody"
    is_english = language.strip().lower().replace("_", "-").split("-")[0] in ("", texts.LANGUAGE)
    return [greeting] if is_english else ["language_not_supported", greeting]


def _greet(work: Unit, name: str) -> Message:
    slots = service_state(work.now).slots(work.conversation.time_zone)
    rendered = texts.compose("notice", name, slots)
    return work.say(rendered, Kind.SMALLTALK, sender=Sender.BOT)
