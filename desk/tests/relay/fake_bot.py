"""A bot that speaks the contract over real HTTP and misbehaves on demand.

Run by uvicorn as `tests.relay.fake_bot:app` with the desk's own KNOWLEDGE_DIR. `PUT /mode` sets
how the next turns go, `GET /asked` tells what was asked.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from knowledge import Knowledge, load_knowledge

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

ENTRY = "study-result"
_asked: list[dict[str, Any]] = []
_mode: dict[str, str] = {"mode": "answer"}


@cache
def _knowledge() -> Knowledge:
    return load_knowledge(Path(os.environ["KNOWLEDGE_DIR"]))


def _answer(**changes: Any) -> dict[str, Any]:
    message = {
        "kind": "answer",
        "entry": ENTRY,
        "version": _knowledge().entries[ENTRY].version,
        "response": None,
        "choices": [],
    }
    return {
        "messages": [message | changes],
        "candidates": [{"label": f"ask/{ENTRY}", "confidence": 0.9}],
        "model_version": "fake",
        "knowledge_version": _knowledge().version,
    }


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    method, path = scope["method"], scope["path"]
    if path == "/mode":
        _mode["mode"] = json.loads(body)["mode"]
        await _send_json(send, 200, _mode)
    elif path == "/asked":
        await _send_json(send, 200, _asked)
    elif method == "DELETE":
        await _send(send, 204, b"")
    elif path == "/webhooks/desk/":
        ready = {"status": "ready", "model_version": "fake", "knowledge_version": "fake"}
        await _send_json(send, 200, ready)
    else:
        _asked.append(json.loads(body))
        await _take_turn(_mode["mode"], send)


async def _take_turn(mode: str, send: Send) -> None:
    if mode == "slow":
        await asyncio.sleep(30)
    elif mode == "half":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"messages": [', "more_body": True})
        await asyncio.sleep(30)
    elif mode == "error":
        await _send_json(send, 500, {"title": "Internal Server Error"})
    elif mode == "not ready":
        await _send_json(send, 503, {"title": "Service Unavailable"})
    elif mode == "garbage":
        await _send(send, 200, b"<html>hello</html>")
    elif mode == "wrong version":
        await _send_json(send, 200, _answer(version="9-00000000"))
    elif mode == "unknown entry":
        await _send_json(send, 200, _answer(entry="made-up"))
    elif mode == "text":
        await _send_json(send, 200, _answer(text="an answer of its own"))
    else:
        await _send_json(send, 200, _answer())


async def _send_json(send: Send, status: int, value: Any) -> None:
    await _send(send, status, json.dumps(value).encode())


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
