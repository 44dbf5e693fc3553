"""Taking in what a visitor writes or taps."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from conversations import texts
from conversations.access.messages import replies_to
from conversations.digests import request_digest
from conversations.errors import (
    ClientIdReused,
    ConversationClosed,
    DeskError,
    InvalidInput,
    TextEmpty,
    TextTooLong,
    UnknownChoice,
)
from conversations.models import Choice, Control, Kind, Message, Sender, Turn, TurnState
from conversations.results import Accepted, Lease, SafetyFinding
from conversations.services import handoff, offers, safety_replies
from conversations.services.notices import say_notice
from conversations.services.ordinals import named_by_place
from conversations.services.plain_yes import agreed_to, has_contact_point
from conversations.services.unit import Unit, unit
from conversations.wording import LONGEST_TEXT, cleaned, client_id_of
from safety import Verdict


@dataclass(frozen=True)
class _Request:
    """What came in: a typed text, or the id of a choice."""

    client_id: str
    text: str
    choice_id: str | None
    digest: str
    verdict: Verdict
    request_id: str
    lease: Lease | None


def accept_visitor_message(
    conversation_id: uuid.UUID | str,
    *,
    client_id: str,
    text: str | None = None,
    choice_id: str | None = None,
    verdict: Verdict | None = None,
    request_id: str = "",
    lease: Lease | None = None,
) -> Accepted:
    """Store a visitor's message, with the safety reply it calls for and the bot's duty to answer.

    The same client id again stores nothing and hands back what came of it the first time.

    Args:
        conversation_id: the conversation.
        client_id: the sender's own id of this message.
        text: what was typed; or
        choice_id: the id of a tapped choice, whose title is stored as the text.
        verdict: what `verdict_on` says of this text; None to have it read here.
        request_id: the id of the request, for the turn's records.
        lease: taken on the turn at once, unless an earlier one has to go first; for a caller who
            works on it without delay.

    Raises:
        UnknownConversation: there is none with that id.
        ConversationClosed, TextEmpty, TextTooLong, UnknownChoice, ClientIdReused: nothing was
            stored. Each carries `safety` where the text described an emergency or a crisis, and
            the conversation is flagged urgent all the same.
        InvalidInput: neither text nor choice, or both; or an impossible client id.
    """
    request = _read(client_id, text, choice_id, verdict, request_id, lease)
    with unit(conversation_id) as work:
        known = Message.objects.filter(
            conversation=work.conversation, client_id=request.client_id
        ).first()
        if known is not None and known.request_digest == request.digest:
            return _repeat(work, known)
        choice = _choice(work, request)
        refusal = ClientIdReused() if known is not None else _refusal(work, request, choice)
        if refusal is None:
            return _accept(work, request, choice)
        refusal.safety = safety_replies.finding(work, request.verdict)
    raise refusal


def note_refused_text(conversation_id: uuid.UUID | str, verdict: Verdict) -> SafetyFinding | None:
    """Note what a text says that is refused for a reason of the gateway's own, such as haste.

    Args:
        conversation_id: the conversation.
        verdict: what `verdict_on` says of the text.

    Returns:
        What it calls for, with the conversation flagged urgent; None when it calls for nothing.

    Raises:
        UnknownConversation: there is none with that id.
    """
    if not verdict.kind:
        return None
    with unit(conversation_id) as work:
        return safety_replies.finding(work, verdict)


def answer_lost_text(verdict: Verdict) -> SafetyFinding | None:
    """What a text calls for whose conversation is not there, or not for whoever sent it.

    A chat may have been erased in another window, or have expired, while somebody writes of an
    emergency in it. The answer depends on the text alone, so it tells nobody which conversations
    exist.
    """
    return safety_replies.finding_without_conversation(verdict, timezone.now(), texts.LANGUAGE)


def _read(
    client_id: str,
    text: str | None,
    choice_id: str | None,
    verdict: Verdict | None,
    request_id: str,
    lease: Lease | None,
) -> _Request:
    if (text is None) == (choice_id is None):
        message = "send either text or choice"
        raise InvalidInput(errors=[{"field": "text", "message": message}])
    words = cleaned(text or "")
    return _Request(
        client_id=client_id_of(client_id),
        text=words,
        choice_id=choice_id,
        digest=request_digest(text=words if choice_id is None else None, choice=choice_id),
        verdict=verdict or safety_replies.verdict_on(text),
        request_id=request_id,
        lease=lease,
    )


def _choice(work: Unit, request: _Request) -> offers.Offer | None:
    """The choice that was tapped; None for a typed text or an unknown id."""
    if request.choice_id is None:
        return None
    if request.choice_id in offers.TITLES:
        return offers.own(request.choice_id)[0]
    found = (
        Choice.objects.filter(conversation=work.conversation, public_id=request.choice_id)
        .exclude(target="")
        .first()
    )
    return offers.Offer(found.public_id, found.title, found.target) if found else None


def _refusal(work: Unit, request: _Request, choice: offers.Offer | None) -> DeskError | None:
    if work.conversation.control == Control.CLOSED:
        return ConversationClosed()
    if request.choice_id is not None:
        return UnknownChoice() if choice is None else None
    if not request.text:
        return TextEmpty()
    if len(request.text) > LONGEST_TEXT:
        return TextTooLong(max_length=LONGEST_TEXT)
    return None


def _repeat(work: Unit, known: Message) -> Accepted:
    turn = Turn.objects.filter(message=known).first()
    control = known.settled_control or work.conversation.control
    return Accepted(known, replies_to(known.pk), turn, is_repeat=True, control=control)


def _accept(work: Unit, request: _Request, choice: offers.Offer | None) -> Accepted:
    verdict = request.verdict
    message = work.store(
        sender=Sender.VISITOR,
        kind=Kind.TEXT,
        text=choice.title if choice else request.text,
        client_id=request.client_id,
        request_digest=request.digest,
        safety=verdict.kind or "",
        safety_verdict=verdict.as_record() if choice is None else None,
    )
    work.active()
    replies = safety_replies.reply_to(work, message, verdict)
    turn = None
    is_for_bot = _bot_answers(work) and verdict.certainty != "certain"
    if choice is None and is_for_bot:
        choice = named_by_place(work, request.text) or agreed_to(work, request.text)
    if choice is not None and not choice.target:
        replies += _follow_own_choice(work, choice.public_id, message)
    elif is_for_bot:
        turn = Turn.objects.create(
            message=message,
            request_id=request.request_id,
            epoch=work.conversation.epoch,
            choice=choice.target if choice else "",
            created_at=work.now,
            **_leased(work, request.lease),
        )
    if turn is None:
        work.settle(message)
    return Accepted(message, replies, turn, is_repeat=False, control=work.conversation.control)


def _leased(work: Unit, lease: Lease | None) -> dict[str, Any]:
    """The fields of a new turn that say who works on it; none while an earlier one is pending."""
    earlier = Turn.objects.filter(message__conversation=work.conversation, state=TurnState.PENDING)
    if lease is None or earlier.exists():
        return {}
    return {
        "attempts": 1,
        "lease_holder": lease.holder,
        "leased_until": work.now + timedelta(seconds=lease.seconds),
    }


def _bot_answers(work: Unit) -> bool:
    conversation = work.conversation
    return conversation.control == Control.BOT or (
        conversation.control == Control.QUEUE and conversation.asks_while_waiting
    )


def _follow_own_choice(work: Unit, name: str, message: Message) -> list[Message]:
    """Do what one of the desk's own choices means in the present state; never a dead end."""
    control = work.conversation.control
    if name == offers.CALLBACK:
        # Whoever typed where the button stands has no form open yet; tapping this opens it. What
        # was typed into the chat would reach nobody who calls.
        name = "callback_typed" if has_contact_point(message.text) else "callback_form"
        form = offers.own(offers.CALLBACK)
        return [say_notice(work, name, in_reply_to=message, offers=form)]
    if name == offers.STILL_HERE and control != Control.SPECIALIST:
        return [say_notice(work, "still_here", in_reply_to=message)]
    if control == Control.QUEUE:
        return _follow_while_queued(work, name, message)
    if control == Control.SPECIALIST:
        return []  # The title is a message that the specialist reads.
    if name in (offers.HANDOFF, offers.KEEP_WAITING):
        return handoff.hand_off(work, asked_by="visitor", in_reply_to=message).messages
    person = offers.own(offers.HANDOFF)
    return [say_notice(work, "back_to_bot", in_reply_to=message, offers=person)]


def _follow_while_queued(work: Unit, name: str, message: Message) -> list[Message]:
    if name == offers.ASK_WHILE_WAITING:
        return handoff.let_bot_answer(work, message)
    if name == offers.BACK_TO_BOT:
        return handoff.return_to_bot(work, message)
    if name == offers.HANDOFF:
        handoff.hand_off(work, asked_by="visitor", in_reply_to=message)
        return handoff.go_on_waiting(work, message, kind=Kind.HANDOFF)
    return handoff.go_on_waiting(work, message)
