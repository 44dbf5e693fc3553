"""The reader of bot replies takes the contract's examples and refuses everything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract import BotQuestion, NonsenseReply, parse_readiness, parse_reply
from tests.relay.contract_files import (
    ContractCopies,
    exchanges,
    refused_replies,
    turns_with_status,
)

COPIES = ContractCopies()
ANSWERED = turns_with_status(200)
REFUSED = refused_replies()


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("name", ANSWERED)
def test_every_example_is_read(name: str) -> None:
    """Each 200 of the contract is understood, message for message."""
    body = ANSWERED[name]["response"]["body"]
    reply = parse_reply(_body(body), COPIES)
    assert [m.model_dump(mode="json") for m in reply.messages] == body["messages"]
    assert [c.model_dump() for c in reply.candidates] == body["candidates"]
    assert reply.model_version == body["model_version"]


@pytest.mark.parametrize("name", ANSWERED)
def test_requests_are_written_as_agreed(name: str) -> None:
    """A question becomes the very request of the example."""
    body = ANSWERED[name]["request"]["body"]
    metadata = body["metadata"]
    question = BotQuestion(
        sender=body["sender"], text=body["text"], request_id=body["request_id"], **metadata
    )
    assert question.as_request(body["text"]) == body


@pytest.mark.parametrize("why", REFUSED)
def test_nonsense_of_the_contract_is_refused(why: str) -> None:
    """Each listed piece of nonsense is refused."""
    with pytest.raises(NonsenseReply):
        parse_reply(_body(REFUSED[why]), COPIES)


def test_the_refusals_differ_from_a_good_reply_by_their_fault_alone() -> None:
    """The common ground of the refused replies is fine, so each is refused for its own reason."""
    good = ANSWERED["answer"]["response"]["body"]
    assert parse_reply(_body(good), COPIES).messages[0].entry == "study-result-82"


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"not json", b"\xff\xfe", b'{"messages": [', b"NaN", b'"text"'],
)
def test_garbage_is_refused(body: bytes) -> None:
    """What is no JSON object of ours is nonsense, never a crash."""
    with pytest.raises(NonsenseReply):
        parse_reply(body, COPIES)


def test_an_unknown_entry_is_refused() -> None:
    """An entry that the desk does not hold cannot be shown."""
    body = json.loads(_body(ANSWERED["answer"]["response"]["body"]))
    body["messages"][0]["entry"] = "made-up"
    with pytest.raises(NonsenseReply, match="does not hold"):
        parse_reply(_body(body), COPIES)


def test_another_version_is_refused() -> None:
    """An answer of another version is not the one that was approved here."""
    body = json.loads(_body(ANSWERED["answer"]["response"]["body"]))
    body["messages"][0]["version"] = "2-00000000"
    with pytest.raises(NonsenseReply, match="train the bot anew"):
        parse_reply(_body(body), COPIES)


def test_an_unknown_response_is_refused() -> None:
    """A response that stands in no domain file of ours cannot be shown."""
    body = json.loads(_body(ANSWERED["fallback"]["response"]["body"]))
    body["messages"][0]["response"] = "utter_made_up"
    with pytest.raises(NonsenseReply, match="does not hold"):
        parse_reply(_body(body), COPIES)


def test_a_choice_of_an_unknown_entry_is_refused() -> None:
    """A choice whose title nobody knows cannot be offered."""
    body = json.loads(_body(ANSWERED["clarify"]["response"]["body"]))
    body["messages"][0]["choices"][0]["label"] = "ask/made-up"
    with pytest.raises(NonsenseReply, match="offers an entry"):
        parse_reply(_body(body), COPIES)


SECRET = "my-son-has-a-fever"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.just(SECRET) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["messages", "kind", "entry", "candidates", SECRET]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=10,
    )
)
def test_no_json_is_believed_or_repeated(value: Any) -> None:
    """Arbitrary JSON is refused, and the reason repeats nothing of it: it may hold a text."""
    with pytest.raises(NonsenseReply) as caught:
        parse_reply(_body(value), COPIES)
    assert SECRET not in str(caught.value)


def test_readiness_is_read() -> None:
    """The versions of a ready bot come back."""
    body = exchanges()["ready"]["response"]["body"]
    assert parse_readiness(_body(body)).model_version == body["model_version"]


def test_a_readiness_of_another_form_is_refused() -> None:
    """A server that merely answers 200 is not a ready bot."""
    with pytest.raises(NonsenseReply):
        parse_readiness(b'"Hello from Rasa: 3.6.21"')
