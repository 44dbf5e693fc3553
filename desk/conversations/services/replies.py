"""A specialist's reply, on its way to the visitor."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from conversations.access.colleagues import second_reading_applies
from conversations.digests import request_digest
from conversations.errors import ClientIdReused, SecondReaderNeeded
from conversations.models import Kind, Message, Sender
from conversations.results import Sent
from conversations.services.guards import (
    require_control,
    require_epoch,
    require_seen,
    require_words,
)
from conversations.services.resources import checked_resources, require_no_blanks
from conversations.services.unit import Unit, unit
from conversations.wording import cleaned, client_id_of
from staff.models import User


def send_reply(
    conversation_id: uuid.UUID | str,
    *,
    specialist: User,
    client_id: str,
    text: str,
    epoch: int,
    seen_seq: int | None = None,
    resources: Sequence[Mapping[str, object]] = (),
) -> Sent:
    """Store a specialist's reply.

    Args:
        conversation_id: the conversation.
        specialist: who writes.
        client_id: the console's own id of this reply; the same again stores nothing.
        text: what the visitor will read.
        epoch: the epoch under which the reply was written.
        seen_seq: the last message the writer had seen; leave it out to send regardless.
        resources: what was put into it, each {"kind": "entry", "template" or "service",
            "id": …}.

    Raises:
        UnknownConversation: there is none with that id.
        ConversationClosed, NotInControl, StaleEpoch: the writer is not in control, or was not
            all the time since writing.
        NewerMessages: the visitor or a colleague wrote something after `seen_seq`.
        ClientIdReused: the same client id came with another text.
        TextEmpty, TextTooLong: the text has not 1 to 4,000 characters.
        BlanksOpen: a blank of a template is left in it.
        InvalidInput: the desk has no such resource.
        SecondReaderNeeded: the writer's replies are read by a colleague first: `hold_reply`.
    """
    words = cleaned(text)
    digest = request_digest(reply=words, by=specialist.pk)
    known_as = client_id_of(client_id)
    put_in = checked_resources(resources)
    with unit(conversation_id) as work:
        known = Message.objects.filter(conversation=work.conversation, client_id=known_as).first()
        if known is not None:
            if known.request_digest != digest:
                raise ClientIdReused
            return Sent(known, is_repeat=True)
        require_control(work, specialist)
        require_epoch(work, epoch)
        require_words(words)
        require_no_blanks(words)
        if second_reading_applies(specialist):
            raise SecondReaderNeeded
        require_seen(work, specialist, seen_seq)
        message = store_reply(
            work,
            author=specialist,
            client_id=known_as,
            digest=digest,
            text=words,
            resources=put_in,
        )
        return Sent(message, is_repeat=False)


def store_reply(
    work: Unit,
    *,
    author: User,
    client_id: str,
    digest: str,
    text: str,
    resources: list[dict[str, str]],
) -> Message:
    """Store a reply that has passed every check, inside a running unit of work."""
    work.active()
    return work.store(
        sender=Sender.SPECIALIST,
        kind=Kind.TEXT,
        text=text,
        client_id=client_id,
        request_digest=digest,
        author=author,
        author_name=author.shown_name,
        resources=resources,
    )
