"""Fixtures of all the desk's tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import time_machine
from hypothesis import settings as hypothesis_settings

import safety
from availability import content
from safety import Verdict
from tests.factories import CLOSED, OPEN

type Find = Callable[..., None]

# `pytest --hypothesis-profile thorough`: for a night, not for every change.
hypothesis_settings.register_profile("thorough", max_examples=1200, deadline=None)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still within the opening hours; `clock.move_to` and `clock.shift` turn it."""
    with time_machine.travel(OPEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def closed_clock() -> Iterator[time_machine.Traveller]:
    """Time stands still outside the opening hours."""
    with time_machine.travel(CLOSED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Find:
    """Sets what the safety check finds in every text from now on.

    What it finds in which words is the safety package's own matter and tested there.
    """

    def set_verdict(*categories: str, certainty: Literal["certain", "doubt"] = "certain") -> None:
        verdict = Verdict(categories, certainty if categories else None)
        monkeypatch.setattr(safety, "check", lambda text: verdict)

    return set_verdict


@pytest.fixture
def own_content() -> Iterator[None]:
    """Lets a test exchange the files of knowledge; they are read anew before and after."""
    content.forget()
    yield
    content.forget()


def service_or_skip(variable: str, what: str) -> str:
    """The address of a service for tests, or a skip that says what is missing.

    With REQUIRE_SERVICES=1, as in CI, a missing service is a failure.
    """
    address = os.environ.get(variable, "")
    if not address:
        reason = f"{what} is not there: set {variable}"
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return address
