"""Offering a conversation to a colleague. Whoever offers it keeps control until it is accepted.

The visitor hears of it only then: an offer that is declined, withdrawn or left unanswered is a
matter among staff.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

import audit
from conversations.errors import (
    CannotTransfer,
    NotAllowed,
    TransferOver,
    UnknownConversation,
    UnknownTransfer,
)
from conversations.models import Control, Message, Transfer, TransferState
from conversations.services.guards import require_control
from conversations.services.notices import say_notice
from conversations.services.unit import Unit, unit
from conversations.wording import short
from staff.access import may_chat
from staff.models import User
from staff.presence import is_connected, presence_of

LONGEST_NOTE = 2000
LONGEST_ANSWER = 500


def offer_transfer(
    conversation_id: uuid.UUID | str, *, specialist: User, to: User, note: str = ""
) -> Transfer:
    """Offer one's conversation to a colleague. The same offer again changes nothing.

    Args:
        conversation_id: the conversation.
        specialist: who has it, and keeps it until the colleague accepts.
        to: the colleague.
        note: what they should know; the visitor never sees it.

    Raises:
        UnknownConversation: there is none with that id.
        ConversationClosed, NotInControl: it is not the specialist's to offer.
        CannotTransfer: the colleague may not hold conversations or has no console open, or
            another offer is still unanswered.
        InvalidInput: the note is too long.
    """
    words = short("note", note, LONGEST_NOTE)
    with unit(conversation_id) as work:
        require_control(work, specialist)
        _require_colleague(work, specialist, to)
        pending = Transfer.objects.filter(
            conversation=work.conversation, state=TransferState.OFFERED
        ).first()
        if pending is not None:
            if pending.offered_to_id == to.pk:
                return pending
            name = pending.offered_to.shown_name
            raise CannotTransfer(f"This conversation is offered to {name} already; take that back.")
        work.is_changed = True
        work.audit(
            "transfer.offered", actor=audit.staff_actor(specialist), to=audit.staff_actor(to)
        )
        return Transfer.objects.create(
            conversation=work.conversation,
            offered_by=specialist,
            offered_to=to,
            note=words,
            epoch=work.conversation.epoch,
            created_at=work.now,
        )


def _require_colleague(work: Unit, specialist: User, to: User) -> None:
    if to.pk == specialist.pk:
        raise CannotTransfer("You have this conversation already.")
    if not may_chat(to):
        raise CannotTransfer(f"{to.shown_name} takes no conversations.")
    if not is_connected(presence_of(to), work.now):
        raise CannotTransfer(f"{to.shown_name} is not at the console now.")


def accept_transfer(transfer_id: int, *, specialist: User) -> list[Message]:
    """Take a conversation that was offered to one; capacity is for the colleague to weigh.

    Returns:
        What the visitor is told; nothing when it was accepted before.

    Raises:
        UnknownTransfer: there is no such offer.
        NotAllowed: it was made to somebody else.
        TransferOver: it was declined, withdrawn or has lapsed.
    """
    with _transfer_at_work(transfer_id) as (work, transfer):
        _require_addressee(transfer, specialist)
        if transfer.state == TransferState.ACCEPTED:
            return []
        _require_open(transfer)
        _settle(work, transfer, TransferState.ACCEPTED)
        work.active()
        work.move(
            Control.SPECIALIST,
            "control.transferred",
            actor=audit.staff_actor(specialist),
            specialist=specialist,
            giver=audit.staff_actor(transfer.offered_by),
        )
        return [say_notice(work, "specialist_changed", specialist_name=specialist.shown_name)]


def decline_transfer(transfer_id: int, *, specialist: User, note: str = "") -> Transfer:
    """Leave a conversation with whoever offered it; declining again changes nothing.

    Raises:
        UnknownTransfer, NotAllowed, TransferOver: as for `accept_transfer`.
        InvalidInput: the note is too long.
    """
    words = short("note", note, LONGEST_ANSWER)
    with _transfer_at_work(transfer_id) as (work, transfer):
        _require_addressee(transfer, specialist)
        if transfer.state == TransferState.DECLINED:
            return transfer
        _require_open(transfer)
        transfer.answer_note = words
        _settle(work, transfer, TransferState.DECLINED)
        work.audit("transfer.declined", actor=audit.staff_actor(specialist))
        return transfer


def withdraw_transfer(transfer_id: int, *, specialist: User) -> Transfer:
    """Take back an offer that is unanswered; withdrawing again changes nothing.

    Raises:
        UnknownTransfer: there is no such offer.
        NotAllowed: somebody else made it.
        TransferOver: it was answered or has lapsed.
    """
    with _transfer_at_work(transfer_id) as (work, transfer):
        if transfer.offered_by_id != specialist.pk:
            raise NotAllowed("Only whoever made an offer can take it back.")
        if transfer.state == TransferState.WITHDRAWN:
            return transfer
        _require_open(transfer)
        _settle(work, transfer, TransferState.WITHDRAWN)
        work.audit("transfer.withdrawn", actor=audit.staff_actor(specialist))
        return transfer


def lapse_transfers(now: datetime | None = None) -> int:
    """End offers that nobody answered within `TRANSFER_SECONDS`; how many.

    Whoever made one keeps the conversation, and their console shows what became of the offer.
    """
    now = now or timezone.now()
    limit = now - timedelta(seconds=settings.TRANSFER_SECONDS)
    late = Transfer.objects.filter(state=TransferState.OFFERED, created_at__lte=limit)
    count = 0
    for transfer_id in list(late.values_list("pk", flat=True)):
        try:
            with _transfer_at_work(transfer_id) as (work, transfer):
                if transfer.state != TransferState.OFFERED:
                    continue  # Answered in the meantime.
                _settle(work, transfer, TransferState.LAPSED)
                work.audit("transfer.lapsed", actor="system", reason="unanswered")
                count += 1
        except (UnknownTransfer, UnknownConversation):
            continue  # Erased in the meantime.
    return count


@contextmanager
def _transfer_at_work(transfer_id: int) -> Iterator[tuple[Unit, Transfer]]:
    """Lock the conversation of an offer and hand out the unit of work and the offer."""
    found = Transfer.objects.filter(pk=transfer_id).values_list("conversation_id").first()
    if found is None:
        raise UnknownTransfer
    with unit(found[0]) as work:
        offers = Transfer.objects.select_related("offered_by", "offered_to")
        yield work, offers.get(pk=transfer_id)


def _require_addressee(transfer: Transfer, specialist: User) -> None:
    if transfer.offered_to_id != specialist.pk or not may_chat(specialist):
        raise NotAllowed("This conversation was offered to somebody else.")


_ENDINGS = {
    TransferState.ACCEPTED: "This offer was accepted already.",
    TransferState.DECLINED: "This offer was declined already.",
    TransferState.WITHDRAWN: "This offer was taken back.",
    TransferState.LAPSED: "This offer has lapsed: it took too long, or the conversation moved on.",
}


def _require_open(transfer: Transfer) -> None:
    if transfer.state != TransferState.OFFERED:
        raise TransferOver(_ENDINGS[TransferState(transfer.state)], state=str(transfer.state))


def _settle(work: Unit, transfer: Transfer, state: TransferState) -> None:
    transfer.state = state
    transfer.answered_at = work.now
    transfer.save(update_fields=["state", "answer_note", "answered_at"])
    work.is_changed = True
