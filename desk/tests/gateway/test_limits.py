"""How many calls are too many, and that the setting switches it off."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from gateway import limits
from gateway.limits import MESSAGES, OPENING, READING, TYPING, Counter, seconds_to_wait
from tests.gateway.api_client import Api, open_api


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once() -> None:
    """Then one by one, evenly; Retry-After tells when."""
    clock = Clock()
    counter = Counter(clock)
    assert [counter.seconds_to_wait("a", 60) for _ in range(60)] == [0.0] * 60
    assert counter.seconds_to_wait("a", 60) == pytest.approx(1.0)
    assert counter.seconds_to_wait("b", 60) == 0
    clock.now += 1
    assert counter.seconds_to_wait("a", 60) == 0
    assert counter.seconds_to_wait("a", 60) > 0
    clock.now += 3600
    assert [counter.seconds_to_wait("a", 60) for _ in range(60)] == [0.0] * 60


def test_a_refused_call_does_not_make_the_wait_longer() -> None:
    """Whoever keeps asking is let in at the time they were told."""
    clock = Clock()
    counter = Counter(clock)
    for _ in range(60):
        counter.seconds_to_wait("a", 60)
    for _ in range(100):
        assert counter.seconds_to_wait("a", 60) == pytest.approx(1.0)
    clock.now += 1
    assert counter.seconds_to_wait("a", 60) == 0


def test_counts_of_quiet_callers_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of addresses does not fill the memory."""
    monkeypatch.setattr(limits, "_MOST_KEPT", 100)
    clock = Clock()
    counter = Counter(clock)
    for number in range(1000):
        counter.seconds_to_wait(f"address {number}", 60)
        clock.now += 0.1
    assert len(counter._due_at) <= 101


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8:0:0:ffff::2"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_addresses_are_counted_by_household(address: str, same: str) -> None:
    """All of an IPv6 network is one caller."""
    factory = RequestFactory()
    limits.counter.forget()
    limit = limits.Limit("test", None, 1)
    assert seconds_to_wait(factory.get("/", REMOTE_ADDR=address), limit) == 0
    assert seconds_to_wait(factory.get("/", REMOTE_ADDR=same), limit) > 0
    assert seconds_to_wait(factory.get("/", REMOTE_ADDR="198.51.100.1"), limit) == 0


def test_the_limits_are_generous() -> None:
    """A ward of families behind one address is no attack."""
    assert (OPENING.per_address or 0) >= 100
    assert (MESSAGES.per_address or 0) >= 20 * (MESSAGES.per_conversation or 0)
    assert (READING.per_conversation or 0) >= 300
    assert (TYPING.per_conversation or 0) >= 60


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, the calls of the test come at once."""
    monkeypatch.setattr(limits, "counter", Counter(Clock()))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("relay", "standing_clock")
class TestOverHttp:
    async def test_too_many_messages_of_a_conversation(self) -> None:
        """429 with Retry-After; another conversation goes on."""
        api, other = await open_api(), await open_api()
        answer = await api.say("hello")
        sent = 1
        while answer.status == 201:
            answer = await api.post("…/messages", {"client_id": "x"})
            sent += 1
            if answer.status == 422:
                answer.status = 201
        assert (answer.status, answer.problem) == (429, "rate-limited")
        assert sent == (MESSAGES.per_conversation or 0) + 1
        assert 1 <= int(answer.response["Retry-After"]) <= 60
        assert (await other.say("hello")).status == 201
        assert (await api.get("…/messages")).status == 200

    async def test_too_many_conversations_of_an_address(self) -> None:
        """429; what is open already is not cut off."""
        api = await open_api()
        for _ in range((OPENING.per_address or 0) - 1):
            await Api().post("/api/v1/conversations", {"consent": False})
        refused = await Api().post("/api/v1/conversations", {"consent": True})
        assert (refused.status, refused.problem) == (429, "rate-limited")
        assert (await api.say("hello")).status == 201

    async def test_the_setting_switches_it_off(self, settings: Settings) -> None:
        """For measuring on loopback."""
        settings.RATE_LIMIT = False
        api = await open_api()
        for _ in range((MESSAGES.per_conversation or 0) + 5):
            assert (await api.post("…/messages", {})).status == 422
