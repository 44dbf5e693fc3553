"""The contact record: what one stretch of talk with a specialist was about, in codes."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import audit
from conversations import contact_codes
from conversations.access.contact_records import talk_of
from conversations.errors import InvalidInput, NotInControl
from conversations.models import Closer, ContactRecord, Control, Message
from conversations.results import ContactDraft
from conversations.services.closing import close
from conversations.services.unit import Unit, unit
from conversations.wording import short
from staff.models import User

LONGEST_NOTE = 4000
RESOURCE_KINDS = ("entry", "template", "service")
_LONGEST_ID = 80
_MOST = 60


def record_contact(
    conversation_id: uuid.UUID | str, *, specialist: User, epoch: int, draft: ContactDraft
) -> ContactRecord:
    """Record a stretch of talk; writing it again corrects it.

    Args:
        conversation_id: the conversation.
        specialist: who talked.
        epoch: the control under which they did; each stretch has a record of its own.
        draft: what to record.

    Raises:
        UnknownConversation: there is none with that id.
        NotInControl: the specialist did not talk under that epoch.
        InvalidInput: a code that there is not, or a note that is too long.
    """
    checked = _checked(draft)
    with unit(conversation_id) as work:
        return _record(work, specialist, epoch, checked)


def close_and_record(
    conversation_id: uuid.UUID | str, *, specialist: User, epoch: int, draft: ContactDraft
) -> tuple[ContactRecord, Control]:
    """End a conversation and record it, both or neither.

    Where control has moved since, by an idle close or back to the queue, nothing is closed and
    the record of the stretch that ended is kept all the same.

    Returns:
        The record, and who is in control now: "queue" where the family waits again.

    Raises:
        UnknownConversation, NotInControl, InvalidInput: as for `record_contact`.
    """
    checked = _checked(draft)
    with unit(conversation_id) as work:
        is_held = _holds(work, specialist, epoch)
        record = _record(work, specialist, epoch, checked)
        if is_held:
            actor = audit.staff_actor(specialist)
            close(work, Closer.SPECIALIST, actor, specialist=specialist)
        return record, Control(work.conversation.control)


def _holds(work: Unit, specialist: User, epoch: int) -> bool:
    conversation = work.conversation
    return (
        conversation.control == Control.SPECIALIST
        and conversation.specialist_id == specialist.pk
        and conversation.epoch == epoch
    )


def _record(work: Unit, specialist: User, epoch: int, draft: ContactDraft) -> ContactRecord:
    said = Message.objects.filter(conversation=work.conversation, epoch=epoch)
    before = ContactRecord.objects.filter(conversation=work.conversation, epoch=epoch).first()
    is_own = before is None or before.specialist_id == specialist.pk
    if not is_own or not (
        said.filter(talk_of(specialist)).exists() or _holds(work, specialist, epoch)
    ):
        raise NotInControl("You did not talk with this family in that stretch.")
    first = said.order_by("seq").values_list("created_at", flat=True).first()
    record = before or ContactRecord(
        conversation=work.conversation,
        epoch=epoch,
        specialist=specialist,
        started_at=first,
        created_at=work.now,
    )
    record.purpose, record.asker, record.next_step = draft.purpose, draft.asker, draft.next_step
    record.topics = list(dict.fromkeys(draft.topics))
    record.resources = [{"kind": kind, "id": name} for kind, name in dict.fromkeys(draft.resources)]
    record.note = draft.note
    record.save()
    work.audit(
        "contact.recorded",
        actor=audit.staff_actor(specialist),
        epoch=epoch,
        is_correction=before is not None,
    )
    work.is_changed = True
    return record


def _checked(draft: ContactDraft) -> ContactDraft:
    """The same draft with its note cleaned.

    Raises:
        InvalidInput: names every field that cannot be stored.
    """
    errors: list[dict[str, str]] = []
    codes = {
        "purpose": (draft.purpose, contact_codes.PURPOSES),
        "asker": (draft.asker, contact_codes.ASKERS),
        "next_step": (draft.next_step, contact_codes.NEXT_STEPS),
    }
    for field, (value, allowed) in codes.items():
        if value not in allowed:
            errors.append({"field": field, "message": "choose one from the list"})
    if not _within(draft.topics, contact_codes.topics()):
        errors.append({"field": "topics", "message": "choose from the list"})
    if len(draft.resources) > _MOST or not all(
        kind in RESOURCE_KINDS and 1 <= len(name) <= _LONGEST_ID for kind, name in draft.resources
    ):
        errors.append({"field": "resources", "message": "choose from the list"})
    note = ""
    try:
        note = short("note", draft.note, LONGEST_NOTE)
    except InvalidInput as error:
        errors += error.data["errors"]
    if errors:
        raise InvalidInput(errors=errors)
    return ContactDraft(
        draft.purpose, draft.asker, draft.next_step, draft.topics, draft.resources, note
    )


def _within(values: Collection[str], allowed: Collection[str]) -> bool:
    return all(value in allowed for value in values)
