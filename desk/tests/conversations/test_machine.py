"""Any order of visitor, bot, two specialists, clock and close keeps the house in order.

A rule-based state machine drives the services as the rooms above do and keeps a small model of
what must be true; after every step the database is compared with it.
"""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import time_machine
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
from conversations import access, services
from conversations.errors import (
    AlreadyClaimed,
    ConversationClosed,
    NotInControl,
    NotQueued,
    StaleEpoch,
)
from conversations.models import Conversation, Message, Turn, TurnState
from conversations.results import Draft
from conversations.services.offers import TITLES
from staff.models import StaffPresence, User
from tests.conversations.test_texts import approved_problem
from tests.factories import (
    OPEN,
    RECORD,
    answer_draft,
    make_conversation,
    make_specialist,
    response_draft,
)

WHO = st.sampled_from([0, 1])
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


class House(RuleBasedStateMachine):
    """One conversation and everybody who may do something to it."""

    specialists: list[User]

    @initialize()
    def open(self) -> None:
        self.clock = time_machine.travel(OPEN, tick=False)
        self.time = self.clock.start()
        # Each example starts from the same world, or Hypothesis could not repeat it.
        StaffPresence.objects.update(seen_at=timezone.now())
        self.client_ids = (f"client-{number}" for number in itertools.count())
        self.conversation = make_conversation()
        self.pk = self.conversation.pk
        self.accepted: dict[str, str] = {}  # client id -> text, of visitor and specialists

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            self.clock.stop()
            # The next example shall find an empty queue.
            Conversation.objects.all().delete()

    def now(self) -> Conversation:
        """The conversation as the database has it."""
        return Conversation.objects.get(pk=self.pk)

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

    @rule()
    def ask_for_person(self) -> None:
        before = self.now()
        try:
            outcome = services.request_handoff(self.pk, client_id=next(self.client_ids))
        except ConversationClosed:
            assert before.control == "closed"
            return
        assert outcome.is_repeat == (before.control in ("queue", "specialist"))
        if outcome.is_repeat:
            assert (self.now().epoch, self.now().queued_at) == (before.epoch, before.queued_at)

    # The bot

    def _pending(self) -> list[Turn]:
        return list(
            Turn.objects.filter(message__conversation=self.pk, state=TurnState.PENDING).order_by(
                "pk"
            )
        )

    @rule(draft=DRAFTS)
    def bot_answers(self, draft) -> None:
        for turn in self._pending()[:1]:
            assert services.claim_turn(turn.pk, holder="w", seconds=5) is not None
            messages = services.record_bot_turn(turn.pk, drafts=[draft()], record=RECORD)
            assert messages

    @rule()
    def bot_fails(self) -> None:
        for turn in self._pending()[:1]:
            assert services.fail_turn(turn.pk, "timeout")

    @rule()
    def bot_answers_late(self) -> None:
        """A turn from before the last change of control is never stored."""
        over = Turn.objects.filter(message__conversation=self.pk, state=TurnState.FAILED)
        before = self.now().last_seq
        for turn in over[:2]:
            with pytest.raises(StaleEpoch):
                services.record_bot_turn(turn.pk, drafts=[answer_draft()], record=RECORD)
        assert self.now().last_seq == before

    # Two specialists

    @rule(who=WHO)
    def claim(self, who: int) -> None:
        before = self.now()
        me = self.specialists[who]
        try:
            services.claim_conversation(self.pk, specialist=me)
        except AlreadyClaimed:
            assert before.specialist not in (None, me)
        except NotQueued:
            assert before.control == "bot"
        except ConversationClosed:
            assert before.control == "closed"
        else:
            assert before.control == "queue" or before.specialist == me
            assert self.now().specialist == me

    @rule(who=WHO)
    def take_over(self, who: int) -> None:
        before = self.now()
        me = self.specialists[who]
        try:
            services.take_over_conversation(self.pk, specialist=me)
        except (AlreadyClaimed, ConversationClosed):
            assert before.control in ("specialist", "closed")
        else:
            assert self.now().specialist == me

    @rule(who=WHO, is_stale=st.booleans())
    def reply(self, who: int, is_stale: bool) -> None:
        before = self.now()
        epoch = before.epoch - 1 if is_stale else before.epoch
        client_id = next(self.client_ids)
        try:
            services.send_reply(
                self.pk,
                specialist=self.specialists[who],
                client_id=client_id,
                text="a reply",
                epoch=epoch,
            )
        except (NotInControl, ConversationClosed, StaleEpoch):
            assert before.specialist != self.specialists[who] or is_stale
            assert self.now().last_seq == before.last_seq
        else:
            assert before.specialist == self.specialists[who]
            assert not is_stale
            self.accepted[client_id] = "a reply"

    @rule(who=WHO, to=st.sampled_from(["queue", "bot"]))
    def release(self, who: int, to: str) -> None:
        before = self.now()
        try:
            services.release_conversation(self.pk, specialist=self.specialists[who], to=to)
        except (NotInControl, ConversationClosed):
            assert before.specialist != self.specialists[who]
        else:
            assert self.now().control == to

    # Time, and the end

    @rule(
        minutes=st.sampled_from([1, 15, 45]),
        is_there=st.booleans(),
    )
    def time_passes(self, minutes: int, is_there: bool) -> None:
        self.time.shift(timedelta(minutes=minutes))
        if is_there:
            StaffPresence.objects.update(seen_at=timezone.now())
        services.requeue_vanished()
        services.remind_waiting()
        services.warn_idle()
        services.close_idle()

    @precondition(lambda self: self.now().last_seq > 12)
    @rule()
    def visitor_closes(self) -> None:
        services.close_conversation(self.pk, by="visitor")
        assert self.now().control == "closed"

    @precondition(lambda self: self.now().last_seq > 12)
    @rule(who=WHO)
    def specialist_closes(self, who: int) -> None:
        before = self.now()
        me = self.specialists[who]
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
        assert (now.control == "specialist") == (now.specialist_id is not None)
        assert (now.control == "closed") == (now.closed_at is not None)
        assert now.control == "queue" or not now.asks_while_waiting

    @invariant()
    def numbers_have_no_gaps_and_epochs_never_fall(self) -> None:
        messages = list(Message.objects.filter(conversation=self.pk).order_by("seq"))
        assert [message.seq for message in messages] == list(range(1, self.now().last_seq + 1))
        epochs = [message.epoch for message in messages]
        assert epochs == sorted(epochs)
        assert all(not approved_problem(message) for message in messages[-4:])

    @invariant()
    def every_change_of_control_is_on_record_once(self) -> None:
        changes = AuditEntry.objects.filter(conversation_id=self.pk, kind__startswith="control.")
        epochs = list(changes.values_list("data__epoch", flat=True))
        assert epochs == list(range(2, self.now().epoch + 1))

    @invariant()
    def every_accepted_message_is_stored_once(self) -> None:
        stored = dict(
            Message.objects.filter(conversation=self.pk, client_id__in=self.accepted).values_list(
                "client_id", "text"
            )
        )
        assert stored == self.accepted

    @invariant()
    def the_bot_speaks_only_under_its_own_control(self) -> None:
        """A bot message carries an epoch in which the bot had the word."""
        held = {1}
        waiting = set()
        for kind, data in AuditEntry.objects.filter(conversation_id=self.pk).values_list(
            "kind", "data"
        ):
            if kind in ("control.released_to_bot", "control.left_queue"):
                held.add(data["epoch"])
            if kind in ("control.queued", "control.released_to_queue", "control.requeued"):
                waiting.add(data["epoch"])
        said = Message.objects.filter(conversation=self.pk, sender="bot")
        assert set(said.values_list("epoch", flat=True)) <= held | waiting

    @invariant()
    def no_turn_outlives_its_epoch(self) -> None:
        now = self.now()
        assert all(turn.epoch == now.epoch for turn in self._pending())
        if now.control in ("specialist", "closed"):
            assert self._pending() == []

    @invariant()
    def the_queue_shows_it_exactly_while_it_waits(self) -> None:
        rows = [row for row in access.queue_snapshot() if row.conversation.pk == self.pk]
        assert len(rows) == (1 if self.now().control == "queue" else 0)


@pytest.mark.django_db
def test_any_interleaving_keeps_the_house_in_order():
    with time_machine.travel(OPEN, tick=False):
        House.specialists = [make_specialist("ana"), make_specialist("ben")]
    run_state_machine_as_test(
        House,
        settings=hypothesis_settings(max_examples=25, stateful_step_count=30, deadline=None),
    )
