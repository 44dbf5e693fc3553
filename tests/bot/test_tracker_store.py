"""The last turns of a conversation, bounded by number and age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ConversationPaused,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot import tracker_store
from bot.tracker_store import RecentTurnsStore

DOMAIN = Domain.from_dict(
    {"slots": {"topic": {"type": "any", "mappings": [{"type": "custom"}]}}, "intents": ["greet"]}
)


def turn(number: int) -> list[Event]:
    return [
        ActionExecuted("action_listen"),
        UserUttered(f"message {number}", {"name": "greet"}),
        ActionExecuted("utter_greet"),
        BotUttered(f"reply {number}"),
    ]


def tracker(turns: int, sender: str = "one", *extra: Event) -> DialogueStateTracker:
    events = [event for number in range(turns) for event in turn(number)]
    return DialogueStateTracker.from_events(sender, [*extra, *events], DOMAIN.slots)


def texts(found: DialogueStateTracker | None) -> list[str]:
    assert found is not None
    return [event.text for event in found.events if isinstance(event, UserUttered)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(tracker_store.time, "monotonic", lambda: now[0])
    return now


@given(st.integers(0, 12), st.integers(1, 4))
async def test_the_last_turns_come_back(turns: int, kept: int) -> None:
    store = RecentTurnsStore(DOMAIN, turns=kept)
    await store.save(tracker(turns))
    expected = [f"message {number}" for number in range(turns)][-kept:]
    assert texts(await store.retrieve("one")) == expected


async def test_what_is_kept_does_not_grow() -> None:
    store = RecentTurnsStore(DOMAIN)
    await store.save(tracker(5))
    short = await store.retrieve("one")
    await store.save(tracker(400))
    long = await store.retrieve("one")
    assert short is not None
    assert long is not None
    assert len(long.events) == len(short.events)


async def test_a_turn_starts_with_listening() -> None:
    store = RecentTurnsStore(DOMAIN, turns=1)
    await store.save(tracker(3))
    found = await store.retrieve("one")
    assert found is not None
    first = found.events[0]
    assert isinstance(first, ActionExecuted)
    assert first.action_name == "action_listen"


async def test_a_slot_outlives_the_turn_that_set_it() -> None:
    store = RecentTurnsStore(DOMAIN, turns=1)
    await store.save(tracker(6, "one", SlotSet("topic", "blinatumomab")))
    found = await store.retrieve("one")
    assert found is not None
    assert found.get_slot("topic") == "blinatumomab"


async def test_a_pause_is_kept_whole() -> None:
    """What is in force may rest on events before the cut."""
    store = RecentTurnsStore(DOMAIN, turns=1)
    paused = tracker(6)
    paused.update(ConversationPaused())
    await store.save(paused)
    found = await store.retrieve("one")
    assert len(texts(found)) == 6
    assert found is not None
    assert found.is_paused()


async def test_the_oldest_conversation_goes_first() -> None:
    store = RecentTurnsStore(DOMAIN, max_conversations=2)
    for sender in ("one", "two", "three"):
        await store.save(tracker(1, sender))
    assert list(await store.keys()) == ["two", "three"]


async def test_using_a_conversation_keeps_it() -> None:
    store = RecentTurnsStore(DOMAIN, max_conversations=2)
    for sender in ("one", "two", "one", "three"):
        await store.save(tracker(1, sender))
    assert list(await store.keys()) == ["one", "three"]


async def test_an_old_conversation_is_gone(clock: list[float]) -> None:
    store = RecentTurnsStore(DOMAIN, max_age_seconds=60)
    await store.save(tracker(1, "old"))
    clock[0] += 61
    assert await store.retrieve("old") is None
    await store.save(tracker(1, "new"))
    assert list(await store.keys()) == ["new"]


async def test_forgetting_is_complete_and_may_be_repeated() -> None:
    store = RecentTurnsStore(DOMAIN)
    await store.save(tracker(2))
    store.forget("one")
    store.forget("one")
    assert await store.retrieve("one") is None
