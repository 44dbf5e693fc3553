"""Who works on a turn, for how long, and when it is given up.

The heart gives leases in the order of the messages; they lapse by themselves, so that a process
killed in the middle holds nothing up for longer than `LEASE_SECONDS`.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from conversations import access, services
from conversations.models import Turn
from conversations.results import Accepted, Lease
from relay import BotQuestion

# Twice what the relay needs at its slowest, and the writing after it.
LEASE_SECONDS = 15.0
# A turn that killed its process this often is not tried again.
MOST_ATTEMPTS = 3
# A reply that comes later than this answers nobody; an honest notice takes its place.
LATEST = timedelta(minutes=10)

# New in each process, so that none takes another's lease for its own.
HOLDER = f"{os.getpid()}-{secrets.token_hex(6)}"
OWN = Lease(HOLDER, LEASE_SECONDS)


@dataclass(frozen=True)
class Claimed:
    """This process works on the turn now, and asks this question."""

    question: BotQuestion


@dataclass(frozen=True)
class Overdue:
    """The turn was tried too often or is too old; it is to be failed by this process."""

    failure: str


@dataclass(frozen=True)
class Blocked:
    """Somebody else holds the turn, or an earlier one of the conversation comes first.

    Attributes:
        by_turn: the earlier turn, None when the turn itself is held.
    """

    by_turn: int | None


@dataclass(frozen=True)
class Over:
    """The turn is answered or failed, or gone with its conversation."""


type Claim = Claimed | Overdue | Blocked | Over


def claim(turn_id: int, *, holder: str = HOLDER) -> Claim:
    """Take the lease of a turn if that is possible now, and say what is to be done."""
    turn = services.claim_turn(turn_id, holder=holder, seconds=LEASE_SECONDS)
    if turn is None:
        return _why_not(turn_id)
    if turn.attempts > MOST_ATTEMPTS:
        return Overdue("attempts")
    if turn.created_at < timezone.now() - LATEST:
        return Overdue("late")
    return Claimed(_question(turn))


def claimed_with(accepted: Accepted) -> Claimed | None:
    """Return what a message that was accepted under `OWN` lets this process do at once, if so."""
    turn = accepted.turn
    if turn is None or accepted.is_repeat or turn.lease_holder != HOLDER:
        return None
    return Claimed(_question(turn))


def _why_not(turn_id: int) -> Blocked | Over:
    first = access.first_pending_turn(turn_id)
    if first is None:
        return Over()
    return Blocked(None if first == turn_id else first)


def _question(turn: Turn) -> BotQuestion:
    conversation = turn.message.conversation
    return BotQuestion(
        sender=conversation.bot_session,
        text=turn.message.text,
        request_id=turn.request_id or f"turn-{turn.pk}",
        last_entry=conversation.last_entry_id or None,
        choice=turn.choice or None,
        language=turn.message.language,
        fallbacks_in_a_row=conversation.fallbacks_in_a_row,
    )
