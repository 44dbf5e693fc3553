"""Callbacks, feedback and surveys."""

from __future__ import annotations

import secrets
import uuid

import phonenumbers
from django.db import IntegrityError, transaction
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

import audit
from conversations.digests import request_digest
from conversations.errors import ClientIdReused, InvalidInput, UnknownCallback, UnknownMessage
from conversations.models import (
    CallbackRequest,
    CallbackState,
    Control,
    Feedback,
    Message,
    Sender,
    Survey,
)
from conversations.results import RecordedSurvey, SafetyFinding, ScheduledCallback
from conversations.services.asides import read_aside
from conversations.services.notices import say_notice
from conversations.services.unit import Unit, unit
from conversations.wording import cleaned, client_id_of, short
from staff.models import User

REGION = "US"  # How a number without a country code is read.
LONGEST = {"name": 120, "preferred_time": 200, "topic": 1000, "comment": 1000}
# Without the letters and digits that are mistaken for each other on the phone.
_REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_REFERENCE_LENGTH = 8


def schedule_callback(
    conversation_id: uuid.UUID | str,
    *,
    client_id: str,
    name: str = "",
    phone: str = "",
    email: str = "",
    preferred_time: str = "",
    topic: str = "",
) -> ScheduledCallback:
    """Promise a visitor to be contacted; works in a closed conversation too.

    Raises:
        UnknownConversation: there is none with that id.
        InvalidInput: neither phone number nor address, or one that cannot be used.
        ClientIdReused: the same client id came with other fields.
    """
    known_as = client_id_of(client_id)
    fields = _callback_fields(name, phone, email, preferred_time, topic)
    digest = request_digest(**fields)
    with unit(conversation_id) as work:
        known = CallbackRequest.objects.filter(
            conversation=work.conversation, client_id=known_as
        ).first()
        if known is not None:
            if known.request_digest != digest:
                raise ClientIdReused
            return ScheduledCallback(known, [], is_repeat=True)
        messages, finding = read_aside(work, fields["topic"])
        callback = _new_callback(work, known_as, digest, fields)
        work.audit("callback.scheduled", actor="visitor", reference=callback.reference)
        work.is_changed = True
        if work.conversation.control != Control.CLOSED:
            work.active()
            messages.append(say_notice(work, "callback_saved", reference=callback.reference))
        return ScheduledCallback(callback, messages, is_repeat=False, safety=finding)


def _callback_fields(
    name: str, phone: str, email: str, preferred_time: str, topic: str
) -> dict[str, str]:
    errors: list[dict[str, str]] = []
    fields = {"phone": "", "email": ""}
    long = {"name": name, "preferred_time": preferred_time, "topic": topic}
    for field, value in long.items():
        try:
            fields[field] = short(field, value, LONGEST[field])
        except InvalidInput as error:
            errors += error.data["errors"]
    for field, read, value in (("phone", phone_of, phone), ("email", email_of, email)):
        try:
            fields[field] = read(value)
        except ValueError as error:
            errors.append({"field": field, "message": str(error)})
    if not errors and not fields["phone"] and not fields["email"]:
        message = "leave a phone number or an email address"
        errors.append({"field": "phone", "message": message})
    if errors:
        raise InvalidInput(errors=errors)
    return fields


def phone_of(value: str) -> str:
    """A phone number as +12125550100; "" for an empty one.

    Raises:
        ValueError: nobody can call this; in words for the visitor.
    """
    words = cleaned(value)
    if not words:
        return ""
    problem = "check the phone number; write it with area code, such as 212 555 0100"
    try:
        number = phonenumbers.parse(words, REGION)
    except phonenumbers.NumberParseException:
        raise ValueError(problem) from None
    if len(words) > 40 or not phonenumbers.is_possible_number(number):
        raise ValueError(problem)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_of(value: str) -> str:
    """An email address in its usual form; "" for an empty one. Nothing is looked up.

    Raises:
        ValueError: nobody can write to this; in words for the visitor.
    """
    words = cleaned(value)
    if not words:
        return ""
    try:
        return validate_email(words, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("check the email address; it looks like name@example.org") from None


def _new_callback(
    work: Unit, client_id: str, digest: str, fields: dict[str, str]
) -> CallbackRequest:
    while True:
        code = "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(_REFERENCE_LENGTH))
        try:
            with transaction.atomic():
                return CallbackRequest.objects.create(
                    conversation=work.conversation,
                    client_id=client_id,
                    request_digest=digest,
                    reference=f"{code[:4]}-{code[4:]}",
                    created_at=work.now,
                    **fields,
                )
        except IntegrityError:
            if not CallbackRequest.objects.filter(reference=f"{code[:4]}-{code[4:]}").exists():
                raise


def complete_callback(callback_id: int, *, by: User) -> CallbackRequest:
    """Note that a callback was worked to its end; again changes nothing.

    Raises:
        UnknownCallback: there is none with that id.
    """
    row = CallbackRequest.objects.filter(pk=callback_id).values_list("conversation_id").first()
    if row is None:
        raise UnknownCallback
    with unit(row[0]) as work:
        callback = CallbackRequest.objects.get(pk=callback_id)
        if callback.state != CallbackState.DONE:
            callback.state = CallbackState.DONE
            callback.done_at = work.now
            callback.save(update_fields=["state", "done_at"])
            actor = audit.staff_actor(by)
            work.audit("callback.done", actor=actor, reference=callback.reference)
            work.is_changed = True
        return callback


def give_feedback(
    conversation_id: uuid.UUID | str,
    message_id: uuid.UUID | str,
    *,
    is_helpful: bool,
    comment: str = "",
) -> SafetyFinding | None:
    """Note whether something the bot said helped; a later judgement replaces an earlier one.

    Returns:
        What the comment calls for, where it describes an emergency or a crisis.

    Raises:
        UnknownConversation: there is none with that id.
        UnknownMessage: the bot said nothing under that id in it.
        InvalidInput: the comment is too long.
    """
    words = short("comment", comment, LONGEST["comment"])
    with unit(conversation_id) as work:
        message = _bot_message(work, message_id)
        Feedback.objects.update_or_create(
            message=message,
            defaults={"is_helpful": is_helpful, "comment": words, "created_at": work.now},
        )
        work.is_changed = True
        return read_aside(work, words)[1]


def _bot_message(work: Unit, message_id: uuid.UUID | str) -> Message:
    try:
        pk = uuid.UUID(str(message_id))
    except ValueError:
        raise UnknownMessage from None
    said = Message.objects.filter(conversation=work.conversation, sender=Sender.BOT, pk=pk)
    message = said.first()
    if message is None:
        raise UnknownMessage
    return message


def record_survey(
    conversation_id: uuid.UUID | str,
    *,
    client_id: str,
    about: str,
    score: int,
    comment: str = "",
) -> RecordedSurvey:
    """Note a visitor's score of the bot or of the specialist.

    Raises:
        UnknownConversation: there is none with that id.
        InvalidInput: a score or subject that there is not, or a comment that is too long.
        ClientIdReused: the same client id came with another judgement.
    """
    words = short("comment", comment, LONGEST["comment"])
    known_as = client_id_of(client_id)
    errors = []
    if about not in ("bot", "specialist"):
        errors.append({"field": "about", "message": 'must be "bot" or "specialist"'})
    if not 1 <= score <= 5:
        errors.append({"field": "score", "message": "must be between 1 and 5"})
    if errors:
        raise InvalidInput(errors=errors)
    digest = request_digest(about=about, score=score, comment=words)
    with unit(conversation_id) as work:
        known = Survey.objects.filter(conversation=work.conversation, client_id=known_as).first()
        if known is not None:
            if known.request_digest != digest:
                raise ClientIdReused
            return RecordedSurvey(known, is_repeat=True)
        survey = Survey.objects.create(
            conversation=work.conversation,
            client_id=known_as,
            request_digest=digest,
            about=about,
            score=score,
            comment=words,
            created_at=timezone.now(),
        )
        work.is_changed = True
        return RecordedSurvey(survey, is_repeat=False, safety=read_aside(work, words)[1])
