"""How what the heart keeps looks from outside. The one place that knows the public states."""

import json
from collections.abc import Iterable, Mapping
from typing import cast

from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from conversations import access
from conversations.models import Control, Conversation, Message
from gateway.schemas import (
    AnswerDetails,
    Author,
    ChoiceOut,
    ConversationOut,
    MessageOut,
    SafetyKind,
    State,
)

_STATE_BY_CONTROL: Mapping[str, State] = {
    Control.BOT: "bot",
    Control.QUEUE: "queued",
    Control.SPECIALIST: "with_specialist",
    Control.CLOSED: "closed",
}


def public_state(control: str) -> State:
    """Return the public word for who is in control."""
    return _STATE_BY_CONTROL[control]


def message_out(message: Message) -> MessageOut:
    """Return a message as visitors see it."""
    return MessageOut(
        id=message.id,
        seq=message.seq,
        client_id=message.client_id,
        # The columns' choices are these words, which Django types as any text.
        sender=message.sender,  # type: ignore[arg-type]
        kind=message.kind,  # type: ignore[arg-type]
        text=message.text,
        language=message.language,
        created_at=message.created_at,
        safety=cast(SafetyKind, message.safety) if message.safety else None,
        author=Author(name=message.author_name) if message.author_name else None,
        in_reply_to=message.in_reply_to_id,
        answer=AnswerDetails.model_validate(message.answer) if message.answer else None,
        choices=[
            ChoiceOut(id=choice.public_id, title=choice.title) for choice in message.choices.all()
        ],
    )


def messages_out(messages: Iterable[Message]) -> list[MessageOut]:
    """Return messages as visitors see them, in the order given."""
    return [message_out(message) for message in messages]


def standing_of(conversation: Conversation, *, queue_version: int | None = None) -> ConversationOut:
    """Return where a conversation that was just read stands; see `access.summary`."""
    summary = access.summary(conversation, queue_version=queue_version)
    return ConversationOut(
        id=conversation.pk,
        state=public_state(summary.control),
        queue_position=summary.queue_position,
        wait_minutes=summary.wait_minutes,
        asks_while_waiting=summary.asks_while_waiting,
        specialist=Author(name=summary.specialist_name) if summary.specialist_name else None,
        last_seq=summary.last_seq,
    )


def as_json(value: BaseModel, *, indent: int | None = None) -> str:
    """Return a value as JSON, written as the framework writes the answers to calls.

    A message has to look the same in an answer, in the stream and in a transcript.
    """
    return json.dumps(value.model_dump(), cls=NinjaJSONEncoder, ensure_ascii=False, indent=indent)
