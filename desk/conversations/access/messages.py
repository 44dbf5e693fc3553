"""Reading messages, always with what goes with them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from conversations.errors import UnknownConversation
from conversations.models import Conversation, Message

MOST_MESSAGES = 200


@dataclass(frozen=True)
class MessagePage:
    """Some messages in order, and where the conversation stands.

    Attributes:
        last_seq: the highest number in the conversation, on this page or not.
        has_more: there are messages after this page.
        control: who is in control.
    """

    messages: list[Message]
    last_seq: int
    has_more: bool
    control: str


def _whole() -> QuerySet[Message]:
    return Message.objects.prefetch_related("choices")


def messages_after(
    conversation_id: uuid.UUID | str, after: int = 0, limit: int = 50
) -> MessagePage:
    """Messages with a number above `after`, oldest first, with their choices.

    The conversation is read first: a message stored in between is on the page, and one stored
    after it raises a number that the next call finds.

    Raises:
        UnknownConversation: there is none with that id.
    """
    conversation = (
        Conversation.objects.filter(pk=conversation_id).only("last_seq", "control").first()
    )
    if conversation is None:
        raise UnknownConversation
    return messages_of(conversation, after, limit)


def messages_of(conversation: Conversation, after: int = 0, limit: int = 50) -> MessagePage:
    """The same for a conversation that was read at this moment; no query where nothing is new."""
    limit = max(1, min(limit, MOST_MESSAGES))
    if conversation.last_seq <= after:
        return MessagePage([], conversation.last_seq, False, conversation.control)
    found = list(
        _whole().filter(conversation=conversation, seq__gt=after).order_by("seq")[: limit + 1]
    )
    messages = found[:limit]
    last_seq = max([conversation.last_seq, *(message.seq for message in messages)])
    return MessagePage(messages, last_seq, len(found) > limit, conversation.control)


def messages_up_to(conversation_id: uuid.UUID, last_seq: int | None = None) -> list[Message]:
    """Everything said up to a number, or at all, in order; for a copy of the whole."""
    said = _whole().filter(conversation_id=conversation_id).order_by("seq")
    return list(said if last_seq is None else said.filter(seq__lte=last_seq))


def replies_to(message_id: uuid.UUID) -> list[Message]:
    """Everything stored in reply to a visitor's message, in order."""
    replies = _whole().select_related("record").filter(in_reply_to=message_id)
    return list(replies.order_by("seq"))


def exchange(message_id: uuid.UUID) -> list[Message]:
    """A visitor's message and everything stored in reply to it, in order; empty if erased."""
    return list(_whole().filter(Q(pk=message_id) | Q(in_reply_to=message_id)).order_by("seq"))


def with_choices(messages: list[Message]) -> list[Message]:
    """The same messages read anew with their choices, in order."""
    ids = [message.pk for message in messages]
    return list(_whole().filter(pk__in=ids).order_by("seq"))
