"""Fixtures of the gateway's tests: a bot that answers from a script, and clean counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from availability import content
from gateway.limits import counter
from relay import BotQuestion, BotReply
from relay.fake import FakeRelay, fake_answer, fake_message, fake_reply
from relay.registry import use_relay
from tests.factories import CLOSED, OPEN


def sensible(question: BotQuestion) -> BotReply:
    """Answer as a bot would that knows the tests' content."""
    text = (question.choice or question.text).lower()
    entries = content.knowledge().entries
    if text.removeprefix("ask/") in entries:
        return fake_answer(text.removeprefix("ask/"), entries[text.removeprefix("ask/")].version)
    if "person" in text:
        return fake_reply(fake_message("handoff"))
    if "which" in text:
        labels = ("ask/study-result", "ask/study-who")
        return fake_reply(fake_message("clarify", "utter_clarify", *labels))
    if "should we" in text:
        return fake_reply(fake_message("refusal", "utter_refusal_advice", "handoff"))
    if "study" in text:
        return fake_answer("study-result", entries["study-result"].version)
    if "hello" in text:
        return fake_reply(fake_message("smalltalk", "utter_smalltalk_greet"))
    return fake_reply(fake_message("fallback", "utter_fallback", "handoff"))


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """No test is refused for the haste of another."""
    counter.forget()


@pytest.fixture
def relay() -> Iterator[FakeRelay]:
    """The bot of the test."""
    fake = FakeRelay(sensible)
    with use_relay(fake):
        yield fake


@pytest.fixture
def open_hours() -> Iterator[time_machine.Coordinates]:
    """The specialists' hours. Time goes on in them: event loops wait by the same clock."""
    with time_machine.travel(OPEN, tick=True) as traveller:
        yield traveller


@pytest.fixture
def closed_hours() -> Iterator[time_machine.Coordinates]:
    """A Sunday."""
    with time_machine.travel(CLOSED, tick=True) as traveller:
        yield traveller
