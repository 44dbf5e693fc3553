"""Callbacks and left questions: promised to a visitor, then worked to their end by staff."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

import audit
from availability.due import due_after
from conversations.contact_points import read_email, read_phone
from conversations.digests import request_digest
from conversations.errors import (
    CallbackDone,
    CallbackTaken,
    ClientIdReused,
    InvalidInput,
    NotAllowed,
    UnknownCallback,
)
from conversations.models import (
    MAIL_ON_ITS_WAY,
    MAIL_RETURNED,
    AttemptChannel,
    AttemptResult,
    CallbackAttempt,
    CallbackKind,
    CallbackOutcome,
    CallbackRequest,
    CallbackState,
    Control,
    Conversation,
    Handoff,
    HandoffOutcomeKind,
    Mail,
    MailKind,
    MailState,
    Message,
    Sender,
)
from conversations.results import ScheduledCallback
from conversations.services.asides import answer_aside
from conversations.services.notices import say_notice
from conversations.services.safety_replies import verdict_on
from conversations.services.unit import Unit, as_id, unit
from conversations.wording import cleaned, client_id_of, short
from safety import Verdict
from staff.access import may_chat
from staff.models import User

LONGEST = {"name": 120, "preferred_time": 200, "topic": 1000}
LONGEST_NOTE = 1000
# Of a question that was left: as much as its column holds; the transcript has the rest.
LONGEST_QUESTION = 4000
# One family's, in one conversation: more would bury those of others.
MOST_OPEN = 5
_FULL = (
    "we have several requests of yours that are not done yet; somebody will contact you about "
    "them, and you can tell them then what else there is"
)
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
    kind: str = CallbackKind.CALLBACK,
    verdict: Verdict | None = None,
) -> ScheduledCallback:
    """Promise a visitor to be contacted; works in a closed conversation too.

    Args:
        conversation_id: the conversation.
        client_id: the request's own id; the same again changes nothing.
        name: how to address the visitor.
        phone: with `email`, where to reach them; one of the two is needed.
        email: see `phone`.
        preferred_time: when it suits them, in their own words.
        topic: what it is about. Of a question without any, what they wrote since they asked for
            a person stands in its place, so that nobody has to type it twice.
        kind: "callback", or "question" for an answer to what is left behind.
        verdict: what `verdict_on` says of topic and preferred time; None to have them read here.

    Raises:
        UnknownConversation: there is none with that id.
        InvalidInput: neither phone number nor address, or one that cannot be used.
            Or `MOST_OPEN` of the conversation are still to do; that carries `safety` where the
            topic calls for it.
        ClientIdReused: the same client id came with other fields; carries `safety`, too.
    """
    known_as = client_id_of(client_id)
    zones = Conversation.objects.filter(pk=as_id(conversation_id)).values_list(
        "time_zone", flat=True
    )
    fields = _callback_fields(
        {"name": name, "preferred_time": preferred_time, "topic": topic, "kind": kind},
        phone=phone,
        email=email,
        time_zone=zones.first() or "",
    )
    # Of a plain callback the digest is what it was before there were kinds.
    digest = request_digest(**{k: v for k, v in fields.items() if v != CallbackKind.CALLBACK})
    read = verdict or verdict_on("\n\n".join(filter(None, (topic, preferred_time))))
    with unit(conversation_id) as work:
        known = CallbackRequest.objects.filter(
            conversation=work.conversation, client_id=known_as
        ).first()
        if known is not None and known.request_digest == digest:
            return ScheduledCallback(known, [], is_repeat=True)
        # What a refused topic tells of is answered and flagged all the same.
        messages, finding = answer_aside(work, read)
        is_full = known is None and _open_requests(work) >= MOST_OPEN
        if known is None and not is_full:
            if fields["kind"] == CallbackKind.QUESTION and not fields["topic"]:
                fields["topic"] = _words_left(work)
            callback = _new_callback(work, known_as, digest, fields)
            work.audit("callback.scheduled", actor="visitor", reference=callback.reference)
            work.is_changed = True
            if work.conversation.control != Control.CLOSED:
                work.active()
                messages.append(say_notice(work, "callback_saved", reference=callback.reference))
            return ScheduledCallback(callback, messages, is_repeat=False, safety=finding)
    if is_full:
        raise InvalidInput(errors=[{"field": "kind", "message": _FULL}], safety=finding)
    raise ClientIdReused(safety=finding)


def _open_requests(work: Unit) -> int:
    return CallbackRequest.objects.filter(
        conversation=work.conversation, state=CallbackState.OPEN
    ).count()


def _callback_fields(
    long: dict[str, str], *, phone: str, email: str, time_zone: str
) -> dict[str, str]:
    errors: list[dict[str, str]] = []
    fields = {"phone": "", "email": "", "kind": long.pop("kind")}
    if fields["kind"] not in CallbackKind.values:
        errors.append({"field": "kind", "message": 'must be "callback" or "question"'})
    for field, value in long.items():
        try:
            fields[field] = short(field, value, LONGEST[field])
        except InvalidInput as error:
            errors += error.data["errors"]
    for field in ("phone", "email"):
        try:
            fields[field] = (
                read_phone(phone, time_zone=time_zone) if field == "phone" else read_email(email)
            )
        except ValueError as error:
            errors.append({"field": field, "message": str(error)})
    if not errors and not fields["phone"] and not fields["email"]:
        message = "leave a phone number or an email address"
        errors.append({"field": "phone", "message": message})
    if errors:
        raise InvalidInput(errors=errors)
    return fields


def _words_left(work: Unit) -> str:
    """What the visitor typed since they asked for a person, or last, where that is nothing."""
    # A tapped choice was read by no safety guard: its words are ours.
    typed = Message.objects.filter(
        conversation=work.conversation, sender=Sender.VISITOR, safety_verdict__isnull=False
    )
    asked = _asked_first(work)
    words = [asked.reason] if asked and asked.reason else []
    if asked:
        words += (
            typed.filter(seq__gt=asked.first_seq).order_by("seq").values_list("text", flat=True)
        )
    if not words:
        words += typed.order_by("-seq").values_list("text", flat=True)[:1]
    return "\n\n".join(words)[-LONGEST_QUESTION:].strip()


def _asked_first(work: Unit) -> Handoff | None:
    """The request for a person that what is left now began with.

    Asking again while waiting begins nothing, nor does a specialist who leaves; nor does asking
    again where a callback was offered before.
    """
    asked = (
        Handoff.objects.filter(conversation=work.conversation)
        .exclude(outcome=HandoffOutcomeKind.ALREADY)
        .exclude(asked_by="specialist")
    )
    first = None
    for each in asked.order_by("-created_at", "-pk"):
        if each.outcome == HandoffOutcomeKind.QUEUED:
            return first or each
        first = each
    return first


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
                    due_at=due_after(work.now, timedelta(hours=settings.FOLLOW_UP_HOURS)),
                    **fields,
                )
        except IntegrityError:
            if not CallbackRequest.objects.filter(reference=f"{code[:4]}-{code[4:]}").exists():
                raise


# What staff do


@contextmanager
def working(callback_id: int, by: User) -> Iterator[tuple[Unit, CallbackRequest]]:
    """Lock the conversation of a callback and hand out both.

    Raises:
        NotAllowed: the account is no specialist's.
        UnknownCallback: there is none with that id.
    """
    if not may_chat(by):
        raise NotAllowed
    row = CallbackRequest.objects.filter(pk=callback_id).values_list("conversation_id").first()
    if row is None:
        raise UnknownCallback
    with unit(row[0]) as work:
        callback = CallbackRequest.objects.select_related("owner").filter(pk=callback_id).first()
        if callback is None:
            raise UnknownCallback
        yield work, callback


def take_callback(callback_id: int, *, by: User, from_owner: int | None = None) -> CallbackRequest:
    """Take an open callback to work on; of several who try, one succeeds.

    Args:
        callback_id: the callback.
        by: who takes it.
        from_owner: the account that had it when `by` last looked, None for nobody: so that
            nothing is taken from a colleague unawares, and nothing stays with one who is away.

    Raises:
        NotAllowed, UnknownCallback: as for every work on a callback.
        CallbackTaken: somebody else has it by now.
        CallbackDone: it was worked to its end.
    """
    with working(callback_id, by) as (work, callback):
        # One conditional update decides who is first.
        won = CallbackRequest.objects.filter(
            pk=callback_id, state=CallbackState.OPEN, owner=from_owner
        ).update(owner=by)
        if not won:
            _require_open(callback)
            if callback.owner_id != by.pk:
                raise _taken_by(callback)
            return callback
        callback.owner = by
        if from_owner != by.pk:
            before = f"staff:{from_owner}" if from_owner else ""
            _note(work, callback, "callback.taken", by, **{"from": before})
        return callback


def hand_callback(callback_id: int, *, by: User, to: User) -> CallbackRequest:
    """Hand a callback to a colleague, who owns it from then on.

    Raises:
        NotAllowed: one of the two accounts is no specialist's.
        UnknownCallback, CallbackTaken, CallbackDone: as for taking it.
    """
    if not may_chat(to):
        raise NotAllowed("That account is no specialist's.")
    with working(callback_id, by) as (work, callback):
        require_mine_or_free(callback, by)
        if callback.owner_id != to.pk:
            _store(callback, owner=to)
            _note(work, callback, "callback.handed_over", by, to=audit.staff_actor(to))
        return callback


def give_back_callback(callback_id: int, *, by: User) -> CallbackRequest:
    """Leave a callback to whoever takes it next.

    Raises:
        NotAllowed, UnknownCallback, CallbackTaken, CallbackDone: as for taking it.
    """
    with working(callback_id, by) as (work, callback):
        require_mine_or_free(callback, by)
        if callback.owner_id is not None:
            _store(callback, owner=None)
            _note(work, callback, "callback.given_back", by)
        return callback


def note_attempt(
    callback_id: int, *, by: User, channel: str, result: str, note: str = ""
) -> CallbackAttempt:
    """Note a try to reach the visitor; who tries on a callback without owner owns it.

    Raises:
        NotAllowed, UnknownCallback, CallbackTaken, CallbackDone: as for taking it.
        InvalidInput: a channel or result that there is not, or a note that is too long.
    """
    words = short("note", note, LONGEST_NOTE)
    _require_one_of(channel=(channel, AttemptChannel.values), result=(result, AttemptResult.values))
    with working(callback_id, by) as (work, callback):
        require_mine_or_free(callback, by)
        own(work, callback, by)
        return add_attempt(work, callback, by, channel=channel, result=result, note=words)


def add_attempt(
    work: Unit, callback: CallbackRequest, by: User, *, channel: str, result: str, note: str = ""
) -> CallbackAttempt:
    """`note_attempt` inside a running unit of work, without its checks."""
    attempt = CallbackAttempt.objects.create(
        callback=callback, by=by, channel=channel, result=result, note=note, created_at=work.now
    )
    _note(work, callback, "callback.attempted", by, channel=channel, result=result)
    return attempt


def complete_callback(
    callback_id: int, *, by: User, outcome: str, note: str = ""
) -> CallbackRequest:
    """Note how a callback ended; again changes nothing.

    An answer by mail that waits, for its reader or to be tried again, is given back: it would
    come after the end.

    Raises:
        NotAllowed, UnknownCallback: as for taking it.
        CallbackTaken: as for taking it, or its answer is being sent at this moment.
        InvalidInput: an outcome that there is not, or a note that is too long.
    """
    words = short("note", note, LONGEST_NOTE)
    _require_one_of(outcome=(outcome, CallbackOutcome.values))
    with working(callback_id, by) as (work, callback):
        if callback.state != CallbackState.DONE:
            require_mine_or_free(callback, by)
            own(work, callback, by)
            waiting = callback.mails.filter(kind=MailKind.ANSWER, state__in=MAIL_ON_ITS_WAY)
            for mail in waiting:
                give_back_mail(work, mail, by)
            end_callback(work, callback, by, outcome=outcome, note=words)
        return callback


def give_back_mail(work: Unit, mail: Mail, by: User) -> None:
    """Give an answer back unsent, inside a running unit of work.

    Raises:
        CallbackTaken: it is being sent at this moment.
    """
    free = Q(leased_until=None) | Q(leased_until__lte=work.now)
    # A worker takes a mail without the conversation's lock: whoever is first has it.
    is_won = Mail.objects.filter(free, pk=mail.pk, state__in=MAIL_ON_ITS_WAY).update(
        state=MailState.FAILED, failure=MAIL_RETURNED, next_try_at=None
    )
    if not is_won:
        raise CallbackTaken("The answer is being sent at this moment. Look again soon.", owner="")
    mail.refresh_from_db(fields=["state", "failure", "next_try_at"])
    is_own = mail.author_id == by.pk
    work.audit("mail.returned", actor=audit.staff_actor(by), is_own=is_own)


def end_callback(
    work: Unit, callback: CallbackRequest, by: User, *, outcome: str, note: str = ""
) -> None:
    """`complete_callback` inside a running unit of work, without its checks."""
    _store(callback, state=CallbackState.DONE, outcome=outcome, outcome_note=note, done_at=work.now)
    _note(work, callback, "callback.done", by, outcome=outcome)


def reopen_callback(callback_id: int, *, by: User) -> CallbackRequest:
    """Open a callback again that was marked as done by mistake, for whoever opens it.

    Raises:
        NotAllowed, UnknownCallback: as for every work on a callback.
    """
    with working(callback_id, by) as (work, callback):
        if callback.state == CallbackState.DONE:
            _store(
                callback,
                state=CallbackState.OPEN,
                outcome="",
                done_at=None,
                reopened_at=work.now,
                owner=by,
            )
            _note(work, callback, "callback.reopened", by)
        return callback


def _require_open(callback: CallbackRequest) -> None:
    if callback.state != CallbackState.OPEN:
        raise CallbackDone


def require_mine_or_free(callback: CallbackRequest, by: User) -> None:
    """Refuse work on what is done, or on what a colleague owns.

    Raises:
        CallbackDone, CallbackTaken: as they say.
    """
    _require_open(callback)
    if callback.owner_id not in (None, by.pk):
        raise _taken_by(callback)


def _taken_by(callback: CallbackRequest) -> CallbackTaken:
    if callback.owner is None:
        return CallbackTaken("Nobody has this any more. Look again, then take it.", owner="")
    name = callback.owner.shown_name
    return CallbackTaken(f"{name} works on this by now.", owner=name)


def _require_one_of(**fields: tuple[str, list[str]]) -> None:
    errors = [
        {"field": field, "message": f"must be one of {', '.join(allowed)}"}
        for field, (value, allowed) in fields.items()
        if cleaned(value) not in allowed
    ]
    if errors:
        raise InvalidInput(errors=errors)


def own(work: Unit, callback: CallbackRequest, by: User) -> None:
    """Make whoever works on a callback that nobody owns its owner."""
    if callback.owner_id is None:
        _store(callback, owner=by)
        _note(work, callback, "callback.taken", by, **{"from": ""})


def _store(callback: CallbackRequest, **values: object) -> None:
    for field, value in values.items():
        setattr(callback, field, value)
    callback.save(update_fields=list(values))


def _note(
    work: Unit, callback: CallbackRequest, kind: str, by: User, **data: audit.AuditValue
) -> None:
    actor = audit.staff_actor(by)
    work.audit(kind, actor=actor, reference=callback.reference, **data)
    work.is_changed = True
