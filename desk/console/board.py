"""The list of conversations: read and drawn once for each state of the house, shared by all.

Twenty open consoles ask for their list at every change. What all of them show alike (who waits,
who talks with the bot) is drawn by the first who asks and kept until the state changes; what is
an account's own is read for that account.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations import access
from conversations.models import (
    Conversation,
    HeldReply,
    HeldReplyState,
    Transfer,
    TransferState,
)
from staff.access import may_chat
from staff.models import User
from staff.presence import own_presence

# Waits are told in minutes, and an open page counts them itself.
KEPT_SECONDS = 20.0
URGENT, CALL, WORD = "urgent", "call", "word"


@dataclass(frozen=True)
class Board:
    """What every list shows alike."""

    waiting: list[access.WaitingRow]
    urgent_bot: list[access.AlarmRow]
    urgent_ended: list[access.AlarmRow]
    talks: list[access.TalkRow]

    @property
    def urgent_waiting(self) -> list[access.WaitingRow]:
        """Who waits for a person and is urgent."""
        return [row for row in self.waiting if row.conversation.is_urgent]

    @property
    def other_waiting(self) -> list[access.WaitingRow]:
        """Who else waits for a person."""
        return [row for row in self.waiting if not row.conversation.is_urgent]

    @property
    def held_counts(self) -> dict[int, int]:
        """How many conversations each account is in control of, by its id."""
        return Counter(row.conversation.specialist_id or 0 for row in self.talks)

    @property
    def urgent_count(self) -> int:
        """Urgent conversations that have no person."""
        return len(self.urgent_bot) + len(self.urgent_waiting)


@dataclass(frozen=True)
class Alert:
    """Something a specialist has to hear of until they have seen it.

    Attributes:
        key: names the event; an alert with a key that was there before is not new.
        level: "urgent", "call" (somebody has to act) or "word" (a family wrote).
        words: what is said aloud and in a notification; nothing a visitor wrote.
        conversation_id: where to look.
    """

    key: str
    level: str
    words: str
    conversation_id: str


@dataclass(frozen=True)
class OwnRow:
    """One of the account's own conversations, with how much of it is unread."""

    talk: access.TalkRow
    unread: int


@dataclass(frozen=True)
class Own:
    """What is one account's alone."""

    rows: list[OwnRow]
    lost: list[access.WaitingRow]
    offers: list[Transfer]
    to_read: list[HeldReply]
    returned: list[HeldReply]
    overtaken: list[HeldReply]
    colleagues: list[access.Colleague]
    capacity: int
    is_accepting: bool
    alerts: list[Alert] = field(default_factory=list)

    @property
    def offered_to_me(self) -> list[Transfer]:
        """Offers that wait for this account's answer."""
        return [each for each in self.offers if each.state == TransferState.OFFERED]


class _KeptTalks:
    """Rows of the talks; only those whose change number moved are read anew.

    In a busy house some talk or other changes several times a second, and two hundred rows read
    each time would cost more than everything else.
    """

    def __init__(self) -> None:
        self._rows: dict[uuid.UUID, tuple[int, access.TalkRow]] = {}
        self._made_at = 0.0

    def get(self, state: dict[uuid.UUID, int]) -> list[access.TalkRow]:
        now = time.monotonic()
        if not 0 <= now - self._made_at < KEPT_SECONDS:
            self._rows, self._made_at = {}, now
        kept = {
            pk: self._rows[pk]
            for pk, change_seq in state.items()
            if pk in self._rows and self._rows[pk][0] == change_seq
        }
        if moved := state.keys() - kept.keys():
            # One that is missing now is no talk any more, and the next state says so.
            for row in access.talk_rows(moved):
                pk = row.conversation.pk
                kept[pk] = state[pk], row
        self._rows = kept
        return access.longest_waiting_first(row for _, row in self._rows.values())


class _DrawnRows:
    """Rows of the talks as their holders' lists show them, drawn anew when a row was read anew."""

    def __init__(self) -> None:
        self._drawn: dict[uuid.UUID, tuple[OwnRow, SafeString]] = {}

    def get(self, row: OwnRow) -> SafeString:
        conversation = row.talk.conversation
        before, drawn = self._drawn.get(conversation.pk, (None, SafeString()))
        if before is None or before.talk is not row.talk or before.unread != row.unread:
            context = {
                "found": conversation,
                "talk": row.talk,
                "unread": row.unread,
                "line": row.talk.last_words,
            }
            drawn = SafeString(render_to_string("console/_row.html", context))
            self._drawn[conversation.pk] = row, drawn
        return drawn

    def keep_only(self, talks: Iterable[uuid.UUID]) -> None:
        """Forget whatever is no talk any more, with the words in it."""
        for pk in self._drawn.keys() - {*talks}:
            self._drawn.pop(pk, None)


_talks = _KeptTalks()
_rows_drawn = _DrawnRows()
_board = access.Kept[Board](KEPT_SECONDS)
_waiting = access.Kept[
    tuple[list[access.WaitingRow], list[access.AlarmRow], list[access.AlarmRow]]
](KEPT_SECONDS)
_urgent_drawn, _waiting_drawn, _bot_drawn = (
    access.Kept[SafeString](KEPT_SECONDS) for _ in range(3)
)


def read_board(state: access.LiveState) -> Board:
    """The board for a state that was just read.

    It is read after the state: at worst it is newer, and then the next state differs.
    """
    return _board.get((state.waiting, state.talks), lambda: _read(state))


def _read(state: access.LiveState) -> Board:
    without_person = _waiting.get(
        state.waiting,
        lambda: (access.waiting_rows(), access.urgent_with_bot(), access.urgent_unheard()),
    )
    _rows_drawn.keep_only(state.talks)
    return Board(*without_person, _talks.get(state.talks))


def draw_urgent(state: access.LiveState, board: Board) -> SafeString:
    """The sections of those who are urgent without a person; empty where there are none."""
    return _urgent_drawn.get(
        state.waiting, lambda: render_to_string("console/_urgent.html", {"board": board})
    )


def draw_waiting(state: access.LiveState, board: Board) -> SafeString:
    """The section of the others who wait."""
    return _waiting_drawn.get(
        state.waiting, lambda: render_to_string("console/_waiting.html", {"board": board})
    )


def draw_with_bot(state: access.LiveState) -> SafeString:
    """The section of those who talk with the bot."""
    return _bot_drawn.get(
        state.bot,
        lambda: render_to_string("console/_with_bot.html", {"found": access.with_bot()}),
    )


def draw_mine(own: Own) -> SafeString:
    """The rows of the conversations that an account holds; empty where it holds none."""
    # Each is a drawn template.
    return SafeString("".join(_rows_drawn.get(row) for row in own.rows))


def read_own(user: User, board: Board) -> Own:
    """What one account's list shows besides."""
    talks = [row for row in board.talks if row.conversation.specialist_id == user.pk]
    unread = access.unread_counts(user, [row.conversation.pk for row in talks]) if talks else {}
    presence = own_presence(user)
    to_read, held = access.held_replies(user)
    own = Own(
        rows=[OwnRow(row, unread.get(row.conversation.pk, 0)) for row in talks],
        lost=[row for row in board.waiting if row.conversation.lost_specialist_id == user.pk],
        offers=access.offers_of(user),
        to_read=to_read,
        returned=[each for each in held if each.state != HeldReplyState.HELD],
        overtaken=[each for each in held if _is_overtaken(each)],
        colleagues=access.colleagues(user, held=board.held_counts),
        capacity=presence.capacity,
        is_accepting=presence.is_accepting,
    )
    if may_chat(user):
        own.alerts.extend(_alerts(user, board, own))
    return own


def _is_overtaken(held: HeldReply) -> bool:
    """Whether a reply that waits for its reader was overtaken by something newer."""
    return held.state == HeldReplyState.HELD and bool(vars(held)["is_overtaken"])


def _alerts(user: User, board: Board, own: Own) -> list[Alert]:
    return [
        *_urgent_alerts(board),
        *(_waiting_alerts(board) if _is_called(own) else ()),
        *_own_alerts(user, own),
    ]


def _urgent_alerts(board: Board) -> list[Alert]:
    urgent = [row.conversation for row in board.urgent_waiting]
    urgent += [row.conversation for row in board.urgent_bot]
    # A newer alarm is news, and so is losing the person who saw to the last one.
    return [
        _alert(
            "urgent",
            each,
            f"{each.urgent_at:%s}-{each.epoch}",
            URGENT,
            "An urgent conversation needs a person.",
        )
        for each in urgent
    ]


def _waiting_alerts(board: Board) -> list[Alert]:
    # Marked by the change of control: one whose specialist vanished keeps the old time of asking,
    # and is news all the same to colleagues who heard of it then.
    return [
        _alert("waiting", each, each.epoch, CALL, "A family is waiting for a person.")
        for each in (row.conversation for row in board.other_waiting)
    ]


def _is_called(own: Own) -> bool:
    """Whether those who wait are this account's matter: it takes conversations and has room.

    Without room it is called all the same when no colleague has any.
    """
    if not own.is_accepting:
        return False
    if len(own.rows) < own.capacity:
        return True
    return not any(
        each.is_connected and each.is_accepting and each.has_room for each in own.colleagues
    )


_CAME_BACK = {
    HeldReplyState.RETURNED: "A reply of yours came back with a remark.",
    HeldReplyState.DROPPED: "A reply of yours was not sent: its conversation moved on.",
}


def _own_alerts(user: User, own: Own) -> list[Alert]:
    found = [
        _alert("lost", row.conversation, row.conversation.epoch, CALL,
               "A family you were talking with waits again.")
        for row in own.lost
    ]  # fmt: skip
    for row in own.rows:
        talk = row.talk.conversation
        found.append(_alert("mine", talk, talk.epoch, CALL, "A conversation is yours now."))
        if row.unread:
            seq = row.talk.last_visitor_seq
            found.append(_alert("words", talk, seq, WORD, "A family wrote to you."))
    found += [_offer_alert(user, each) for each in own.offers if _is_news(user, each)]
    found += [
        Alert(f"reading:{each.pk}", CALL, f"{each.author.shown_name} asks you to read a reply.",
              str(each.conversation_id))
        for each in own.to_read
    ]  # fmt: skip
    found += [
        Alert(f"{each.state}:{each.pk}", CALL, _CAME_BACK[HeldReplyState(each.state)],
              str(each.conversation_id))
        for each in own.returned
    ]  # fmt: skip
    found += [
        Alert(f"overtaken:{each.pk}:{each.seen_seq}", CALL,
              "Something was written since the reply you handed in.", str(each.conversation_id))
        for each in own.overtaken
    ]  # fmt: skip
    found += [
        Alert(f"advice:{each.pk}", CALL, f"{each.author.shown_name} advises you privately.",
              str(each.conversation_id))
        for each in access.unseen_advice(user)
    ]  # fmt: skip
    return found


def _is_news(user: User, offer: Transfer) -> bool:
    if offer.state == TransferState.OFFERED:
        return offer.offered_to_id == user.pk
    if offer.offered_by_id != user.pk:
        return False
    # Where control moved on there is nothing to hear of: the conversation itself tells.
    is_unanswered = offer.state == TransferState.LAPSED and offer.epoch == offer.conversation.epoch
    return is_unanswered or offer.state in (TransferState.ACCEPTED, TransferState.DECLINED)


def _offer_alert(user: User, offer: Transfer) -> Alert:
    if offer.state == TransferState.OFFERED:
        words = f"{offer.offered_by.shown_name} offers you a conversation."
    elif offer.state == TransferState.LAPSED:
        name = offer.offered_to.shown_name
        words = f"{name} did not answer. The conversation you offered is still yours."
    else:
        words = f"{offer.offered_to.shown_name} {offer.state} the conversation you offered."
    return Alert(f"offer:{offer.pk}:{offer.state}", CALL, words, str(offer.conversation_id))


def _alert(
    kind: str, conversation: Conversation, mark: datetime | int | str | None, level: str, words: str
) -> Alert:
    told = f"{mark:%s}" if isinstance(mark, datetime) else str(mark or "")
    return Alert(f"{kind}:{conversation.pk}:{told}", level, words, str(conversation.pk))
