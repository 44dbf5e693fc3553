"""Any order of visitor, bot, three staff, readers, clock and close keeps the house in order.

A rule-based state machine drives the services as the rooms above do and keeps a small model of
what must be true; after every step the database is compared with it. `--hypothesis-profile
thorough` runs many more examples.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as house_settings
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audit.models import AuditEntry
from availability.models import Closure
from availability.services import close_service, lift_closure
from availability.state import service_state
from conversations import access, services
from conversations.access.board import RECENT_HOURS
from conversations.errors import (
    AlreadyClaimed,
    AtCapacity,
    CannotTransfer,
    ConversationClosed,
    HeldReplyOver,
    NewerMessages,
    NobodyToAdvise,
    NotAllowed,
    NotInControl,
    NotQueued,
    SecondReaderNeeded,
    StaleEpoch,
    TransferOver,
)
from conversations.models import (
    Conversation,
    HeldReply,
    Message,
    Note,
    Transfer,
    Turn,
    TurnState,
)
from conversations.results import Draft
from conversations.services.offers import TITLES
from staff.models import StaffPresence, User
from staff.presence import note_gone, note_seen, set_accepting
from tests.conversations.test_texts import approved_problem
from tests.conversations.watching import Reader, WakeUps, state_of
from tests.factories import (
    OPEN,
    RECORD,
    answer_draft,
    make_admin,
    make_conversation,
    make_specialist,
    make_supervisor,
    response_draft,
)

ANYBODY = st.sampled_from([0, 1, 2])  # Ana, Ben, and Sam, who supervises.
# Mostly whoever has the conversation, or most steps would be refused.
HOLDER = 3
MOSTLY_HOLDER = st.sampled_from([HOLDER, HOLDER, HOLDER, 0, 1, 2])
SUPERVISOR = 2
DRAFTS = st.sampled_from(
    [
        answer_draft,
        response_draft,
        lambda: Draft("handoff"),
        lambda: response_draft(
            "clarify", "utter_clarify", choices=("ask/fever-what", "ask/fever-call")
        ),
    ]
)
MOMENTS = st.sampled_from(
    [
        datetime(2026, 11, 23, 21, 59, tzinfo=UTC),  # A minute before closing time.
        datetime(2026, 11, 23, 22, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 14, 0, tzinfo=UTC),  # The next opening.
        datetime(2026, 11, 26, 15, 0, tzinfo=UTC),  # A holiday.
        datetime(2026, 11, 27, 15, 0, tzinfo=UTC),
    ]
)


def is_with(*controls: str) -> Callable[[House], bool]:
    """Whether one of these is in control."""
    return lambda house: house.control in controls


class House(RuleBasedStateMachine):
    """One conversation and everybody who may do something to it, and another that waits too."""

    staff: list[User]
    admin: User

    @initialize(
        has_second_reader=st.booleans(),
        # Most of what can go wrong takes a person: not every example begins with the bot.
        begins_with=st.sampled_from(["bot", "queue", "specialist", "specialist"]),
    )
    def open(self, has_second_reader: bool, begins_with: str) -> None:
        self.clock = time_machine.travel(OPEN, tick=False)
        self.time = self.clock.start()
        house_settings.SECOND_READER = has_second_reader
        # Each example starts from the same world, or Hypothesis could not repeat it.
        StaffPresence.objects.update(seen_at=timezone.now(), is_accepting=True, capacity=1)
        self.client_ids = (f"client-{number}" for number in itertools.count())
        self.wake_ups = WakeUps()
        self.pk = make_conversation().pk
        self.other = make_conversation().pk
        self.accepted: dict[str, str] = {}  # client id -> text, of visitor and specialists
        self.there = {0, 1, 2}
        self.readers = [Reader(self.pk), Reader(self.pk)]
        if begins_with != "bot":
            services.request_handoff(self.pk)
        if begins_with == "specialist":
            services.claim_conversation(self.pk, specialist=self.staff[0])

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            self.wake_ups.stop()
            self.clock.stop()
            house_settings.SECOND_READER = False
            # The next example shall find an empty house.
            Closure.objects.all().delete()
            Conversation.objects.all().delete()

    def now(self) -> Conversation:
        """The conversation as the database has it."""
        return Conversation.objects.get(pk=self.pk)

    def member(self, who: int) -> User:
        """The member of staff that a rule means."""
        holder = self.now().specialist
        return (holder or self.staff[0]) if who == HOLDER else self.staff[who]

    @contextmanager
    def nothing_stored(self) -> Iterator[None]:
        """What is refused leaves no message, no entry and no change of control."""
        before = self.now()
        entries = AuditEntry.objects.count()
        yield
        after = self.now()
        assert (after.last_seq, after.epoch) == (before.last_seq, before.epoch)
        assert AuditEntry.objects.count() == entries

    # The visitor

    @rule(text=st.sampled_from(["hello", "what is a fever", "/restart", "my baby is sick"]))
    def write(self, text: str) -> None:
        client_id = next(self.client_ids)
        before = self.now()
        try:
            accepted = services.accept_visitor_message(self.pk, client_id=client_id, text=text)
        except ConversationClosed:
            assert before.control == "closed"
            return
        assert before.control != "closed"
        self.accepted[client_id] = text
        is_bots = before.control == "bot" or before.asks_while_waiting
        is_certain = accepted.message.safety_verdict["certainty"] == "certain"
        assert (accepted.turn is not None) == (is_bots and not is_certain)
        assert bool(accepted.replies) == bool(accepted.message.safety)
        assert (self.now().control, self.now().epoch) == (before.control, before.epoch)

    @precondition(lambda self: self.accepted)
    @rule(data=st.data())
    def write_again(self, data: st.DataObject) -> None:
        client_id = data.draw(st.sampled_from(sorted(self.accepted)))
        before = self.now().last_seq
        sender = Message.objects.get(conversation=self.pk, client_id=client_id).sender
        if sender == "visitor":
            again = services.accept_visitor_message(
                self.pk, client_id=client_id, text=self.accepted[client_id]
            )
            assert again.is_repeat
        assert self.now().last_seq == before

    @rule(name=st.sampled_from(sorted(TITLES)))
    def tap(self, name: str) -> None:
        client_id = next(self.client_ids)
        try:
            accepted = services.accept_visitor_message(self.pk, client_id=client_id, choice_id=name)
        except ConversationClosed:
            assert self.now().control == "closed"
            return
        assert accepted.message.text == TITLES[name]
        # Whoever taps is told something, unless a person reads it.
        assert accepted.replies or self.now().control == "specialist"

    @precondition(is_with("bot", "queue", "closed"))
    @rule()
    def ask_for_person(self) -> None:
        before = self.now()
        can_reach = service_state(timezone.now()).can_reach_person
        try:
            outcome = services.request_handoff(self.pk, client_id=next(self.client_ids))
        except ConversationClosed:
            assert before.control == "closed"
            return
        assert outcome.is_repeat == (before.control in ("queue", "specialist"))
        if outcome.is_repeat:
            assert (self.now().epoch, self.now().queued_at) == (before.epoch, before.queued_at)
        else:
            assert self.now().control == ("queue" if can_reach else "bot")
            assert outcome.offer == (None if can_reach else "callback")
            assert outcome.messages

    @rule(does_leave=st.booleans())
    def another_family(self, does_leave: bool) -> None:
        """Places in the queue move for reasons of others."""
        try:
            if does_leave:
                services.leave_queue(self.other)
            else:
                services.request_handoff(self.other)
        except NotQueued:
            assert Conversation.objects.get(pk=self.other).control != "queue"

    # Readers

    @rule(number=st.sampled_from([0, 1]))
    def lose_line(self, number: int) -> None:
        self.readers[number].lose_line()

    @rule(number=st.sampled_from([0, 1]))
    def come_back(self, number: int) -> None:
        """A stream that broke off resumes by number, or a page is opened anew: both show all."""
        if number:
            self.readers[number].come_back()
        else:
            self.readers[number] = Reader(self.pk)

    # The bot

    def _pending(self) -> list[Turn]:
        return list(
            Turn.objects.filter(message__conversation=self.pk, state=TurnState.PENDING).order_by(
                "pk"
            )
        )

    @precondition(lambda self: self.has_pending)
    @rule(draft=DRAFTS)
    def bot_answers(self, draft) -> None:
        for turn in self._pending()[:1]:
            assert services.claim_turn(turn.pk, holder="w", seconds=5) is not None
            messages = services.record_bot_turn(turn.pk, drafts=[draft()], record=RECORD)
            assert messages

    @precondition(lambda self: self.has_pending)
    @rule()
    def bot_fails(self) -> None:
        for turn in self._pending()[:1]:
            assert services.fail_turn(turn.pk, "timeout")

    @precondition(lambda self: Turn.objects.filter(state=TurnState.FAILED).exists())
    @rule()
    def bot_answers_late(self) -> None:
        """A turn from before the last change of control is never stored."""
        over = Turn.objects.filter(message__conversation=self.pk, state=TurnState.FAILED)
        with self.nothing_stored():
            for turn in over[:2]:
                with pytest.raises(StaleEpoch):
                    services.record_bot_turn(turn.pk, drafts=[answer_draft()], record=RECORD)

    # Who has it

    @rule(who=ANYBODY, does_insist=st.booleans())
    def claim(self, who: int, does_insist: bool) -> None:
        before = self.now()
        me = self.member(who)
        is_full = Conversation.objects.filter(specialist=me).exists()
        try:
            services.claim_conversation(self.pk, specialist=me, beyond_capacity=does_insist)
        except AlreadyClaimed:
            assert before.specialist not in (None, me)
        except NotQueued:
            assert before.control == "bot"
        except ConversationClosed:
            assert before.control == "closed"
        except AtCapacity:
            assert (before.control, is_full, does_insist) == ("queue", True, False)
            assert self.now().control == "queue"
        else:
            assert before.control == "queue" or before.specialist == me
            assert self.now().specialist == me

    @precondition(lambda self: Conversation.objects.get(pk=self.other).control == "queue")
    @rule(who=ANYBODY)
    def claim_the_other(self, who: int) -> None:
        try:
            services.claim_conversation(self.other, specialist=self.staff[who])
        except (AlreadyClaimed, NotQueued, AtCapacity):
            return
        assert Conversation.objects.get(pk=self.other).specialist == self.staff[who]

    @precondition(is_with("bot", "specialist", "closed"))
    @rule(who=ANYBODY)
    def take_over(self, who: int) -> None:
        before = self.now()
        me = self.member(who)
        try:
            services.take_over_conversation(self.pk, specialist=me)
        except (AlreadyClaimed, ConversationClosed):
            assert before.control in ("specialist", "closed")
        else:
            assert self.now().specialist == me

    @rule(who=st.sampled_from([SUPERVISOR, SUPERVISOR, 0]))
    def step_in(self, who: int) -> None:
        before = self.now()
        me = self.member(who)
        notes = Note.objects.count()
        try:
            said = services.step_in(self.pk, supervisor=me)
        except NotAllowed:
            assert who != SUPERVISOR
            return
        except ConversationClosed:
            assert before.control == "closed"
            return
        assert self.now().specialist == me
        assert bool(said) == (before.specialist != me)
        is_told = before.specialist not in (None, me)
        assert Note.objects.count() == notes + is_told

    @precondition(is_with("specialist", "queue"))
    @rule()
    def advise(self) -> None:
        before = self.now()
        try:
            note = services.advise(self.pk, supervisor=self.staff[SUPERVISOR], text="words")
        except NobodyToAdvise:
            assert before.specialist in (None, self.staff[SUPERVISOR])
        else:
            assert note.advice_to == before.specialist
            assert self.now().last_seq == before.last_seq

    @precondition(is_with("specialist"))
    @rule(who=MOSTLY_HOLDER, to=st.sampled_from(["queue", "bot"]))
    def release(self, who: int, to: str) -> None:
        before = self.now()
        try:
            services.release_conversation(self.pk, specialist=self.member(who), to=to)
        except (NotInControl, ConversationClosed):
            assert before.specialist != self.staff[who]
        else:
            after = self.now()
            assert after.control == to
            if to == "queue" and before.queued_at is not None:
                assert after.queued_at == before.queued_at

    # Offers

    @precondition(is_with("specialist"))
    @rule(who=MOSTLY_HOLDER, to=ANYBODY)
    def offer(self, who: int, to: int) -> None:
        before = self.now()
        me = self.member(who)
        made = Transfer.objects.count()
        try:
            services.offer_transfer(self.pk, specialist=me, to=self.staff[to])
        except (NotInControl, ConversationClosed):
            assert before.specialist != me
        except CannotTransfer:
            assert before.specialist == me
            assert Transfer.objects.count() == made
        else:
            assert to in self.there
            assert self.staff[to] != me
        after = self.now()
        assert (after.epoch, after.last_seq) == (before.epoch, before.last_seq)

    @precondition(lambda self: Transfer.objects.exists())
    @rule(
        is_stranger=st.sampled_from([False, False, False, True]),
        how=st.sampled_from(["accept", "accept", "decline", "withdraw"]),
    )
    def answer_offer(self, is_stranger: bool, how: str) -> None:
        offer = Transfer.objects.latest("pk")
        before = self.now()
        parties = {"withdraw": (offer.offered_by, offer.offered_to)}
        me = parties.get(how, (offer.offered_to, offer.offered_by))[is_stranger]
        verb = {
            "accept": services.accept_transfer,
            "decline": services.decline_transfer,
            "withdraw": services.withdraw_transfer,
        }[how]
        try:
            verb(offer.pk, specialist=me)
        except NotAllowed:
            assert is_stranger
        except TransferOver:
            assert offer.state not in ("offered", f"{how}ed")
        else:
            if how == "accept" and offer.state == "offered":
                assert self.now().specialist == me
                assert self.now().epoch == before.epoch + 1
                return
        assert (self.now().epoch, self.now().last_seq) == (before.epoch, before.last_seq)

    # What staff write

    @precondition(is_with("specialist", "queue"))
    @rule(
        who=MOSTLY_HOLDER,
        is_stale=st.sampled_from([False, False, False, True]),
        is_behind=st.booleans(),
    )
    def reply(self, who: int, is_stale: bool, is_behind: bool) -> None:
        before = self.now()
        me = self.member(who)
        client_id = next(self.client_ids)
        words = {
            "specialist": me,
            "client_id": client_id,
            "text": "a reply",
            "epoch": before.epoch - is_stale,
            "seen_seq": 0 if is_behind else before.last_seq,
        }
        theirs = Message.objects.filter(conversation=self.pk, sender__in=("visitor", "specialist"))
        is_overtaken = is_behind and theirs.exclude(author=me).exists()
        is_held = access.second_reading_applies(me)
        if is_held:
            with (
                self.nothing_stored(),
                pytest.raises((SecondReaderNeeded, NotInControl, ConversationClosed, StaleEpoch)),
            ):
                services.send_reply(self.pk, **words)
        try:
            (services.hold_reply if is_held else services.send_reply)(self.pk, **words)
        except (NotInControl, ConversationClosed, StaleEpoch):
            assert before.specialist != me or is_stale
        except NewerMessages:
            assert is_overtaken
        else:
            assert (before.specialist, is_stale, is_overtaken) == (me, False, False)
            if is_held:
                assert self.now().last_seq == before.last_seq
            else:
                self.accepted[client_id] = "a reply"
            return
        assert self.now().last_seq == before.last_seq

    @precondition(lambda self: HeldReply.objects.exists())
    @rule(
        who=st.sampled_from([0, 1, 2, HOLDER, HOLDER]),
        how=st.sampled_from(["release", "release", "return", "withdraw", "confirm"]),
    )
    def decide_held(self, who: int, how: str) -> None:
        held = HeldReply.objects.latest("pk")
        before = self.now()
        me = self.member(who)
        is_own = held.author == me
        try:
            if how == "release":
                services.release_reply(held.pk, reader=me)
            elif how == "return":
                services.return_reply(held.pk, reader=me, remark="say more")
            elif how == "withdraw":
                services.withdraw_reply(held.pk, author=me)
            else:
                services.confirm_reply(held.pk, author=me, seen_seq=before.last_seq)
        except NotAllowed:
            assert is_own == (how in ("release", "return"))
        except HeldReplyOver:
            assert held.state != "held"
        except NewerMessages:
            assert how == "release"
        else:
            if how == "release" and held.state == "held":
                assert (before.specialist, before.epoch) == (held.author, held.epoch)
                self.accepted[held.client_id] = held.text
                return
        assert self.now().last_seq == before.last_seq

    @rule(who=ANYBODY)
    def look(self, who: int) -> None:
        before = self.now()
        me = self.member(who)
        services.note_view(self.pk, user=me, seq=before.last_seq)
        services.note_typing_staff(self.pk, by=me)
        assert self.now().change_seq == before.change_seq
        assert access.unread_counts(me, [self.pk]) == {}

    # Consoles, time, and the end

    @rule(who=ANYBODY, how=st.sampled_from(["vanish", "sign out", "come back", "come back"]))
    def console(self, who: int, how: str) -> None:
        """A line is cut, of which the desk learns by the clock alone; or it is there again."""
        if how == "come back":
            self.there.add(who)
            note_seen(self.staff[who])
            return
        self.there.discard(who)
        if how == "sign out":
            note_gone(self.staff[who])
        else:
            long_ago = timezone.now() - timedelta(days=1)
            StaffPresence.objects.filter(user=self.staff[who]).update(seen_at=long_ago)

    @rule(who=ANYBODY, does_accept=st.booleans())
    def switch(self, who: int, does_accept: bool) -> None:
        """Who takes no new chats keeps what they have."""
        before = self.now()
        set_accepting(self.staff[who], is_accepting=does_accept)
        assert self.now().specialist == before.specialist

    def _work_by_the_clock(self) -> None:
        for who in self.there:
            StaffPresence.objects.filter(user=self.staff[who]).update(seen_at=timezone.now())
        before = self.now()
        services.requeue_vanished()
        after = self.now()
        if before.specialist is not None:
            is_there = self.staff.index(before.specialist) in self.there
            assert after.control == ("specialist" if is_there else "queue")
            assert is_there or after.lost_specialist == before.specialist
        services.tell_closed()
        services.remind_waiting()
        services.lapse_transfers()
        services.warn_idle()
        services.close_idle()

    @rule(minutes=st.sampled_from([1, 1, 3, 15, 45]))
    def time_passes(self, minutes: int) -> None:
        self.time.shift(timedelta(minutes=minutes))
        self._work_by_the_clock()

    @precondition(lambda self: self.last_seq > 12)
    @rule(moment=MOMENTS)
    def day_goes_on(self, moment: datetime) -> None:
        """To closing time, the next morning, a holiday; never back."""
        if moment > timezone.now():
            self.time.move_to(moment)
            self._work_by_the_clock()

    @rule(does_close=st.sampled_from([False, False, True]))
    def sudden_closure(self, does_close: bool) -> None:
        before = self.now()
        open_ended = Closure.objects.filter(lifted_at=None).first()
        if open_ended is not None:
            lift_closure(open_ended.pk, by=self.admin)
        elif does_close:
            close_service(by=self.admin)
        assert self.now().control == before.control

    @precondition(lambda self: self.last_seq > 20)
    @rule()
    def visitor_closes(self) -> None:
        services.close_conversation(self.pk, by="visitor")
        assert self.now().control == "closed"

    @precondition(lambda self: self.last_seq > 20)
    @rule(who=MOSTLY_HOLDER)
    def specialist_closes(self, who: int) -> None:
        before = self.now()
        me = self.member(who)
        if before.control == "closed" or before.specialist == me:
            services.close_conversation(self.pk, by="specialist", specialist=me)
            assert self.now().control == "closed"
        else:
            with pytest.raises(NotInControl):
                services.close_conversation(self.pk, by="specialist", specialist=me)
            assert self.now().control == before.control

    # What must hold after every step

    @invariant()
    def exactly_one_party_is_in_control(self) -> None:
        now = self.now()
        # What the rules of the next step ask, read once.
        self.control, self.last_seq = now.control, now.last_seq
        self.has_pending = bool(self._pending())
        assert (now.control == "specialist") == (now.specialist_id is not None)
        assert (now.control == "closed") == (now.closed_at is not None)
        assert now.control == "queue" or not now.asks_while_waiting
        assert now.control == "queue" or now.lost_specialist_id is None

    @invariant()
    def nobody_is_lost(self) -> None:
        """An open conversation stands in exactly one list: the queue, somebody's own, the bot's."""
        now = self.now()
        lists = {
            "queue": [row.conversation.pk for row in access.waiting_rows()],
            "specialist": [row.conversation.pk for row in access.talk_rows()],
            "bot": [
                *(row.conversation.pk for row in access.urgent_with_bot()),
                *(found.pk for found in access.with_bot()),
            ],
        }
        shown = [name for name, found in lists.items() for pk in found if pk == self.pk]
        is_old = now.last_activity_at < timezone.now() - timedelta(hours=RECENT_HOURS)
        expected = (
            [] if now.control == "closed" or (now.control == "bot" and is_old) else [now.control]
        )
        assert shown == expected

    @invariant()
    def numbers_have_no_gaps_and_epochs_never_fall(self) -> None:
        messages = list(Message.objects.filter(conversation=self.pk).order_by("seq"))
        assert [message.seq for message in messages] == list(range(1, self.now().last_seq + 1))
        epochs = [message.epoch for message in messages]
        assert epochs == sorted(epochs)
        assert all(not approved_problem(message) for message in messages[-4:])
        stored = {message.client_id: message.text for message in messages if message.client_id}
        taps = set(stored) - set(self.accepted)
        assert {stored[client_id] for client_id in taps} <= set(TITLES.values())
        assert {name: text for name, text in stored.items() if name not in taps} == self.accepted

    @invariant()
    def every_change_is_on_record_once(self) -> None:
        entries = AuditEntry.objects.filter(conversation_id=self.pk)
        rows = list(entries.order_by("pk").values_list("kind", "data"))
        epochs = [data["epoch"] for kind, data in rows if kind.startswith("control.")]
        assert epochs == list(range(2, self.now().epoch + 1))
        kinds = Counter(kind for kind, _ in rows)
        offers = Counter(Transfer.objects.values_list("state", flat=True))
        assert kinds["transfer.offered"] == offers.total()
        assert kinds["control.transferred"] == offers["accepted"]
        for state in ("declined", "withdrawn", "lapsed"):
            assert kinds[f"transfer.{state}"] == offers[state]
        held = Counter(HeldReply.objects.values_list("state", flat=True))
        assert kinds["reply.held"] == held.total()
        assert kinds["reply.released"] == held["released"]
        assert kinds["reply.withdrawn"] == held["withdrawn"] + held["dropped"]
        assert kinds["reply.returned"] == HeldReply.objects.exclude(remark="").count()
        self._the_bot_speaks_only_under_its_own_control(rows)

    def _the_bot_speaks_only_under_its_own_control(self, rows) -> None:
        """A bot message carries an epoch in which the bot had the word."""
        mayhap = {
            "control.released_to_bot",
            "control.left_queue",
            "control.queued",
            "control.released_to_queue",
            "control.requeued",
        }
        held = {1} | {data["epoch"] for kind, data in rows if kind in mayhap}
        said = Message.objects.filter(conversation=self.pk, sender="bot")
        assert set(said.values_list("epoch", flat=True)) <= held

    @invariant()
    def nothing_outlives_the_control_it_was_made_under(self) -> None:
        now = self.now()
        pending = self._pending()
        assert all(turn.epoch == now.epoch for turn in pending)
        if now.control in ("specialist", "closed"):
            assert pending == []
        assert not Transfer.objects.filter(state="offered").exclude(epoch=now.epoch).exists()
        assert not HeldReply.objects.filter(state="held").exclude(epoch=now.epoch).exists()

    @invariant()
    def what_readers_show_is_what_a_fresh_page_shows(self) -> None:
        """Snapshot plus events equals a fresh snapshot."""
        woken = self.wake_ups.commit()
        stored = list(
            Message.objects.filter(conversation=self.pk)
            .order_by("seq")
            .values_list("pk", flat=True)
        )
        for reader in self.readers:
            reader.hear(woken)
            if reader.is_connected:
                assert reader.shown == stored
                assert reader.state == state_of(self.pk)


@pytest.mark.django_db
def test_any_interleaving_keeps_the_house_in_order():
    with time_machine.travel(OPEN, tick=False):
        House.staff = [make_specialist("ana"), make_specialist("ben"), make_supervisor("sam")]
        House.admin = make_admin("root")
    profile = hypothesis_settings.default
    run_state_machine_as_test(
        House,
        settings=hypothesis_settings(
            profile,
            # A step costs some thirty queries, so fewer than a profile asks of others.
            max_examples=profile.max_examples * 2 // 5,
            stateful_step_count=40,
            deadline=None,
        ),
    )
