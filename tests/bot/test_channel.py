"""The real channel, over HTTP, against the examples in `contracts/bot-turn/`."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent

from bot.channel import DeskInput
from bot.tracker_store import RecentTurnsStore
from ops.settings import ROOT
from tests.bot.conftest import Bot, serve, turn

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.train,
    pytest.mark.slow,
]

CONTRACTS = sorted((ROOT / "contracts" / "bot-turn").glob("*.json"))
REFUSED = "refused-replies.json"  # What the desk refuses; not an exchange.
GIVEN_BY_STATE = {"error-internal.json", "error-not-ready.json", "ready-not.json"}


def contract(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def shape(value: Any) -> Any:
    """Return the form of a value: names and types, without the data of the day."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


async def send(bot: Bot, request: dict[str, Any]) -> tuple[int, Any, str]:
    data = request.get("raw_body")
    given: dict[str, Any] = {}
    if data is not None:
        given = {"data": data.encode()}
    elif "body" in request:
        given = {"json": request["body"]}
    async with bot.http.request(request["method"], bot.url + request["path"], **given) as answer:
        body = await answer.json(content_type=None) if answer.status != 204 else None
        return answer.status, body, answer.content_type


@pytest.mark.parametrize(
    "path",
    [path for path in CONTRACTS if path.name not in GIVEN_BY_STATE | {REFUSED}],
    ids=lambda path: path.stem,
)
async def test_contract_examples(bot: Bot, path: Path) -> None:
    """Status and form are those of the example; the data of the day are not compared."""
    example = contract(path)
    status, body, content_type = await send(bot, example["request"])
    expected = example["response"]
    assert status == expected["status"]
    if expected.get("content_type"):
        assert content_type == expected["content_type"]
        assert body == expected["body"]
    elif expected["body"] is not None:
        assert body.keys() == expected["body"].keys()
        for message in body.get("messages", []):
            assert message.keys() == expected["body"]["messages"][0].keys()
        for candidate in body.get("candidates", []):
            assert shape(candidate) == {"confidence": "float", "label": "str"}


@pytest.mark.parametrize("name", ["handoff", "refusal", "smalltalk", "fallback", "out-of-scope"])
async def test_kinds_and_responses_are_those_of_the_examples(bot: Bot, name: str) -> None:
    """What the bot chose holds as well where no entry decides it."""
    example = contract(ROOT / "contracts" / "bot-turn" / f"{name}.json")
    _, body, _ = await send(bot, example["request"])
    assert body["messages"][0]["kind"] == example["response"]["body"]["messages"][0]["kind"]


async def test_without_a_model_it_is_not_ready() -> None:
    async with serve(None) as bot:
        for name in ("error-not-ready", "ready-not"):
            example = contract(ROOT / "contracts" / "bot-turn" / f"{name}.json")
            status, body, content_type = await send(bot, example["request"])
            assert (status, body) == (503, example["response"]["body"])
            assert content_type == "application/problem+json"


async def test_once_ready_it_no_longer_looks_through_what_stays(agent: Agent) -> None:
    """A garbage collection of everything takes 0.3 s, in which no message is answered."""
    gc.unfreeze()
    try:
        async with serve(None) as unready:
            await send(unready, {"method": "GET", "path": "/webhooks/desk/"})
        assert gc.get_freeze_count() == 0
        async with serve(agent) as bot:
            await send(bot, {"method": "GET", "path": "/webhooks/desk/"})
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


async def test_a_store_of_another_kind_is_not_ready(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rasa silently takes its own unbounded store when ours cannot be found."""
    monkeypatch.setattr(agent, "tracker_store", object())
    async with serve(agent) as bot:
        status, _, _ = await bot.post(turn("hello"))
    assert status == 503


async def test_a_fault_inside_is_a_500_without_words(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(message: Any) -> None:
        raise ValueError(f"cannot cope with {message.text}")

    monkeypatch.setattr(agent, "handle_message", fail)
    async with serve(agent) as bot:
        status, body, _ = await bot.post(turn("my secret words"))
    example = contract(ROOT / "contracts" / "bot-turn" / "error-internal.json")
    assert (status, body) == (500, example["response"]["body"])


async def test_silence_is_a_500(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 200 with nothing in it would be a lost message."""

    async def say_nothing(message: Any) -> None:
        return None

    monkeypatch.setattr(agent, "handle_message", say_nothing)
    async with serve(agent) as bot:
        status, _, _ = await bot.post(turn("what is blinatumomab"))
    assert status == 500


@pytest.mark.parametrize(
    "broken",
    [
        {"sender": "a b"},
        {"sender": "x" * 65},
        {"text": "x" * 4001},
        {"text": "///"},
        {"request_id": ""},
        {"metadata": []},
        {"metadata": {"last_entry": None}},
    ],
    ids=str,
)
async def test_a_broken_body_is_a_400(bot: Bot, broken: dict[str, Any]) -> None:
    status, body, content_type = await bot.post({**turn("hello"), **broken})
    assert (status, content_type) == (400, "application/problem+json")
    assert body == {"type": "about:blank", "title": "Bad Request", "status": 400}


@pytest.mark.parametrize(
    "text", ["/restart", " /session_start", "//back", "/ \u2003/restart", "/nlu_fallback{}"]
)
async def test_commands_are_only_words(bot: Bot, text: str) -> None:
    """Without the slash; a session start would have answered nothing at all."""
    assert (await bot.ask(text))["messages"]


async def test_forgetting_leaves_nothing(bot: Bot, agent: Agent) -> None:
    store = agent.tracker_store._tracker_store
    assert isinstance(store, RecentTurnsStore)
    await bot.post(turn("hello", sender="forget-me"))
    assert "forget-me" in await store.keys()
    async with bot.http.delete(f"{bot.url}/webhooks/desk/conversations/forget-me") as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    assert "forget-me" not in await store.keys()


async def test_a_turn_is_a_function_of_text_and_metadata(bot: Bot) -> None:
    """Same words, same answer, whatever was said before and to whom."""
    first = await bot.ask("what is blinatumomab", sender="one")
    await bot.ask("asdf", sender="one")
    await bot.ask("hello", sender="two")
    assert await bot.ask("what is blinatumomab", sender="one") == first
    assert await bot.ask("what is blinatumomab", sender="two") == first


async def test_live_facts_without_an_action_server(agent: Agent, bot: Bot) -> None:
    endpoint = agent.action_endpoint
    # Nobody answers there, whatever house may be open on this machine.
    known, endpoint.url = endpoint.url, "http://127.0.0.1:9/webhook"
    try:
        body = await bot.ask("are you open now?")
    finally:
        endpoint.url = known
    assert body["messages"] == [
        {
            "kind": "fallback",
            "entry": None,
            "version": None,
            "response": "utter_live_facts_unavailable",
            "choices": [{"label": "handoff"}],
        }
    ]
    assert body["candidates"][0]["label"] == "ask_open_now"


@asynccontextmanager
async def hanging_actions(agent: Agent) -> AsyncIterator[None]:
    """Give an agent an action server that takes calls and never answers."""

    async def hang(reader: Any, writer: Any) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = agent.action_endpoint
    known, endpoint.url = endpoint.url, f"http://127.0.0.1:{port}/webhook"
    try:
        yield
    finally:
        endpoint.url = known
        server.close()


async def test_live_facts_with_an_action_server_that_hangs(agent: Agent) -> None:
    """Rasa would wait five minutes; the channel does not."""
    async with hanging_actions(agent), serve(agent, DeskInput(live_facts_seconds=0.3)) as bot:
        body = await bot.ask("are you open now?")
    assert body["messages"][0]["response"] == "utter_live_facts_unavailable"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what is mrd? is somebody there now?", ["glossary-mrd", "utter_live_facts_unavailable"]),
        ("is somebody there now? what is mrd?", ["utter_live_facts_unavailable", "glossary-mrd"]),
    ],
)
async def test_an_answer_beside_a_live_fact_that_hangs_is_given(
    agent: Agent, text: str, said: list[str]
) -> None:
    async with hanging_actions(agent), serve(agent, DeskInput(live_facts_seconds=0.3)) as bot:
        body = await bot.ask(text)
    assert [message["entry"] or message["response"] for message in body["messages"]] == said
