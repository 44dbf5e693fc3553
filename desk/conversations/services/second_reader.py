"""A reply that a colleague reads before the family does.

It is no message until it is released: nothing that reads messages can show it to a visitor. What
`send_reply` asks for is asked for twice, when the reply is handed in and when it is released.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import audit
from conversations.access.colleagues import is_alone
from conversations.digests import request_digest
from conversations.errors import (
    ClientIdReused,
    HeldReplyOver,
    InvalidInput,
    NotAllowed,
    UnknownHeldReply,
)
from conversations.models import HeldReply, HeldReplyState, Message
from conversations.results import Sent
from conversations.services.guards import (
    require_control,
    require_epoch,
    require_seen,
    require_words,
)
from conversations.services.replies import store_reply
from conversations.services.resources import checked_resources, require_no_blanks
from conversations.services.unit import Unit, unit
from conversations.wording import cleaned, client_id_of, short
from staff.access import may_chat
from staff.models import User

LONGEST_REMARK = 500


def hold_reply(
    conversation_id: uuid.UUID | str,
    *,
    specialist: User,
    client_id: str,
    text: str,
    epoch: int,
    seen_seq: int | None = None,
    resources: Sequence[Mapping[str, object]] = (),
) -> HeldReply:
    """Hand in a reply for a colleague to read; arguments and errors are those of `send_reply`.

    Raises:
        HeldReplyOver: it was handed in before, and returned, dropped or withdrawn meanwhile; handed
            in anew it needs a client id of its own.
    """
    words = cleaned(text)
    digest = request_digest(reply=words, by=specialist.pk)
    known_as = client_id_of(client_id)
    put_in = checked_resources(resources)
    with unit(conversation_id) as work:
        known = HeldReply.objects.filter(conversation=work.conversation, client_id=known_as).first()
        if known is not None:
            if known.request_digest != digest:
                raise ClientIdReused
            if known.state not in (HeldReplyState.HELD, HeldReplyState.RELEASED):
                ending = _ENDINGS[HeldReplyState(known.state)]
                raise HeldReplyOver(f"{ending} Send again to hand it in anew.", state=known.state)
            return known
        if Message.objects.filter(conversation=work.conversation, client_id=known_as).exists():
            raise ClientIdReused
        require_control(work, specialist)
        require_epoch(work, epoch)
        require_words(words)
        require_no_blanks(words)
        require_seen(work, specialist, seen_seq)
        work.active()
        work.is_changed = True
        work.audit("reply.held", actor=audit.staff_actor(specialist))
        return HeldReply.objects.create(
            conversation=work.conversation,
            author=specialist,
            client_id=known_as,
            request_digest=digest,
            text=words,
            resources=put_in,
            epoch=epoch,
            seen_seq=seen_seq,
            created_at=work.now,
        )


def release_reply(held_id: int, *, reader: User) -> Sent:
    """Let the visitor have a held reply, under its author's name. Again changes nothing.

    Raises:
        UnknownHeldReply: there is none with that id.
        NotAllowed: the account may not write to families, or would release its own although a
            colleague is there to read it.
        HeldReplyOver: it was returned or withdrawn.
        ConversationClosed, NotInControl, StaleEpoch: control has moved since it was written.
        NewerMessages: something newer was written; its author has to confirm it first.
    """
    with _held_at_work(held_id) as (work, held):
        if not may_chat(reader):
            raise NotAllowed
        if held.state == HeldReplyState.RELEASED and held.message is not None:
            return Sent(held.message, is_repeat=True)
        _require_held(held)
        is_own = held.author_id == reader.pk
        if is_own and not is_alone(reader, work.now):
            raise NotAllowed("A colleague is there to read this reply; only they can release it.")
        require_control(work, held.author)
        require_epoch(work, held.epoch)
        require_seen(work, held.author, held.seen_seq)
        held.message = store_reply(
            work,
            author=held.author,
            client_id=held.client_id,
            digest=held.request_digest,
            text=held.text,
            resources=held.resources,
        )
        _decide(work, held, HeldReplyState.RELEASED, reader)
        work.audit("reply.released", actor=audit.staff_actor(reader), is_own=is_own)
        return Sent(held.message, is_repeat=False)


def return_reply(held_id: int, *, reader: User, remark: str) -> HeldReply:
    """Give a held reply back to its author with a remark. Again changes nothing.

    Raises:
        UnknownHeldReply: there is none with that id.
        NotAllowed: the account may not write to families, or the reply is its own.
        HeldReplyOver: it was released or withdrawn.
        InvalidInput: there is no remark, or it is too long.
    """
    words = short("remark", remark, LONGEST_REMARK)
    if not words:
        raise InvalidInput(errors=[{"field": "remark", "message": "say what should change"}])
    with _held_at_work(held_id) as (work, held):
        if not may_chat(reader) or held.author_id == reader.pk:
            raise NotAllowed("Only a colleague returns a reply; its author withdraws it.")
        if held.state == HeldReplyState.RETURNED:
            return held
        _require_held(held)
        held.remark = words
        _decide(work, held, HeldReplyState.RETURNED, reader)
        work.audit("reply.returned", actor=audit.staff_actor(reader))
        return held


def withdraw_reply(held_id: int, *, author: User) -> HeldReply:
    """Take back one's own reply, held or returned, or put one away that was dropped.

    Again changes nothing.

    Raises:
        UnknownHeldReply: there is none with that id.
        NotAllowed: somebody else wrote it.
        HeldReplyOver: it was released.
    """
    with _held_at_work(held_id) as (work, held):
        if held.author_id != author.pk:
            raise NotAllowed("Only its author withdraws a reply.")
        if held.state == HeldReplyState.WITHDRAWN:
            return held
        if held.state == HeldReplyState.RELEASED:
            _require_held(held)
        if held.state != HeldReplyState.DROPPED:  # That it is not sent is on record already.
            work.audit("reply.withdrawn", actor=audit.staff_actor(author), reason="author")
        _decide(work, held, HeldReplyState.WITHDRAWN)
        return held


def confirm_reply(held_id: int, *, author: User, seen_seq: int) -> HeldReply:
    """Say that a held reply still fits, though something newer was written since.

    Args:
        held_id: the held reply.
        author: who wrote it.
        seen_seq: the last message the author has seen by now.

    Raises:
        UnknownHeldReply, NotAllowed: as for `withdraw_reply`.
        HeldReplyOver: it is held no more.
        NewerMessages: something was written after `seen_seq` too.
    """
    with _held_at_work(held_id) as (work, held):
        if held.author_id != author.pk:
            raise NotAllowed("Only its author confirms a reply.")
        _require_held(held)
        require_seen(work, author, seen_seq)
        held.seen_seq = min(seen_seq, work.conversation.last_seq)
        held.save(update_fields=["seen_seq"])
        work.is_changed = True
        work.audit("reply.confirmed", actor=audit.staff_actor(author))
        return held


@contextmanager
def _held_at_work(held_id: int) -> Iterator[tuple[Unit, HeldReply]]:
    """Lock the conversation of a held reply and hand out the unit of work and the reply."""
    found = HeldReply.objects.filter(pk=held_id).values_list("conversation_id").first()
    if found is None:
        raise UnknownHeldReply
    with unit(found[0]) as work:
        replies = HeldReply.objects.select_related("author", "message")
        yield work, replies.get(pk=held_id)


def _require_held(held: HeldReply) -> None:
    if held.state != HeldReplyState.HELD:
        raise HeldReplyOver(_ENDINGS[HeldReplyState(held.state)], state=str(held.state))


_ENDINGS = {
    HeldReplyState.RELEASED: "This reply was released already.",
    HeldReplyState.RETURNED: "This reply was returned to its author.",
    HeldReplyState.DROPPED: "This reply was withdrawn, as the conversation has moved on.",
    HeldReplyState.WITHDRAWN: "This reply was withdrawn by its author.",
}


def _decide(work: Unit, held: HeldReply, state: HeldReplyState, reader: User | None = None) -> None:
    held.state = state
    held.reader = reader
    held.decided_at = work.now
    held.save(update_fields=["state", "reader", "remark", "message", "decided_at"])
    work.is_changed = True
