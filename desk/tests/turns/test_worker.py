"""The worker finishes what was left behind and does what is due by the clock."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import InterfaceError, OperationalError
from pytest_django import Settings

from conversations import services
from conversations.models import Control, Turn, TurnState
from relay.fake import FakeRelay
from tests.factories import fresh, last_notice, make_conversation, turn_of, write
from turns.chores import house_chores
from turns.threads import run
from turns.worker import PAUSE_SECONDS, Chore, Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_hours")]


async def test_late_turns_are_finished(
    relay: FakeRelay, open_hours: time_machine.Coordinates
) -> None:
    """All of them, in each conversation in order; a fresh one is left to its own process."""
    conversations = [await run(make_conversation) for _ in range(3)]
    for conversation in conversations:
        for text in ("one study", "two study"):
            await run(write, conversation, text)
    worker = Worker([])
    await worker.work_once()
    assert relay.questions == []
    open_hours.shift(60)
    await worker.work_once()
    states = await run(lambda: set(Turn.objects.values_list("state", flat=True)))
    assert states == {TurnState.ANSWERED}
    by_session: dict[str, list[str]] = {}
    for question in relay.questions:
        by_session.setdefault(question.sender, []).append(question.text)
    assert list(by_session.values()) == [["one study", "two study"]] * 3


async def test_one_broken_turn_does_not_hold_up_the_others(
    relay: FakeRelay, open_hours: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is noted by its number, without a text, and tried again later."""
    first, second = await run(make_conversation), await run(make_conversation)
    await run(write, first, "a secret study")
    good = await run(write, second, "the study")
    open_hours.shift(60)
    answer = relay.answer

    def crash_once(question: object) -> object:
        if "secret" in str(question):
            raise RuntimeError("a secret")
        return answer(question)

    relay.answer = crash_once
    await Worker([]).work_once()
    turn = await run(Turn.objects.get, pk=turn_of(good).pk)
    assert turn.state == TurnState.ANSWERED


async def test_chores_are_done_when_they_are_due(open_hours: time_machine.Coordinates) -> None:
    """At once, then again and again."""
    done: list[datetime] = []

    def verb(now: datetime) -> int:
        done.append(now)
        return 1

    worker = Worker([Chore("things were done", verb, timedelta(minutes=1))])
    await worker.work_once()
    await worker.work_once()
    assert len(done) == 1
    open_hours.shift(61)
    await worker.work_once()
    assert len(done) == 2


async def test_a_chore_that_waits_for_a_server_outside_holds_nothing_up(
    open_hours: time_machine.Coordinates,
) -> None:
    """Families in the queue are reminded while a mail server is silent; it is asked once."""
    is_over = threading.Event()
    begun: list[datetime] = []
    others: list[datetime] = []

    def wait(now: datetime) -> int:
        begun.append(now)
        is_over.wait(20)
        return 1

    def verb(now: datetime) -> int:
        others.append(now)
        return 0

    worker = Worker(
        [
            Chore("mails were sent", wait, timedelta(0), is_slow=True),
            Chore("others were done", verb, timedelta(0)),
        ]
    )
    for _ in range(3):
        await worker.work_once()
    assert len(others) == 3
    is_over.set()
    await worker.settle_slow(20)
    assert len(begun) == 1
    await worker.work_once()
    await worker.settle_slow(20)
    assert len(begun) == 2


async def test_a_slow_chore_that_breaks_off_is_done_again(
    open_hours: time_machine.Coordinates,
) -> None:
    """The worker itself goes on."""
    outcomes = iter([RuntimeError("broken"), None])

    def verb(now: datetime) -> int:
        if error := next(outcomes):
            raise error
        return 0

    worker = Worker([Chore("mails were sent", verb, timedelta(0), is_slow=True)])
    for _ in range(2):
        await worker.work_once()
        await worker.settle_slow(20)
    assert list(outcomes) == []


async def test_a_chore_that_breaks_off_does_not_hold_up_the_others() -> None:
    """Whoever lost their specialist is queued although the reminders are broken."""
    done = []

    def broken(now: datetime) -> int:
        raise RuntimeError("broken")

    def good(now: datetime) -> int:
        done.append(now)
        return 1

    chores = [Chore("one", broken, timedelta(0)), Chore("two", good, timedelta(0))]
    worker = Worker(chores)
    for _ in range(2):
        await worker.work_once()
    assert len(done) == 2


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
async def test_a_database_that_is_away_is_waited_for(kind: type[Exception]) -> None:
    """The worker goes on when it is back."""
    outcomes = iter([kind("away"), None])

    def verb(now: datetime) -> int:
        if error := next(outcomes):
            raise error
        return 0

    worker = Worker([Chore("things were done", verb, timedelta(0))])
    await worker.work_once()
    await worker.work_once()
    assert list(outcomes) == []


async def test_idle_conversations_are_warned_and_closed(
    settings: Settings, open_hours: time_machine.Coordinates
) -> None:
    """By the house's own chores, at the times of the settings."""
    settings.IDLE_WARNING_MINUTES = settings.IDLE_CLOSE_MINUTES = 30
    conversation = await run(make_conversation)
    accepted = await run(write, conversation)
    await run(services.fail_turn, turn_of(accepted).pk, "timeout")
    worker = Worker(house_chores())
    open_hours.shift(31 * 60)
    await worker.work_once()
    assert await run(last_notice, conversation) == "notice:idle_warning"
    open_hours.shift(31 * 60)
    await worker.work_once()
    assert (await run(fresh, conversation)).control == Control.CLOSED
    assert await run(last_notice, conversation) == "notice:closed_idle"


async def test_it_stops_when_it_is_told_to() -> None:
    """After the present round, within a second or so."""
    worker = Worker([])
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.1)
    worker.stop()
    async with asyncio.timeout(PAUSE_SECONDS + 5):
        await running
