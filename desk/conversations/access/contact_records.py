"""What a contact record starts from, and which ones are still to be written."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, Max, Min, OuterRef, Q

from conversations import contact_codes
from conversations.errors import NotInControl, UnknownConversation
from conversations.models import ContactRecord, Control, Conversation, Message, Sender
from conversations.results import ContactDraft
from staff.models import User

MOST_LISTED = 50


@dataclass(frozen=True)
class RecordSheet:
    """A record as its form shows it at first.

    Attributes:
        epoch: the control under which the specialist talks or talked.
        is_running: they are in control now, so the form may close the conversation as well.
        draft: what was recorded before, or what can be known without asking: topics of the
            entries that the family was given, and those entries, templates and services.
        offered: every resource that may be ticked, as (kind, id).
        record: what was recorded before, or None.
    """

    conversation: Conversation
    epoch: int
    is_running: bool
    draft: ContactDraft
    offered: list[tuple[str, str]]
    record: ContactRecord | None


@dataclass(frozen=True)
class Stretch:
    """A stretch of talk that is over and has no record yet."""

    conversation_id: uuid.UUID
    epoch: int
    started_at: datetime
    ended_at: datetime


def record_sheet(
    user: User, conversation_id: uuid.UUID | str, epoch: int | None = None
) -> RecordSheet:
    """What the record of a stretch starts from.

    Args:
        user: the specialist who talks or talked.
        conversation_id: the conversation.
        epoch: which stretch; None for the present one.

    Raises:
        UnknownConversation: there is none with that id.
        NotInControl: the specialist did not talk under that epoch.
    """
    found = Conversation.objects.filter(pk=conversation_id).first()
    if found is None:
        raise UnknownConversation
    holds = found.control == Control.SPECIALIST and found.specialist_id == user.pk
    # No stretch has a higher number than the present one; larger ones fit no column either.
    epoch = found.epoch if epoch is None else min(epoch, found.epoch + 1)
    is_running = holds and found.epoch == epoch
    own = Q(sender=Sender.SPECIALIST, author=user, epoch=epoch)
    messages = list(
        Message.objects.filter(own | ~Q(entry_id=""), conversation=found).order_by("seq")
    )
    talked = Message.objects.filter(talk_of(user), conversation=found, epoch=epoch).exists()
    record = ContactRecord.objects.filter(conversation=found, epoch=epoch).first()
    if not (is_running or talked) or (record and record.specialist_id != user.pk):
        raise NotInControl("You did not talk with this family in that stretch.")
    given = _given(messages)
    draft = _draft_of(record) if record else _prefilled(given)
    offered = list(dict.fromkeys([*given, *draft.resources]))
    return RecordSheet(found, epoch, is_running, draft, offered, record)


def _given(messages: list[Message]) -> list[tuple[str, str]]:
    """What the family was given, by the bot or in replies, in order and once each."""
    given: list[tuple[str, str]] = []
    for message in messages:
        if message.entry_id:
            given.append(("entry", message.entry_id))
        given += [(str(each["kind"]), str(each["id"])) for each in message.resources]
    return list(dict.fromkeys(given))


def _prefilled(given: list[tuple[str, str]]) -> ContactDraft:
    topics = [contact_codes.topic_of(name) for kind, name in given if kind == "entry"]
    known = tuple(dict.fromkeys(topic for topic in topics if topic))
    return ContactDraft("", "", "", topics=known, resources=given)


def _draft_of(record: ContactRecord) -> ContactDraft:
    return ContactDraft(
        purpose=record.purpose,
        asker=record.asker,
        next_step=record.next_step,
        topics=record.topics,
        resources=[(each["kind"], each["id"]) for each in record.resources],
        note=record.note,
    )


def talk_of(user: User) -> Q:
    """Messages by which a stretch is a specialist's: their own, or all where they closed it."""
    return _written_by(user) | _closed_by(user)


def _written_by(user: User) -> Q:
    return Q(sender=Sender.SPECIALIST, author=user)


def _closed_by(user: User) -> Q:
    return Q(conversation__closing_specialist=user, epoch=F("conversation__epoch") - 1)


def records_to_complete(user: User) -> list[Stretch]:
    """Stretches in which a specialist wrote or which they closed, that have no record yet.

    Whoever took a conversation and gave it back without a word owes none. The latest first.
    """
    # One after the other: no index helps where either may hold.
    closed = _closed_by(user) & Q(conversation__in=_closed_unrecorded(user))
    both = (_unrecorded(closed), _unrecorded(_written_by(user)))
    found = {(one.conversation_id, one.epoch): one for part in both for one in part}
    return sorted(found.values(), key=lambda one: one.ended_at, reverse=True)[:MOST_LISTED]


def _closed_unrecorded(user: User) -> list[uuid.UUID]:
    """The latest alone: the messages of all that they ever closed would be read each time."""
    recorded = ContactRecord.objects.filter(
        conversation=OuterRef("pk"), epoch=OuterRef("epoch") - 1
    )
    found = Conversation.objects.filter(closing_specialist=user).exclude(Exists(recorded))
    return list(found.order_by("-closed_at").values_list("pk", flat=True)[:MOST_LISTED])


def _unrecorded(messages: Q) -> list[Stretch]:
    recorded = ContactRecord.objects.filter(
        conversation=OuterRef("conversation"), epoch=OuterRef("epoch")
    )
    stretches = (
        Message.objects.filter(messages, epoch__lt=F("conversation__epoch"))
        .exclude(Exists(recorded))
        .order_by()
        .values("conversation_id", "epoch")
        .annotate(started_at=Min("created_at"), ended_at=Max("created_at"))
        .order_by("-ended_at")
    )
    return [Stretch(**row) for row in stretches[:MOST_LISTED]]
