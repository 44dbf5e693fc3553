"""Sending messages: what comes back, and that a repeat is one."""

from __future__ import annotations

import asyncio
import threading
import uuid

import pytest

from conversations import services
from gateway import refused_texts
from relay.client import BotUnavailable
from relay.fake import FakeRelay
from safety import Verdict
from tests.conftest import Find
from tests.gateway.api_client import Api, open_api
from tests.gateway.database import claimed, conversation, reply, specialist, turns

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]


async def test_an_answer_comes_with_its_sources() -> None:
    """The reply to a message stands in the answer to the call, with all that belongs to it."""
    api = await open_api()
    answer = await api.say("  what did the study find?\n")
    assert answer.status == 201
    assert (answer["message"]["sender"], answer["message"]["text"]) == (
        "visitor",
        "what did the study find?",
    )
    (found,) = answer["replies"]
    assert (found["kind"], found["sender"]) == ("answer", "bot")
    assert found["in_reply_to"] == answer["message"]["id"]
    assert found["answer"]["entry_id"] == "study-result"
    assert found["answer"]["review_status"] == "pending"
    assert found["answer"]["sources"][0]["title"]
    assert answer["state"] == "bot"


async def test_messages_are_numbered_without_gaps(relay: FakeRelay) -> None:
    """Greeting, questions and replies count 1, 2, 3 and so on."""
    api = await open_api()
    for text in ("hello", "which one", "nonsense", "the study"):
        assert (await api.say(text)).status == 201
    told = await api.told()
    assert [message["seq"] for message in told] == list(range(1, len(told) + 1))
    assert len(told) == len(api.messages) + 8


async def test_a_phone_that_goes_away_while_its_words_are_read_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was sent is stored with its safety text, although nobody waits for the answer."""
    api = await open_api()
    read, is_read, may_go_on = services.verdict_on, threading.Event(), threading.Event()

    def slowly(text: str | None) -> Verdict:
        is_read.set()
        may_go_on.wait(10)
        return read(text)

    monkeypatch.setattr(services, "verdict_on", slowly)
    call = asyncio.create_task(api.say("he is not breathing"))
    await asyncio.to_thread(is_read.wait, 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    may_go_on.set()
    for _ in range(200):
        found = (await api.get("…/messages"))["messages"]
        if len(found) >= 3:
            break
        await asyncio.sleep(0.05)
    assert [each["kind"] for each in found[1:]] == ["text", "safety"]
    assert found[1]["text"] == "he is not breathing"


async def test_a_choice_asks_for_its_entry(relay: FakeRelay) -> None:
    """A choice is stored by its title, and the bot learns which entry it stands for."""
    api = await open_api()
    asked = await api.say("which one")
    (clarify,) = asked["replies"]
    assert clarify["kind"] == "clarify"
    assert len(clarify["choices"]) == 2
    taken = await api.say(choice=clarify["choices"][0]["id"])
    assert taken["message"]["text"] == clarify["choices"][0]["title"]
    assert taken["replies"][0]["answer"]["entry_id"] == "study-result"
    assert relay.questions[-1].choice == "ask/study-result"


async def test_a_choice_may_be_typed_by_its_place(relay: FakeRelay) -> None:
    """Whatever was answered before it, "the first one" is the first of what was offered."""
    api = await open_api()
    for text in ("the study", "which one"):
        await api.say(text)
    taken = await api.say("the first one")
    assert taken["message"]["text"] == "the first one"
    assert taken["replies"][0]["answer"]["entry_id"] == "study-result"
    assert relay.questions[-1].choice == "ask/study-result"


async def test_a_follow_up_carries_its_context(relay: FakeRelay) -> None:
    """The bot is told what was shown last and how often it fell back, and keeps nothing itself."""
    api = await open_api()
    for text in ("the study", "nonsense", "more nonsense"):
        await api.say(text)
    asked = [(q.last_entry, q.fallbacks_in_a_row) for q in relay.questions]
    assert asked == [(None, 0), ("study-result", 0), ("study-result", 1)]
    assert len({question.sender for question in relay.questions}) == 1
    assert relay.questions[0].sender not in (api.id, api.id.replace("-", ""))


@pytest.mark.parametrize("choice", ["made-up", "c-AAAAAAAAAAAA"])
async def test_an_unknown_choice_is_refused(choice: str, relay: FakeRelay) -> None:
    """A choice that nobody offered is a 422 and stores nothing."""
    api = await open_api()
    refused = await api.say(choice=choice)
    assert (refused.status, refused.problem) == (422, "unknown-choice")
    assert await api.told() == api.messages
    assert relay.questions == []


async def test_a_choice_belongs_to_its_conversation() -> None:
    """What was offered to one visitor is unknown to another."""
    one, other = await open_api(), await open_api()
    offered = (await one.say("which one"))["replies"][0]["choices"][0]["id"]
    assert (await other.say(choice=offered)).problem == "unknown-choice"
    assert (await one.say(choice=offered)).status == 201


async def test_the_same_client_id_again_is_a_repeat(relay: FakeRelay) -> None:
    """The repeat gets 200 and the very same body, and the bot is not asked twice."""
    api = await open_api()
    client_id = str(uuid.uuid4())
    first = await api.say("the study", client_id=client_id)
    await api.say("hello")
    again = await api.say("the study", client_id=client_id)
    assert (first.status, again.status) == (201, 200)
    assert first.raw == again.raw
    assert len(relay.questions) == 2


async def test_a_repeat_tells_the_state_of_its_time() -> None:
    """The very same body: also after somebody else took control."""
    someone = await specialist()
    api = await open_api()
    client_id = str(uuid.uuid4())
    first = await api.say("I want a person", client_id=client_id)
    assert first["state"] == "queued"
    await claimed(api.id, someone)
    again = await api.say("I want a person", client_id=client_id)
    assert (again.status, again.raw) == (200, first.raw)


async def test_the_same_client_id_with_another_text_is_refused(relay: FakeRelay) -> None:
    """A client id names one message for good."""
    api = await open_api()
    client_id = str(uuid.uuid4())
    await api.say("the study", client_id=client_id)
    refused = await api.say("something else", client_id=client_id)
    assert (refused.status, refused.problem) == (409, "client-id-reused")
    assert len(relay.questions) == 1


async def test_a_repeat_waits_while_the_first_is_in_work(relay: FakeRelay) -> None:
    """Sent three times at once, it is stored and asked once, and all three get the same body."""
    api = await open_api()
    client_id = str(uuid.uuid4())
    relay.hold = asyncio.Event()
    calls = [asyncio.create_task(api.say("the study", client_id=client_id)) for _ in range(3)]
    await asyncio.sleep(0.3)
    assert not any(call.done() for call in calls)
    relay.hold.set()
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status for answer in answers) == [200, 200, 201]
    assert len({answer.raw for answer in answers}) == 1
    assert len(relay.questions) == 1


async def test_messages_of_a_conversation_are_asked_one_by_one(relay: FakeRelay) -> None:
    """A second message waits for the first one's reply; another conversation does not."""
    api, other = await open_api(), await open_api()
    relay.hold = asyncio.Event()
    first = asyncio.create_task(api.say("the study"))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(api.say("hello"))
    await asyncio.sleep(0.3)
    assert [question.text for question in relay.questions] == ["the study"]
    elsewhere = asyncio.create_task(other.say("hello"))
    await asyncio.sleep(0.3)
    assert [question.text for question in relay.questions] == ["the study", "hello"]
    relay.hold.set()
    await asyncio.gather(first, second, elsewhere)
    assert relay.questions[-1].last_entry == "study-result"
    told = await api.told()
    replied = [m["in_reply_to"] for m in told if m["in_reply_to"]]
    assert replied == [first.result()["message"]["id"], second.result()["message"]["id"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "hello"}, "client_id"),
        ({"client_id": "not a uuid", "text": "hello"}, "client_id"),
        ({"client_id": 7, "text": "hello"}, "client_id"),
        ({"client_id": str(uuid.uuid4())}, "text"),
        ({"client_id": str(uuid.uuid4()), "text": "hello", "choice": "handoff"}, "text"),
        ({"client_id": str(uuid.uuid4()), "text": ""}, "text"),
        ({"client_id": str(uuid.uuid4()), "text": " \n\t "}, "text"),
        ({"client_id": str(uuid.uuid4()), "text": 7}, "text"),
        ({"client_id": str(uuid.uuid4()), "text": ["hello"]}, "text"),
        ({"client_id": str(uuid.uuid4()), "text": "a\x00b"}, "text"),
        ({"client_id": str(uuid.uuid4()), "choice": ""}, "choice"),
        ({"client_id": str(uuid.uuid4()), "choice": {}}, "choice"),
        ({"client_id": str(uuid.uuid4()), "text": "hello", "sender": "bot"}, "sender"),
        ([], "body"),
        ("hello", "body"),
        (None, "body"),
    ],
)
async def test_a_wrong_body_is_refused_field_by_field(
    body: object, field: str, relay: FakeRelay
) -> None:
    """The refusal names the field, and nothing is stored."""
    api = await open_api()
    refused = await api.post("…/messages", body)
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert refused.fields == [field]
    assert await api.told() == api.messages
    assert relay.questions == []


async def test_the_longest_text_is_taken_and_a_longer_one_refused() -> None:
    """4,000 characters after trimming, of whatever kind."""
    api = await open_api()
    assert (await api.say("é" * 4000 + "  ")).status == 201
    refused = await api.say("é" * 4001)
    assert (refused.status, refused.problem, refused.fields) == (422, "text-too-long", ["text"])


async def test_half_a_character_does_not_cost_the_message() -> None:
    """A phone that cuts an emoji in two still gets its words through."""
    api = await open_api()
    raw = b'{"client_id":"' + str(uuid.uuid4()).encode() + b'","text":"hello \\ud83d"}'
    answer = await api.post("…/messages", raw=raw)
    assert (answer.status, answer["message"]["text"]) == (201, "hello \N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize(
    "kind",
    ["unreachable", "timeout", "broken", "not_ready", "refused", "nonsense", "circuit_open"],
)
async def test_without_the_bot_there_is_an_honest_notice_and_a_way_on(
    kind: str, relay: FakeRelay
) -> None:
    """The message is stored, the notice says so, and a person is one tap away."""
    await specialist()
    relay.answer = lambda question: BotUnavailable(kind)
    api = await open_api()
    client_id = str(uuid.uuid4())
    answer = await api.say("the study", client_id=client_id)
    assert answer.status == 201
    (notice,) = answer["replies"]
    assert (notice["kind"], notice["sender"]) == ("notice", "system")
    assert "handoff" in [choice["id"] for choice in notice["choices"]]
    assert (await turns(api.id))[0].failure == kind
    again = await api.say("the study", client_id=client_id)
    assert (again.status, again.raw) == (200, answer.raw)
    assert len(relay.questions) == 1
    taken = await api.say(choice="handoff")
    assert taken["state"] == "queued"


async def test_asking_for_a_person_in_words_queues_at_once() -> None:
    """The reply has kind handoff, and the conversation waits for a specialist."""
    await specialist()
    api = await open_api()
    answer = await api.say("a person please")
    assert answer["state"] == "queued"
    assert [message["kind"] for message in answer["replies"]] == ["handoff"]
    standing = await api.get("…")
    assert (standing["state"], standing["queue_position"]) == ("queued", 1)


@pytest.mark.parametrize("asked", [{"text": "a person please"}, {"choice": "handoff"}])
async def test_asking_for_a_person_again_in_the_queue_is_a_handoff_too(
    asked: dict[str, str],
) -> None:
    """The same as the first time, in the same place; going on waiting alone is a notice."""
    await specialist()
    api = await open_api()
    await api.say("a person please")
    await api.say(choice="ask_while_waiting")
    again = await api.say(**asked)
    assert (again["state"], [reply["kind"] for reply in again["replies"]]) == (
        "queued",
        ["handoff"],
    )
    assert (await api.get("…"))["queue_position"] == 1
    kept = await api.say(choice="keep_waiting")
    assert [reply["kind"] for reply in kept["replies"]] == ["notice"]


async def test_asking_for_a_person_when_nobody_is_there_offers_a_callback() -> None:
    """No dead end: the bot stays, and a callback is offered."""
    api = await open_api()
    answer = await api.say("a person please")
    assert answer["state"] == "bot"
    (offer,) = answer["replies"]
    assert offer["kind"] == "handoff"
    assert "callback" in [choice["id"] for choice in offer["choices"]]


async def test_the_bot_is_silent_while_a_person_is_asked_for(relay: FakeRelay) -> None:
    """Neither in the queue nor with a specialist does the bot speak."""
    someone = await specialist()
    api = await open_api()
    await api.say("a person please")
    asked = len(relay.questions)
    assert (await api.say("the study"))["replies"] == []
    await claimed(api.id, someone)
    answer = await api.say("the study")
    assert (answer["replies"], answer["state"]) == ([], "with_specialist")
    assert len(relay.questions) == asked


async def test_the_bot_answers_in_the_queue_for_those_who_ask_it_to() -> None:
    """`ask_while_waiting` keeps the place, `back_to_bot` gives it up."""
    await specialist()
    api = await open_api()
    await api.say("a person please")
    on = await api.say(choice="ask_while_waiting")
    assert (on["state"], on["replies"][0]["kind"]) == ("queued", "notice")
    answer = await api.say("the study")
    assert (answer["state"], answer["replies"][0]["kind"]) == ("queued", "answer")
    assert (await api.get("…"))["asks_while_waiting"] is True
    kept = await api.say(choice="keep_waiting")
    assert kept["state"] == "queued"
    back = await api.say(choice="back_to_bot")
    assert back["state"] == "bot"
    assert (await api.say("the study"))["replies"][0]["kind"] == "answer"


async def test_a_handback_starts_a_new_bot_session(relay: FakeRelay) -> None:
    """What the bot knew of the stretch before a person came is not what it goes on with."""
    await specialist()
    api = await open_api()
    await api.say("the study")
    await api.say("a person please")
    await api.say(choice="back_to_bot")
    await api.say("the study")
    assert relay.questions[0].sender != relay.questions[-1].sender
    assert relay.questions[-1].last_entry is None


async def test_a_specialist_is_named_on_what_they_write() -> None:
    """The author is the specialist's own name, and the visitor sees who is there."""
    someone = await specialist("ana")
    api = await open_api()
    await api.say("a person please")
    await claimed(api.id, someone)
    await reply(api.id, someone, "I am here. <b>Ana</b>", str(uuid.uuid4()))
    written = (await api.told())[-1]
    assert (written["sender"], written["author"]) == ("specialist", {"name": "Ana"})
    assert written["text"] == "I am here. <b>Ana</b>"
    assert (await api.get("…"))["specialist"] == {"name": "Ana"}


# Emergencies and crises: never swallowed


async def test_an_emergency_gets_its_reply_at_once_and_alone(find: Find, relay: FakeRelay) -> None:
    """A certain finding: the safety text from the system, and the bot is not asked."""
    api = await open_api()
    find("emergency_life")
    answer = await api.say("she is not breathing")
    assert answer["message"]["safety"] == "emergency"
    (found,) = answer["replies"]
    assert (found["kind"], found["sender"], found["safety"]) == ("safety", "system", "emergency")
    assert "911" in found["text"]
    assert relay.questions == []
    assert (await conversation(api.id)).is_urgent


async def test_in_doubt_the_safety_text_comes_before_the_answer(find: Find) -> None:
    """Both are in the answer, the safety text first."""
    api = await open_api()
    find("emergency_infection", certainty="doubt")
    answer = await api.say("the study and a fever")
    assert [message["kind"] for message in answer["replies"]] == ["safety", "answer"]


async def test_an_emergency_is_answered_with_the_bot_down(find: Find, relay: FakeRelay) -> None:
    """Safety does not depend on the bot."""
    relay.answer = lambda question: BotUnavailable("unreachable")
    api = await open_api()
    find("crisis_suicide", certainty="doubt")
    answer = await api.say("I cannot go on")
    assert [message["kind"] for message in answer["replies"]] == ["safety", "notice"]
    assert answer["replies"][0]["safety"] == "crisis"


@pytest.mark.parametrize("state", ["queued", "with_specialist"])
async def test_an_emergency_is_answered_in_every_state(state: str, find: Find) -> None:
    """Whoever is in control, the safety text comes, and control does not move."""
    someone = await specialist()
    api = await open_api()
    await api.say("a person please")
    if state == "with_specialist":
        await claimed(api.id, someone)
    find("emergency_life")
    answer = await api.say("she is not breathing")
    assert [message["kind"] for message in answer["replies"]] == ["safety"]
    assert answer["state"] == state


async def _closed() -> Api:
    api = await open_api()
    await api.say("hello")
    assert (await api.post("…/close")).status == 200
    return api


async def test_a_closed_chat_refuses_messages() -> None:
    """409, and no safety reply where none is called for."""
    api = await _closed()
    refused = await api.say("hello again")
    assert (refused.status, refused.problem) == (409, "conversation-closed")
    assert "safety" not in refused.body


@pytest.mark.parametrize("why", ["closed", "too long", "too fast", "reused", "unknown field"])
async def test_a_refused_text_still_gets_its_safety_reply(why: str, find: Find) -> None:
    """The refusal carries the safety reply, and the conversation is flagged urgent."""
    api = await (_closed() if why == "closed" else open_api())
    body = {"client_id": str(uuid.uuid4()), "text": "she is not breathing"}
    if why == "too long":
        body["text"] += " x" * 4000
    if why == "too fast":
        while (await api.post("…/messages", {"client_id": "x"})).status != 429:
            pass
    if why == "reused":
        await api.post("…/messages", body | {"text": "hello"})
    if why == "unknown field":
        body["mood"] = "bad"
    find("emergency_life")
    refused = await api.post("…/messages", body)
    while why == "too fast" and refused.status != 429:
        # On a slow machine one more was let through meanwhile.
        refused = await api.post("…/messages", body | {"client_id": str(uuid.uuid4())})
    expected = {
        "closed": "conversation-closed",
        "too long": "text-too-long",
        "too fast": "rate-limited",
        "reused": "client-id-reused",
        "unknown field": "invalid-request",
    }
    assert refused.problem == expected[why]
    assert refused["safety"] == "emergency"
    assert "911" in refused["safety_text"]
    assert (await conversation(api.id)).is_urgent


async def test_a_harmless_refused_text_waits_for_no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever floods the desk with empty calls does not stand before those who write."""
    api = await open_api()
    monkeypatch.setattr(refused_texts, "run_writing", None)
    for text in ({}, {"text": "how long does the study take", "mood": "bad"}):
        refused = await api.post("…/messages", {"client_id": str(uuid.uuid4()), **text})
        assert (refused.status, refused.problem) == (422, "invalid-request")
        assert "safety" not in refused.body


@pytest.mark.parametrize(
    ("raw", "content_type", "problem"),
    [
        (b'{"text": "she is not breathing"', "application/json", "malformed-body"),
        (b'{"text": "she is not breathing \xff"}', "application/json", "malformed-body"),
        (b"she is not breathing", "text/plain", "unsupported-media-type"),
        (
            b'{"text":"she is not breathing' + b" x" * 40_000 + b'"}',
            "application/json",
            "body-too-large",
        ),
    ],
)
async def test_garbled_words_still_get_their_safety_reply(
    raw: bytes, content_type: str, problem: str, find: Find
) -> None:
    """Somebody may have written of an emergency into a front end that garbles its calls."""
    api = await open_api()
    find("emergency_life")
    refused = await api.post("…/messages", raw=raw, content_type=content_type)
    assert refused.problem == problem
    assert refused["safety"] == "emergency"


async def test_words_for_a_conversation_that_is_not_there_get_their_safety_reply(
    find: Find,
) -> None:
    """It may have been erased in another window. A stranger learns nothing: all get the same."""
    api = await open_api()
    gone = await open_api()
    await gone.call("DELETE", "…")
    find("emergency_life")
    answers = [
        await caller.say("she is not breathing")
        for caller in (
            gone,
            Api(id=api.id, token="guessed"),
            Api(id=str(uuid.uuid4()), token=api.token),
        )
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.raw for answer in answers}) == 1
    assert answers[0]["safety"] == "emergency"
    assert "911" in answers[0]["safety_text"]
    assert not (await conversation(api.id)).is_urgent
