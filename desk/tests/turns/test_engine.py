"""A turn ends, whatever happens: answered, failed with an honest notice, or taken over."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from conversations import services
from conversations.models import Control, Message, Turn, TurnState
from conversations.results import Accepted
from relay import BotQuestion, BotUnavailable
from relay.fake import FakeRelay, fake_answer, fake_message, fake_reply
from tests.factories import (
    fresh,
    make_conversation,
    make_specialist,
    notice_of,
    told,
    turn_of,
    write,
)
from tests.gateway.conftest import sensible
from turns import engine, leases
from turns.engine import TurnStillPending, finish_turn
from turns.threads import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_hours")]


async def _wrote(text: str = "the study", conversation: Any = None) -> Accepted:
    return await run(lambda: write(conversation or make_conversation(), text))


async def _turn(accepted: Accepted) -> Turn:
    return await run(Turn.objects.get, pk=turn_of(accepted).pk)


async def _replies(accepted: Accepted) -> list[Message]:
    return await run(lambda: list(Message.objects.filter(in_reply_to=accepted.message)))


async def test_a_turn_is_answered_and_recorded(relay: FakeRelay) -> None:
    """With everything review needs and nobody can recover later."""
    accepted = await _wrote()
    await finish_turn(turn_of(accepted).pk)
    turn = await _turn(accepted)
    assert (turn.state, turn.attempts, turn.failure) == (TurnState.ANSWERED, 1, "")
    (reply,) = await _replies(accepted)
    record = await run(lambda: reply.record)
    assert record.candidates[0] == {"label": "ask/study-result", "confidence": 0.9}
    assert (record.model_version, record.request_id) == ("fake-model", "request-1")
    assert relay.questions[0].request_id == "request-1"


async def test_a_claim_that_came_with_the_message_is_not_asked_for_again(
    relay: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question is the one that a claim of its own would have given."""
    conversation = await run(make_conversation)
    first = await run(lambda: write(conversation, lease=leases.OWN))
    claimed = leases.claimed_with(first)
    assert claimed == await run(leases.claim, turn_of(first).pk)
    monkeypatch.setattr(engine, "claim", None)
    await finish_turn(turn_of(first).pk, claimed=claimed)
    assert (await _turn(first)).state == TurnState.ANSWERED
    assert len(relay.questions) == 1


async def test_a_message_seen_before_or_behind_another_is_claimed_later(relay: FakeRelay) -> None:
    """Somebody may be at work on it, or on the one in front."""
    conversation = await run(make_conversation)
    first = await run(lambda: write(conversation, client_id="one", lease=leases.OWN))
    again = await run(lambda: write(conversation, client_id="one", lease=leases.OWN))
    second = await run(lambda: write(conversation, lease=leases.OWN))
    assert again.turn == first.turn
    assert leases.claimed_with(again) is None
    assert leases.claimed_with(second) is None
    await finish_turn(turn_of(second).pk)
    assert (await _turn(second)).state == TurnState.ANSWERED


async def test_finishing_twice_asks_once(relay: FakeRelay) -> None:
    """At the same time or one after the other."""
    accepted = await _wrote()
    await asyncio.gather(*(finish_turn(turn_of(accepted).pk) for _ in range(5)))
    await finish_turn(turn_of(accepted).pk)
    assert len(relay.questions) == 1
    assert len(await _replies(accepted)) == 1


async def test_a_caller_that_goes_away_does_not_stop_the_turn(relay: FakeRelay) -> None:
    """A family that closes the page finds the reply when it comes back."""
    accepted = await _wrote()
    relay.hold = asyncio.Event()
    caller = asyncio.create_task(finish_turn(turn_of(accepted).pk))
    await relay.was_asked.wait()
    caller.cancel()
    relay.hold.set()
    await finish_turn(turn_of(accepted).pk)
    assert (await _turn(accepted)).state == TurnState.ANSWERED
    assert len(relay.questions) == 1


async def test_turns_of_a_conversation_go_in_order(relay: FakeRelay) -> None:
    """The last one asked for first is still asked last."""
    conversation = await run(make_conversation)
    texts = ["one study", "two study", "three study"]
    accepted = [await _wrote(text, conversation) for text in texts]
    await asyncio.gather(*(finish_turn(turn_of(each).pk) for each in reversed(accepted)))
    assert [question.text for question in relay.questions] == texts
    replied = [m.in_reply_to_id for m in await run(told, conversation) if m.in_reply_to_id]
    assert replied == [each.message.pk for each in accepted]


async def test_a_turn_held_elsewhere_is_waited_for(relay: FakeRelay) -> None:
    """Another process works on it: this one neither asks nor gives up early."""
    accepted = await _wrote()
    pk = turn_of(accepted).pk
    await run(services.claim_turn, pk, holder="another process", seconds=60)
    with pytest.raises(TurnStillPending):
        await finish_turn(pk, wait_seconds=0.3)
    assert relay.questions == []
    await run(services.fail_turn, pk, "timeout")
    await finish_turn(pk)
    assert relay.questions == []


async def test_a_lapsed_lease_is_taken_over(
    relay: FakeRelay, open_hours: time_machine.Coordinates
) -> None:
    """The process that held it died; the next one asks."""
    accepted = await _wrote()
    pk = turn_of(accepted).pk
    await run(services.claim_turn, pk, holder="dead process", seconds=leases.LEASE_SECONDS)
    open_hours.shift(leases.LEASE_SECONDS + 1)
    await finish_turn(pk)
    turn = await _turn(accepted)
    assert (turn.state, turn.attempts) == (TurnState.ANSWERED, 2)
    assert len(relay.questions) == 1


async def test_an_abandoned_turn_in_front_is_finished_first(
    relay: FakeRelay, open_hours: time_machine.Coordinates
) -> None:
    """A new message is not stuck behind one whose process died."""
    conversation = await run(make_conversation)
    first = await _wrote("one study", conversation)
    await run(services.claim_turn, turn_of(first).pk, holder="dead process", seconds=10)
    open_hours.shift(11)
    second = await _wrote("two study", conversation)
    await finish_turn(turn_of(second).pk)
    assert [question.text for question in relay.questions] == ["one study", "two study"]


@pytest.mark.parametrize(
    ("attempts", "age", "failure"),
    [(leases.MOST_ATTEMPTS, timedelta(0), "attempts"), (0, leases.LATEST, "late")],
)
async def test_a_hopeless_turn_is_failed_visibly(
    attempts: int,
    age: timedelta,
    failure: str,
    relay: FakeRelay,
    open_hours: time_machine.Coordinates,
) -> None:
    """It killed its process time and again, or its reply would come much too late."""
    accepted = await _wrote()
    pk = turn_of(accepted).pk
    for _ in range(attempts):
        await run(services.claim_turn, pk, holder="dead process", seconds=1)
        open_hours.shift(2)
    open_hours.shift(age.total_seconds())
    await finish_turn(pk)
    turn = await _turn(accepted)
    assert (turn.state, turn.failure) == (TurnState.FAILED, failure)
    assert [notice_of(m) for m in await _replies(accepted)] == ["notice:turn_failed"]
    assert relay.questions == []


@pytest.mark.parametrize(
    ("failure", "notice"),
    [
        ("unreachable", "notice:bot_unavailable"),
        ("timeout", "notice:bot_unavailable"),
        ("not_ready", "notice:bot_unavailable"),
        ("circuit_open", "notice:bot_unavailable"),
        ("broken", "notice:turn_failed"),
        ("refused", "notice:turn_failed"),
        ("nonsense", "notice:turn_failed"),
    ],
)
async def test_without_a_reply_there_is_an_honest_notice(
    failure: Any, notice: str, relay: FakeRelay
) -> None:
    """Which tells a bot that is away from one that failed at this message."""
    relay.answer = lambda question: BotUnavailable(failure)
    accepted = await _wrote()
    await finish_turn(turn_of(accepted).pk)
    assert [notice_of(m) for m in await _replies(accepted)] == [notice]
    assert (await _turn(accepted)).failure == failure


@pytest.mark.parametrize(
    "reply",
    [
        fake_answer("made-up", "1-00000000"),
        fake_answer("study-result", "9-00000000"),
        fake_reply(fake_message("fallback", "utter_made_up")),
        fake_reply(fake_message("clarify", "utter_clarify", "ask/made-up", "ask/study-who")),
    ],
)
async def test_what_the_desk_does_not_hold_is_not_shown(reply: Any, relay: FakeRelay) -> None:
    """Even if it got past the relay: nothing of the turn is stored but the notice."""
    relay.answer = lambda question: reply
    accepted = await _wrote()
    await finish_turn(turn_of(accepted).pk)
    assert [notice_of(m) for m in await _replies(accepted)] == ["notice:turn_failed"]


async def test_a_reply_that_comes_after_control_moved_is_dropped(relay: FakeRelay) -> None:
    """The visitor asked for a person meanwhile: the bot does not speak over them."""
    await run(make_specialist)
    conversation = await run(make_conversation)
    accepted = await _wrote("the study", conversation)
    relay.hold = asyncio.Event()
    turn = asyncio.create_task(finish_turn(turn_of(accepted).pk))
    await relay.was_asked.wait()
    await run(services.request_handoff, conversation.pk)
    relay.hold.set()
    await turn
    assert await _replies(accepted) == []
    assert (await run(fresh, conversation)).control == Control.QUEUE
    assert (await _turn(accepted)).failure == "superseded"


async def test_a_turn_of_an_erased_conversation_ends_quietly(relay: FakeRelay) -> None:
    """There is nobody left to tell."""
    conversation = await run(make_conversation)
    accepted = await _wrote("the study", conversation)
    relay.hold = asyncio.Event()
    turn = asyncio.create_task(finish_turn(turn_of(accepted).pk))
    await relay.was_asked.wait()
    await run(services.erase_conversation, conversation.pk, by="visitor")
    relay.hold.set()
    await turn
    assert await run(Message.objects.count) == 0


async def test_a_crash_in_the_middle_leaves_the_turn_for_the_worker(
    relay: FakeRelay, open_hours: time_machine.Coordinates
) -> None:
    """Not answered, not failed, not lost: pending until its lease lapses."""

    def crash(question: BotQuestion) -> Any:
        raise RuntimeError("the values of a row")

    relay.answer = crash
    accepted = await _wrote()
    with pytest.raises(RuntimeError):
        await finish_turn(turn_of(accepted).pk)
    assert (await _turn(accepted)).state == TurnState.PENDING
    assert engine._running == {}
    relay.answer = sensible
    open_hours.shift(leases.LEASE_SECONDS + 1)
    assert await run(services.due_turns) == [turn_of(accepted).pk]
    await finish_turn(turn_of(accepted).pk)
    assert (await _turn(accepted)).state == TurnState.ANSWERED
