"""The bot's turn: taking it on, storing what came of it, or failing it visibly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from availability.state import service_state
from conversations import texts
from conversations.access.messages import replies_to
from conversations.access.waits import queue_position
from conversations.errors import AnswerRefused, StaleEpoch
from conversations.models import (
    BotRecord,
    Control,
    Kind,
    Message,
    Sender,
    Turn,
    TurnState,
    WithdrawnEntry,
)
from conversations.results import Draft, TurnRecord
from conversations.services import handoff, offers
from conversations.services.notices import say_notice
from conversations.services.unit import Unit, unit

FALLBACK = "utter_fallback"
NO_LIVE_FACTS = "utter_live_facts_unavailable"
BESIDE_SAFETY = "utter_beside_safety"
# What may stand below a text for somebody in a crisis, besides answers and a person.
_KIND_WORDS = ("utter_empathy", "utter_grief")
# What is said right after a danger was told seldom names it again ("maybe I will", "she is asleep
# now"); taken by itself it would get "All right. Take your time."
AFTER_DANGER = "utter_after_danger"
DANGER_TIME = timedelta(minutes=30)
# For how many of the visitor's messages: a danger in doubt was often none.
MESSAGES_AFTER = {"certain": 3, "doubt": 1}
_DEAD_ENDS = ("utter_fallback", "utter_out_of_scope", "utter_out_of_scope_health")
_IDLE_WORDS = ("utter_smalltalk_okay", "utter_smalltalk_goodbye", "utter_clarify_pronoun")
_SAID_ALONE = ("utter_smalltalk_thanks", "utter_grief")
# A death was told. From then on no refusal speaks of a fever to call for, or of other illnesses.
GRIEF, AFTER_LOSS = "utter_grief", "utter_after_loss"
_GRIEF_ENTRIES = ("grief", "grief-groups")
# A dose is refused with whom to call, whoever asks.
_STILL_REFUSED = "utter_refusal_dose"
# A bot that says more than this in one turn talks nonsense.
MOST_DRAFTS = 5
MOST_CANDIDATES = 5
# Failures that mean the bot is away, not that it failed at this one message.
AWAY = frozenset({"unreachable", "timeout", "not_ready", "circuit_open"})
_RESPONSE_KINDS = {
    "clarify": Kind.CLARIFY,
    "refusal": Kind.REFUSAL,
    "smalltalk": Kind.SMALLTALK,
    "fallback": Kind.FALLBACK,
}


def claim_turn(turn_id: int, *, holder: str, seconds: float) -> Turn | None:
    """Take a pending turn on for a while, so that nobody else works on it.

    A conversation's turns are worked on one by one, oldest first.

    Returns:
        The turn with its message and conversation, one attempt further; None when it is finished
        or erased, when somebody else holds it, or when an older one has to go first.
    """
    found = Turn.objects.filter(pk=turn_id).values_list("message__conversation_id").first()
    if found is None:
        return None
    with unit(found[0]) as work:
        turn = (
            Turn.objects.filter(message__conversation=work.conversation, state=TurnState.PENDING)
            .select_related("message__conversation")
            .order_by("message__seq")
            .first()
        )
        if turn is None or turn.pk != turn_id:
            return None
        is_free = turn.leased_until is None or turn.leased_until <= work.now
        if not is_free and turn.lease_holder != holder:
            return None
        turn.attempts += 1
        turn.lease_holder = holder
        turn.leased_until = work.now + timedelta(seconds=seconds)
        turn.save(update_fields=["attempts", "lease_holder", "leased_until"])
        return turn


def due_turns(now: datetime | None = None, *, grace_seconds: float = 5.0) -> list[int]:
    """Pending turns that nobody works on, oldest first, for the worker.

    Args:
        now: the moment to judge by; the present one by default.
        grace_seconds: how long a new turn is left to the request that made it.
    """
    now = now or timezone.now()
    left_alone = Q(leased_until=None, created_at__lte=now - timedelta(seconds=grace_seconds))
    due = Turn.objects.filter(left_alone | Q(leased_until__lte=now), state=TurnState.PENDING)
    return list(due.order_by("created_at", "pk").values_list("pk", flat=True))


def record_bot_turn(turn_id: int, *, drafts: Sequence[Draft], record: TurnRecord) -> list[Message]:
    """Store what the bot chose to say, in the words of the desk's own copy.

    A turn that is answered already hands back what was stored then.

    Returns:
        Every reply to the visitor's message that this turn stored.

    Raises:
        StaleEpoch: control has moved, or the turn was given up; nothing was stored.
        AnswerRefused: a draft names a text that the desk does not have in that version; nothing
            was stored, and the turn is still pending.
    """
    with _turn_at_work(turn_id) as (work, turn):
        if turn.state == TurnState.ANSWERED:
            return _said_in(turn)
        if turn.state == TurnState.FAILED or turn.epoch != work.conversation.epoch:
            raise StaleEpoch
        if not 1 <= len(drafts) <= MOST_DRAFTS:
            raise AnswerRefused(f"The bot named {len(drafts)} messages.")
        _finish(work, turn, TurnState.ANSWERED)
        work.conversation.is_bereaved |= any(_tells_of_death(draft, turn) for draft in drafts)
        if work.conversation.is_bereaved:
            drafts = _after_loss(drafts)
        if turn.message.safety:
            drafts = _below_safety(drafts, turn.message)
        else:
            drafts = _after_danger(drafts, _danger_before(work, turn.message))
        messages = []
        # Its own words come before the handoff that ends its control.
        for draft in sorted(drafts, key=lambda draft: draft.kind == "handoff"):
            messages += _store(work, turn, draft)
        for message in messages:
            _store_record(message, turn, record)
        work.settle(turn.message)
        return messages


def _below_safety(drafts: Sequence[Draft], message: Message) -> list[Draft]:
    """What stands below a safety text in place of what the bot would say alone.

    "I do not have an answer to that" and "I only know about leukemia" would turn away somebody who
    has just told of a danger. After a crisis, so would hair loss to choose from, a refused
    judgement, or a goodbye. What answers or comforts stays.
    """
    is_crisis = _is_crisis(message.safety_verdict or {})
    kept = [draft for draft in drafts if not _turns_away(draft, is_crisis=is_crisis)]
    if kept or not drafts:
        return kept
    # What the bot took the message for stays on record: a greeting may well have been one.
    kind = "fallback" if drafts[0].kind == "clarify" else drafts[0].kind
    return [replace(drafts[0], kind=kind, response=BESIDE_SAFETY, choices=(offers.HANDOFF,))]


def _danger_before(work: Unit, message: Message) -> Mapping[str, Any]:
    """The verdict on a danger that the visitor told of just before; empty without one.

    A crisis counts, and what is certain about a life. It is over once a specialist has written.
    """
    if work.conversation.urgent_at is None:
        return {}  # Nothing was ever found here; most conversations are not looked through.
    earlier = Message.objects.filter(
        conversation=message.conversation_id,
        sender__in=(Sender.VISITOR, Sender.SPECIALIST),
        seq__lt=message.seq,
        created_at__gte=message.created_at - DANGER_TIME,
    ).order_by("-seq")[: max(MESSAGES_AFTER.values())]
    for n_after, each in enumerate(earlier, start=1):
        if each.sender == Sender.SPECIALIST:
            break
        verdict: dict[str, Any] = each.safety_verdict or {}
        is_grave = _is_crisis(verdict) or (
            "emergency_life" in verdict.get("categories", ())
            and verdict.get("certainty") == "certain"
        )
        if is_grave and n_after <= MESSAGES_AFTER.get(verdict.get("certainty") or "", 0):
            return verdict
    return {}


def _after_danger(drafts: Sequence[Draft], danger: Mapping[str, Any]) -> Sequence[Draft]:
    """What the bot would say, with the lines to call in place of idle words and dead ends.

    An answer stands alone, and so do thanks and words for a death. Right after a plain crisis
    nothing is offered to choose from.
    """
    if not danger or any(
        draft.kind in ("answer", "handoff") or draft.response in _SAID_ALONE for draft in drafts
    ):
        return drafts
    dropped = {*_DEAD_ENDS, *_IDLE_WORDS, AFTER_LOSS}
    is_plain_crisis = _is_crisis(danger) and danger["certainty"] == "certain"
    kept = [
        draft
        for draft in drafts
        if draft.response not in dropped and not (is_plain_crisis and draft.kind == "clarify")
    ]
    reminder = Draft("smalltalk", response=AFTER_DANGER, choices=(offers.HANDOFF,))
    kind_words = [draft for draft in kept if draft.response in _KIND_WORDS]
    return [*kind_words, reminder, *(draft for draft in kept if draft not in kind_words)]


def _is_crisis(verdict: Mapping[str, Any]) -> bool:
    # The gravest finding may be an emergency with a crisis beside it.
    return any(category.startswith("crisis") for category in verdict.get("categories", ()))


def _turns_away(draft: Draft, *, is_crisis: bool) -> bool:
    if draft.response == AFTER_LOSS:
        return True
    if is_crisis:
        return draft.kind not in ("answer", "handoff") and draft.response not in _KIND_WORDS
    return draft.kind == "fallback"


def _tells_of_death(draft: Draft, turn: Turn) -> bool:
    """Whether what the bot would say is for somebody who wrote of a death, not for a tap."""
    return draft.response == GRIEF or (draft.entry in _GRIEF_ENTRIES and not turn.choice)


def _after_loss(drafts: Sequence[Draft]) -> list[Draft]:
    """What the bot would say, with kind words in place of what turns a bereaved family away.

    "If your baby has a fever, call them now" must not be said to somebody whose baby has died.
    """
    found: list[Draft] = []
    for draft in drafts:
        is_refused = draft.kind == "refusal" and draft.response != _STILL_REFUSED
        if not is_refused and draft.response not in _DEAD_ENDS:
            found.append(draft)
        elif not any(other.response == AFTER_LOSS for other in found):
            labels = [f"ask/{entry_id}" for entry_id in _GRIEF_ENTRIES if texts.has_entry(entry_id)]
            choices = (*labels, offers.HANDOFF)
            found.append(replace(draft, response=AFTER_LOSS, choices=choices))
    return found


def fail_turn(turn_id: int, failure: str) -> list[Message]:
    """End a turn without an answer, and tell the visitor so with the way to a person.

    Args:
        turn_id: the turn.
        failure: a word such as "timeout"; never a text.

    Returns:
        The notice; nothing when the turn was finished before.
    """
    with _turn_at_work(turn_id) as (work, turn):
        if turn.state != TurnState.PENDING:
            return []
        turn.failure = failure[:40]
        _finish(work, turn, TurnState.FAILED)
        work.audit("turn.failed", actor="system", failure=failure[:40])
        name = "bot_unavailable" if failure in AWAY else "turn_failed"
        ways = _ways_to_person(work)
        messages = [say_notice(work, name, in_reply_to=turn.message, offers=ways)]
        work.settle(turn.message)
        return messages


@contextmanager
def _turn_at_work(turn_id: int) -> Iterator[tuple[Unit, Turn]]:
    """Lock a turn's conversation and hand out the unit of work and the turn."""
    found = Turn.objects.filter(pk=turn_id).values_list("message__conversation_id").first()
    if found is None:
        raise StaleEpoch  # Erased in the meantime.
    with unit(found[0]) as work:
        yield work, Turn.objects.select_related("message").get(pk=turn_id)


def _said_in(turn: Turn) -> list[Message]:
    return [reply for reply in replies_to(turn.message_id) if hasattr(reply, "record")]


def _finish(work: Unit, turn: Turn, state: TurnState) -> None:
    turn.state = state
    turn.finished_at = work.now
    turn.leased_until = None
    turn.save(update_fields=["state", "failure", "finished_at", "leased_until"])
    work.is_changed = True


def _ways_to_person(work: Unit) -> list[offers.Offer]:
    if work.conversation.control != Control.BOT:
        return []
    if service_state(work.now).can_reach_person:
        return offers.own(offers.HANDOFF)
    return offers.own(offers.HANDOFF, offers.CALLBACK)


def _store(work: Unit, turn: Turn, draft: Draft) -> list[Message]:
    if draft.kind == "handoff":
        return _hand_off(work, turn)
    if draft.kind == "answer":
        return [_store_answer(work, turn, draft)]
    if draft.kind not in _RESPONSE_KINDS or not draft.response:
        raise AnswerRefused(f"The bot named a message of kind {draft.kind[:20]!r}.")
    return [_store_response(work, turn, draft)]


def _hand_off(work: Unit, turn: Turn) -> list[Message]:
    outcome = handoff.hand_off(work, asked_by="bot", in_reply_to=turn.message)
    if outcome.messages:
        return outcome.messages
    # Asked for again while waiting: the visitor learns that the place is kept.
    return handoff.go_on_waiting(work, turn.message, kind=Kind.HANDOFF)


def _store_answer(work: Unit, turn: Turn, draft: Draft) -> Message:
    entry_id, version = draft.entry or "", draft.version or ""
    try:
        entry = texts.entry(entry_id, version)
    except texts.NotApproved:
        raise AnswerRefused("The bot named an entry that the desk has not, or not so.") from None
    if WithdrawnEntry.objects.filter(entry_id=entry_id).exists():
        work.audit("answer.withheld", actor="system", entry_id=entry_id, version=version)
        return _say_fallback(work, turn, FALLBACK)
    work.conversation.last_entry_id = entry_id
    return work.say(
        texts.compose("entry", entry_id),
        Kind.ANSWER,
        sender=Sender.BOT,
        in_reply_to=turn.message,
        offers=_offers(draft.choices),
        entry_id=entry_id,
        entry_version=version,
        answer=texts.answer_details(entry),
    )


def _store_response(work: Unit, turn: Turn, draft: Draft) -> Message:
    kind = _RESPONSE_KINDS[draft.kind]
    offered = _offers(draft.choices)
    if kind == Kind.CLARIFY and not any(offer.target for offer in offered):
        # Every entry it might have been is withdrawn.
        return _say_fallback(work, turn, FALLBACK)
    if kind == Kind.FALLBACK:
        return _say_fallback(work, turn, draft.response or "", offered)
    rendered = _compose(work, draft.response or "")
    if rendered is None:
        return _say_fallback(work, turn, NO_LIVE_FACTS)
    if kind == Kind.REFUSAL:
        offered = _with_handoff(offered)
    if draft.response == GRIEF:
        # What is written next is about it.
        work.conversation.last_entry_id = _GRIEF_ENTRIES[0]
    return work.say(rendered, kind, sender=Sender.BOT, in_reply_to=turn.message, offers=offered)


def _say_fallback(
    work: Unit, turn: Turn, response: str, offered: Sequence[offers.Offer] = ()
) -> Message:
    rendered = _compose(work, response) or _compose(work, NO_LIVE_FACTS)
    if rendered is None:
        raise AnswerRefused(f"{NO_LIVE_FACTS} cannot be filled.")
    said = work.say(
        rendered,
        Kind.FALLBACK,
        sender=Sender.BOT,
        in_reply_to=turn.message,
        offers=_with_handoff(list(offered)),
    )
    if response == BESIDE_SAFETY:
        # It asks to be told again: what comes is not the second thing in a row without an answer.
        work.conversation.fallbacks_in_a_row = 0
    return said


def _compose(work: Unit, response: str) -> texts.Rendered | None:
    """A response in the desk's words; None when something it states is not known now."""
    live = service_state(work.now).slots(work.conversation.time_zone)
    position = queue_position(work.conversation)
    if position is not None:
        live["position"] = str(position)
    try:
        return texts.compose("response", response, live)
    except texts.NotApproved:
        raise AnswerRefused("The bot named a response that the desk does not have.") from None
    except texts.SlotMissing:
        return None


def _with_handoff(offered: list[offers.Offer]) -> list[offers.Offer]:
    """No dead end: where the bot does not help, a person is one tap away."""
    if any(offer.public_id == offers.HANDOFF for offer in offered):
        return offered
    return [*offered, *offers.own(offers.HANDOFF)]


def _offers(labels: Sequence[str]) -> list[offers.Offer]:
    """The choices behind the bot's labels; entries that are withdrawn are left out.

    Raises:
        AnswerRefused: a label stands for nothing the desk has.
    """
    entry_ids = [label.removeprefix("ask/") for label in labels if label.startswith("ask/")]
    withdrawn = set(
        WithdrawnEntry.objects.filter(entry_id__in=entry_ids).values_list("entry_id", flat=True)
    )
    made = []
    for label in dict.fromkeys(labels):
        entry_id = label.removeprefix("ask/")
        if label in (offers.HANDOFF, offers.CALLBACK):
            made += offers.own(label)
        elif entry_id == label:
            raise AnswerRefused("The bot offered a choice that the desk does not have.")
        elif entry_id not in withdrawn:
            made.append(offers.for_entry(label, _title(entry_id)))
    return made


def _title(entry_id: str) -> str:
    try:
        return texts.entry_title(entry_id)
    except texts.NotApproved:
        raise AnswerRefused("The bot offered an entry that the desk does not have.") from None


def _store_record(message: Message, turn: Turn, record: TurnRecord) -> None:
    BotRecord.objects.create(
        message=message,
        candidates=list(record.candidates)[:MOST_CANDIDATES],
        model_version=record.model_version[:80],
        knowledge_version=record.knowledge_version[:40],
        request_id=(record.request_id or turn.request_id)[:64],
        safety_verdict=turn.message.safety_verdict,
    )
