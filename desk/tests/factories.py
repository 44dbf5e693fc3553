"""Builds what a test needs; a call names only what matters to it."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from availability import content
from conversations import access, services
from conversations.models import Conversation, Message, Turn
from conversations.results import Accepted, Draft, Lease, Opened, TurnRecord
from staff.access import CHAT_ROLES
from staff.models import Role, StaffPresence, User

# The content of tests: weekdays 09:00 to 17:00 in New York, Monday with a break at noon.
OPEN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # Monday, 10:00 there
CLOSED = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # Sunday
PASSWORD = "a long enough password"

_numbers = itertools.count(1)


def make_staff(role: Role, name: str = "", *, is_there: bool = True) -> User:
    """An account with one role; `is_there`: its console was seen a moment ago."""
    username = name or f"{role.value}{next(_numbers)}"
    user = User.objects.create_user(
        username, password=PASSWORD, display_name=username.title(), first_name=""
    )
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    if role in CHAT_ROLES:
        seen_at = timezone.now() if is_there else None
        is_accepting = role == Role.SPECIALIST
        StaffPresence.objects.create(user=user, seen_at=seen_at, is_accepting=is_accepting)
    return user


def make_specialist(name: str = "", *, is_there: bool = True) -> User:
    """A specialist, at the console unless told otherwise."""
    return make_staff(Role.SPECIALIST, name, is_there=is_there)


def make_supervisor(name: str = "", *, is_there: bool = True) -> User:
    """A supervisor, at the console unless told otherwise; takes no conversations by default."""
    return make_staff(Role.SUPERVISOR, name, is_there=is_there)


def make_admin(name: str = "") -> User:
    """An admin."""
    return make_staff(Role.ADMIN, name)


def make_reviewer(name: str = "") -> User:
    """A reviewer."""
    return make_staff(Role.REVIEWER, name)


def make_opened(language: str = "en", page_url: str = "") -> Opened:
    """A new conversation with its token and greeting."""
    return services.open_conversation(language=language, page_url=page_url)


def make_conversation() -> Conversation:
    """A new conversation, in the bot's control."""
    return make_opened().conversation


def fresh(conversation: Conversation) -> Conversation:
    """The same conversation as the database has it now."""
    return Conversation.objects.get(pk=conversation.pk)


def write(
    conversation: Conversation,
    text: str | None = "what did the study find",
    *,
    choice_id: str | None = None,
    client_id: str | None = None,
    lease: Lease | None = None,
) -> Accepted:
    """The visitor writes, or taps a choice."""
    return services.accept_visitor_message(
        conversation.pk,
        client_id=client_id or str(uuid.uuid4()),
        text=text if choice_id is None else None,
        choice_id=choice_id,
        request_id="request-1",
        lease=lease,
    )


class NoTurn(Exception):
    """A test has the bot answer a message that it has no duty to answer."""


def turn_of(accepted: Accepted) -> Turn:
    """The turn that a message led to."""
    if accepted.turn is None:
        raise NoTurn
    return accepted.turn


def answer_draft(entry_id: str = "study-result", *, choices: tuple[str, ...] = ()) -> Draft:
    """What the bot says when it chose an entry."""
    version = content.knowledge().entries[entry_id].version
    return Draft("answer", entry=entry_id, version=version, choices=choices)


def response_draft(
    kind: str = "fallback", response: str = "utter_fallback", *, choices: tuple[str, ...] = ()
) -> Draft:
    """What the bot says when it chose no entry."""
    return Draft(kind, response=response, choices=choices)


RECORD = TurnRecord(
    candidates=[{"label": "ask/study-result", "confidence": 0.81}],
    model_version="model-1",
    knowledge_version="knowledge-1",
    request_id="request-1",
)


def answer(accepted: Accepted, *drafts: Draft) -> list[Message]:
    """The bot answers a message."""
    return services.record_bot_turn(
        turn_of(accepted).pk, drafts=drafts or [answer_draft()], record=RECORD
    )


def make_queued(specialist: User | None = None) -> Conversation:
    """A conversation that waits for a person, with somebody there to take it."""
    if specialist is None and not StaffPresence.objects.exists():
        make_specialist()
    StaffPresence.objects.update(seen_at=timezone.now())
    conversation = make_conversation()
    outcome = services.request_handoff(conversation.pk)
    assert outcome.control == "queue", "the clock of the test is outside the opening hours"
    return fresh(conversation)


def make_claimed(specialist: User) -> Conversation:
    """A conversation that a specialist is in control of."""
    conversation = make_queued(specialist)
    services.claim_conversation(conversation.pk, specialist=specialist, beyond_capacity=True)
    return fresh(conversation)


def told(conversation: Conversation) -> list[Message]:
    """Every message of a conversation, in order."""
    return access.messages_after(conversation.pk, 0, 200).messages


def notice_of(message: Message) -> str:
    """The name of the text behind a bot or system message, without its version."""
    return message.text_id.partition("@")[0]


def last_notice(conversation: Conversation) -> str:
    """The name of the text behind the last message."""
    return notice_of(told(conversation)[-1])


def minutes(count: float) -> timedelta:
    """A span of that many minutes."""
    return timedelta(minutes=count)
