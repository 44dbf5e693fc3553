"""Which response is true in which state of the service."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import live_facts
from actions.clients.desk import DeskUnavailable, ServiceState
from actions.live_facts import ActionOpenNow, ActionWaitTime, open_response, wait_response

OPEN = ServiceState(is_open=True, is_staffed=True, opens_at=None, wait_minutes=(1, 3))
CLOSED = ServiceState(False, False, "9:00 AM on Monday", None)
NOBODY = ServiceState(True, False, None, None)

states = st.builds(
    ServiceState,
    is_open=st.booleans(),
    is_staffed=st.booleans(),
    opens_at=st.none() | st.just("9:00 AM"),
    wait_minutes=st.none() | st.tuples(st.integers(0, 60), st.integers(0, 90)),
)


@pytest.mark.parametrize(
    ("state", "response"),
    [(OPEN, "utter_open_now"), (CLOSED, "utter_closed_now"), (NOBODY, "utter_nobody_now")],
)
def test_open_response(state: ServiceState, response: str) -> None:
    assert open_response(state) == response


@pytest.mark.parametrize(
    ("wait", "response"),
    [
        (None, "utter_wait_unknown"),
        ((0, 0), "utter_wait_none"),
        ((1, 5), "utter_wait_short"),
        ((3, 6), "utter_wait_long"),
    ],
)
def test_wait_response(wait: tuple[int, int] | None, response: str) -> None:
    assert wait_response(ServiceState(True, True, None, wait)) == response


@given(states)
def test_no_wait_is_promised_when_nobody_is_there(state: ServiceState) -> None:
    if not (state.is_open and state.is_staffed):
        assert wait_response(state) in {"utter_closed_now", "utter_nobody_now"}


@given(states)
def test_the_next_opening_is_named_only_when_it_is_known(state: ServiceState) -> None:
    if open_response(state) == "utter_closed_now":
        assert state.opens_at


async def said_by(action: Any) -> list[str]:
    dispatcher = CollectingDispatcher()
    tracker = Tracker("s", {}, {}, [], False, None, {}, "action_listen")
    assert await action.run(dispatcher, tracker, {}) == []
    return [message["response"] for message in dispatcher.messages]


async def test_actions_name_the_response(monkeypatch: pytest.MonkeyPatch) -> None:
    async def closed() -> ServiceState:
        return CLOSED

    monkeypatch.setattr(live_facts, "read_service_state", closed)
    assert await said_by(ActionOpenNow()) == ["utter_closed_now"]
    assert await said_by(ActionWaitTime()) == ["utter_closed_now"]


async def test_without_the_desk_they_say_that_they_cannot_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unavailable() -> ServiceState:
        raise DeskUnavailable("TimeoutError")

    monkeypatch.setattr(live_facts, "read_service_state", unavailable)
    assert await said_by(ActionOpenNow()) == ["utter_live_facts_unavailable"]
    assert await said_by(ActionWaitTime()) == ["utter_live_facts_unavailable"]
