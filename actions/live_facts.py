"""Names the response that is true right now; the desk fills in times and places."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clients.desk import DeskUnavailable, ServiceState, read_service_state

logger = logging.getLogger(__name__)

SHORT_WAIT_MINUTES = 5
"""Up to here a wait is called short: `utter_wait_short` says "a few minutes at most"."""


class ActionOpenNow(Action):
    """Answers "are you open now?"."""

    def name(self) -> str:
        return "action_open_now"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return await _say(dispatcher, open_response)


class ActionWaitTime(Action):
    """Answers "how long is the wait?"."""

    def name(self) -> str:
        return "action_wait_time"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return await _say(dispatcher, wait_response)


def open_response(state: ServiceState) -> str:
    """Return the response that says whether a specialist can be reached now."""
    if state.is_staffed and state.is_open:
        return "utter_open_now"
    if state.is_open or not state.opens_at:
        return "utter_nobody_now"
    return "utter_closed_now"


def wait_response(state: ServiceState) -> str:
    """Return the response that says how long the wait is, or that nobody is there."""
    if not (state.is_open and state.is_staffed):
        return open_response(state)
    if state.wait_minutes is None:
        return "utter_wait_unknown"
    longest = state.wait_minutes[1]
    if longest <= 0:
        return "utter_wait_none"
    return "utter_wait_short" if longest <= SHORT_WAIT_MINUTES else "utter_wait_long"


async def _say(
    dispatcher: CollectingDispatcher, choose: Callable[[ServiceState], str]
) -> list[dict[str, Any]]:
    try:
        response = choose(await read_service_state())
    except DeskUnavailable as error:
        logger.warning("the desk's service state cannot be had: %s", error)
        response = "utter_live_facts_unavailable"
    dispatcher.utter_message(response=response)
    return []
