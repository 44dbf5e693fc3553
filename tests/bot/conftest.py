"""A trained bot behind its real channel, in this process."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import register
from rasa.core.utils import AvailableEndpoints
from sanic import Sanic

from bot.channel import DeskInput
from ops.model import ensure_model
from ops.settings import ROOT, read_settings

_numbers = itertools.count()


@dataclass
class Bot:
    """The bot as the desk sees it."""

    http: aiohttp.ClientSession
    url: str

    async def post(self, body: Any = None, data: bytes | None = None) -> tuple[int, Any, str]:
        """Send a turn and return status, body and content type."""
        given: dict[str, Any] = {"json": body} if data is None else {"data": data}
        async with self.http.post(f"{self.url}/webhooks/desk/turns", **given) as answer:
            return answer.status, await answer.json(content_type=None), answer.content_type

    async def ask(self, text: str, **metadata: Any) -> dict[str, Any]:
        """Return the answer to a text; metadata as in `bot.turn.Metadata`."""
        status, body, _ = await self.post(turn(text, **metadata))
        assert status == 200, body
        return dict(body)

    async def entries(self, text: str, **metadata: Any) -> list[str]:
        """Return the ids of the entries that a text is answered with."""
        body = await self.ask(text, **metadata)
        return [message["entry"] for message in body["messages"] if message["entry"]]

    async def kinds(self, text: str, **metadata: Any) -> list[str]:
        """Return the kinds of the messages that a text is answered with."""
        return [message["kind"] for message in (await self.ask(text, **metadata))["messages"]]


def turn(text: str, sender: str = "5b0f3c2e", **metadata: Any) -> dict[str, Any]:
    """Return the body of a turn."""
    known = {"last_entry": None, "choice": None, "language": "en", "fallbacks_in_a_row": 0}
    return {
        "sender": sender,
        "text": text,
        "request_id": "req-1",
        "metadata": {**known, **metadata},
    }


@pytest.fixture(scope="session")
def archive() -> Path:
    """The trained archive of what stands in the repository, trained now if there is none."""
    settings = read_settings()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ensure_model(settings)


@pytest.fixture(scope="session")
def agent(archive: Path) -> Agent:
    """The trained bot with the stores and the text generator of `endpoints.yml`."""
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    agent = asyncio.run(load_agent(str(archive), endpoints=endpoints))
    assert agent.is_ready()
    return agent


@asynccontextmanager
async def serve(agent: Agent | None, channel: DeskInput | None = None) -> AsyncIterator[Bot]:
    """Serve an agent over the real channel on a free port of loopback."""
    app = Sanic(f"bot_{next(_numbers)}", configure_logging=False)
    app.ctx.agent = agent
    register([channel or DeskInput()], app, "/webhooks/")
    # Sanic rewrites its own methods when an app starts and cannot do so twice in one process.
    before, Sanic.test_mode = Sanic.test_mode, True
    # With port 0 it would take its usual one, 8000, where a house may be open.
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        server = await app.create_server(
            sock=listener, return_asyncio_server=True, access_log=False
        )
        await server.startup()
    finally:
        Sanic.test_mode = before
    port = listener.getsockname()[1]
    async with aiohttp.ClientSession() as http:
        yield Bot(http, f"http://127.0.0.1:{port}")
    server.close()
    await server.wait_closed()


@pytest.fixture
async def bot(agent: Agent) -> AsyncIterator[Bot]:
    """The trained bot over HTTP."""
    async with serve(agent) as running:
        yield running
