"""Asking for a person, waiting for one, and going back to the bot.

The order is fixed: the bot's last words, the change of control, "a person will join", the alert.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from availability.state import ServiceState, service_state
from conversations.access.waits import queue_position, wait_minutes
from conversations.digests import request_digest
from conversations.errors import ClientIdReused, ConversationClosed, NotQueued
from conversations.models import Control, Handoff, HandoffOutcomeKind, Kind, Message
from conversations.results import HandoffOutcome
from conversations.services import offers
from conversations.services.asides import answer_aside
from conversations.services.notices import say_notice
from conversations.services.safety_replies import verdict_on
from conversations.services.unit import Unit, unit
from conversations.wording import client_id_of, short
from safety import Verdict

LONGEST_REASON = 500


def request_handoff(
    conversation_id: uuid.UUID | str,
    *,
    client_id: str | None = None,
    reason: str | None = None,
    verdict: Verdict | None = None,
) -> HandoffOutcome:
    """Queue a conversation for a specialist, or offer a callback when nobody can join.

    Asking again changes nothing: neither with the same client id nor while waiting or talking.

    Args:
        conversation_id: the conversation.
        client_id: the request's own id, if it has one.
        reason: why, in the visitor's words.
        verdict: what `verdict_on` says of the reason; None to have it read here.

    Raises:
        UnknownConversation: there is none with that id.
        ConversationClosed: it takes no requests; carries `safety` where the reason calls for it.
        ClientIdReused: the same client id came with another reason; carries `safety`, too.
        InvalidInput: the reason is too long.
    """
    words = short("reason", reason, LONGEST_REASON)
    known_as = client_id_of(client_id) if client_id is not None else None
    digest = request_digest(handoff=words)
    read = verdict or verdict_on(words)
    with unit(conversation_id) as work:
        before = _handoff_known_as(work, known_as)
        if before is not None and before.request_digest == digest:
            return _repeated(work, before)
        # What a refused reason tells of is answered and flagged all the same.
        safety_messages, finding = answer_aside(work, read)
        if before is None and work.conversation.control != Control.CLOSED:
            outcome = hand_off(
                work,
                asked_by="visitor",
                reason=words,
                client_id=known_as,
                digest=digest,
                said=safety_messages,
            )
            outcome.messages[:0] = safety_messages
            return outcome
    raise ClientIdReused(safety=finding) if before else ConversationClosed(safety=finding)


def _handoff_known_as(work: Unit, client_id: str | None) -> Handoff | None:
    if client_id is None:
        return None
    return Handoff.objects.filter(conversation=work.conversation, client_id=client_id).first()


def _repeated(work: Unit, before: Handoff) -> HandoffOutcome:
    messages = list(
        work.conversation.messages.filter(seq__gte=before.first_seq, seq__lte=before.last_seq)
        if before.first_seq
        else []
    )
    is_offer = before.outcome == HandoffOutcomeKind.CALLBACK_OFFERED
    if is_offer and work.conversation.control == Control.BOT:
        return _offer(service_state(work.now), messages, is_repeat=True)
    return standing(work, messages)


def standing(work: Unit, messages: list[Message] | None = None) -> HandoffOutcome:
    """Where a conversation stands now, as the answer to a request that changed nothing."""
    position = queue_position(work.conversation)
    return HandoffOutcome(
        control=work.conversation.control,
        queue_position=position,
        wait_minutes=wait_minutes(position, work.now) if position else None,
        messages=messages or [],
        is_repeat=True,
    )


def hand_off(
    work: Unit,
    *,
    asked_by: str,
    reason: str = "",
    in_reply_to: Message | None = None,
    client_id: str | None = None,
    digest: str = "",
    said: Sequence[Message] = (),
) -> HandoffOutcome:
    """Do what asking for a person leads to, inside a running unit of work.

    Args:
        work: the unit of work on the conversation.
        asked_by: "visitor" or "bot".
        reason: why, in the visitor's words, or "".
        in_reply_to: the visitor's message that asked, if one did.
        client_id: the request's own id, if it had one; with `digest`, what it said.
        digest: see `client_id`.
        said: what the request called for besides; a repeated one is answered with it, too.

    Raises:
        ConversationClosed: nobody joins a closed conversation.
    """
    control = work.conversation.control
    if control == Control.CLOSED:
        raise ConversationClosed
    work.active()
    asked = Handoff(
        conversation=work.conversation,
        client_id=client_id,
        request_digest=digest,
        asked_by=asked_by,
        reason=reason,
        created_at=work.now,
    )
    if control in (Control.QUEUE, Control.SPECIALIST):
        asked.outcome = HandoffOutcomeKind.ALREADY
        if said:
            asked.first_seq, asked.last_seq = said[0].seq, said[-1].seq
        asked.save()
        return standing(work)
    state = service_state(work.now)
    outcome = (
        _queue(work, asked, in_reply_to)
        if state.can_reach_person
        else _offer_callback(work, asked, state, in_reply_to)
    )
    asked.last_seq = outcome.messages[0].seq
    asked.first_seq = said[0].seq if said else asked.last_seq
    asked.save()
    return outcome


def _queue(work: Unit, asked: Handoff, in_reply_to: Message | None) -> HandoffOutcome:
    conversation = work.conversation
    conversation.queued_at = work.now
    conversation.handoff_reason = asked.reason
    work.move(Control.QUEUE, "control.queued", actor=asked.asked_by, asked_by=asked.asked_by)
    position = queue_position(conversation) or 1
    asked.outcome = HandoffOutcomeKind.QUEUED
    asked.position = position
    notice = say_notice(
        work,
        "handoff_queued",
        kind=Kind.HANDOFF,
        in_reply_to=in_reply_to,
        offers=offers.own(offers.ASK_WHILE_WAITING, offers.CALLBACK, offers.BACK_TO_BOT),
        position=str(position),
    )
    return HandoffOutcome(
        control=conversation.control,
        queue_position=position,
        wait_minutes=wait_minutes(position, work.now),
        messages=[notice],
    )


def _offer_callback(
    work: Unit, asked: Handoff, state: ServiceState, in_reply_to: Message | None
) -> HandoffOutcome:
    asked.outcome = HandoffOutcomeKind.CALLBACK_OFFERED
    # Closed with no opening in sight: nothing can be said about when.
    slots = state.slots(work.conversation.time_zone)
    name = "callback_offer_closed" if "opens_at" in slots else "callback_offer_nobody"
    notice = say_notice(
        work,
        name,
        kind=Kind.HANDOFF,
        in_reply_to=in_reply_to,
        offers=offers.own(offers.CALLBACK),
        **slots,
    )
    # Like a fallback it has offered people: a plain "no" after it wants nothing more.
    work.conversation.fallbacks_in_a_row = 1
    work.audit(
        "handoff.callback_offered",
        actor=asked.asked_by,
        asked_by=asked.asked_by,
        is_open=state.is_open,
        is_staffed=state.is_staffed,
    )
    return _offer(state, [notice])


def _offer(
    state: ServiceState, messages: list[Message], *, is_repeat: bool = False
) -> HandoffOutcome:
    return HandoffOutcome(
        control=Control.BOT,
        offer=offers.CALLBACK,
        opens_at=state.opens_at,
        messages=messages,
        is_repeat=is_repeat,
    )


def keep_waiting(
    conversation_id: uuid.UUID | str, *, in_reply_to: Message | None = None
) -> list[Message]:
    """Note that a visitor goes on waiting; the place in the queue stays.

    Raises:
        UnknownConversation: there is none with that id.
        NotQueued: it is not waiting.
    """
    with unit(conversation_id) as work:
        return go_on_waiting(work, in_reply_to)


def go_on_waiting(
    work: Unit, in_reply_to: Message | None = None, *, kind: Kind = Kind.NOTICE
) -> list[Message]:
    """`keep_waiting` inside a running unit of work; kind handoff where a person was asked for."""
    _require_queued(work)
    work.active()
    work.conversation.queue_reminded_at = work.now
    state = service_state(work.now)
    if not state.is_staffed:
        return [say_nobody_works(work, state, in_reply_to, kind=kind)]
    position = str(queue_position(work.conversation))
    return [say_notice(work, "kept_waiting", kind=kind, in_reply_to=in_reply_to, position=position)]


def say_nobody_works(
    work: Unit,
    state: ServiceState,
    in_reply_to: Message | None = None,
    *,
    kind: Kind = Kind.NOTICE,
) -> Message:
    """Tell a waiting visitor that nobody is there now, when people are back, and every way on."""
    live = state.slots(work.conversation.time_zone)
    name = "queue_closed" if not state.is_open and "opens_at" in live else "queue_nobody"
    ways = ways_on()
    return say_notice(work, name, kind=kind, in_reply_to=in_reply_to, offers=ways, **live)


def ways_on() -> list[offers.Offer]:
    """What a visitor who waits may do; nobody is taken out of the queue by being offered it."""
    return offers.own(
        offers.KEEP_WAITING, offers.ASK_WHILE_WAITING, offers.CALLBACK, offers.BACK_TO_BOT
    )


def ask_while_waiting(
    conversation_id: uuid.UUID | str, *, in_reply_to: Message | None = None
) -> list[Message]:
    """Let the bot answer while a visitor waits; the place in the queue stays.

    Raises:
        UnknownConversation: there is none with that id.
        NotQueued: it is not waiting.
    """
    with unit(conversation_id) as work:
        return let_bot_answer(work, in_reply_to)


def let_bot_answer(work: Unit, in_reply_to: Message | None = None) -> list[Message]:
    """`ask_while_waiting` inside a running unit of work."""
    _require_queued(work)
    work.active()
    if not work.conversation.asks_while_waiting:
        work.conversation.asks_while_waiting = True
        work.audit("queue.asks_while_waiting", actor="visitor")
    position = str(queue_position(work.conversation))
    return [say_notice(work, "ask_while_waiting_on", in_reply_to=in_reply_to, position=position)]


def leave_queue(
    conversation_id: uuid.UUID | str, *, in_reply_to: Message | None = None
) -> list[Message]:
    """Take a waiting visitor back to the bot, at their own wish.

    Raises:
        UnknownConversation: there is none with that id.
        NotQueued: it is not waiting.
    """
    with unit(conversation_id) as work:
        return return_to_bot(work, in_reply_to)


def return_to_bot(work: Unit, in_reply_to: Message | None = None) -> list[Message]:
    """`leave_queue` inside a running unit of work."""
    _require_queued(work)
    work.active()
    work.conversation.queued_at = None
    work.move(Control.BOT, "control.left_queue", actor="visitor")
    work.new_bot_session()
    return [
        say_notice(work, "queue_left", in_reply_to=in_reply_to, offers=offers.own(offers.HANDOFF))
    ]


def _require_queued(work: Unit) -> None:
    if work.conversation.control == Control.CLOSED:
        raise ConversationClosed
    if work.conversation.control != Control.QUEUE:
        raise NotQueued
