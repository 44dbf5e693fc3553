"""Each call asks the database a bounded number of questions, however long the conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations import access
from gateway import calls_conversations, calls_messages, calls_service, calls_stream
from gateway.access_token import Visitor
from gateway.present import messages_out
from tests.factories import answer, fresh, make_opened, make_queued, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def _count(work: Callable[..., Any], *args: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        work(*args)
    return len(captured)


@pytest.mark.parametrize("turns", [1, 40])
def test_reading_does_not_grow_with_the_conversation(turns: int) -> None:
    """A page, a look of the stream, an exchange: the same in turn 40 as in the first."""
    opened = make_opened()
    for _ in range(turns):
        accepted = write(opened.conversation)
        answer(accepted)
    visitor = Visitor(fresh(opened.conversation), opened.token)
    assert _count(calls_messages._page, opened.conversation.pk, 0, 200) <= 3
    assert _count(calls_stream._look, visitor, 0) <= 3
    last_seq = fresh(opened.conversation).last_seq
    assert _count(calls_stream._look, visitor, last_seq) == 1
    assert _count(calls_messages._exchange, accepted) <= 2
    assert _count(calls_conversations._stand, opened.conversation.pk, opened.token) <= 1


@pytest.mark.parametrize("waiting", [1, 15])
def test_standing_in_a_queue_does_not_grow_with_it(waiting: int) -> None:
    """Place and wait are counted by the database."""
    for _ in range(waiting):
        conversation = make_queued()
    assert _count(calls_stream.standing_of, fresh(conversation)) <= 3


def test_the_service_state_is_cheap() -> None:
    """It is asked for by every page that shows the widget."""
    calls_service._service()
    assert _count(calls_service._service) <= 4


def test_a_message_with_choices_costs_no_more() -> None:
    """Choices are read for all messages at once."""
    opened = make_opened()
    page = access.messages_after(opened.conversation.pk, 0, 200)
    with CaptureQueriesContext(connection) as captured:
        messages_out(page.messages)
    assert len(captured) == 0
