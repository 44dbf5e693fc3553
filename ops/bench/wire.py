"""Plain HTTP on loopback for many clients at once, with streams of events held open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from ops.plain import Stop
from ops.settings import LOOPBACK

ANSWER_SECONDS = 60.0
# Uvicorn closes a connection that was idle for five seconds; a browser does not use it then.
_FRESH_SECONDS = 3.0


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float


class Wire:
    """One browser: its cookies, and connections that are kept while they are fresh."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Take a server's address.

        Raises:
            Stop: it is not on this machine; nothing else may be put under load.
        """
        place = urlsplit(url)
        if place.hostname != LOOPBACK or place.port is None:
            raise Stop(f"{url} is not on this machine, and the bench loads nothing else.")
        self._port = place.port
        self._headers = dict(headers or {})
        self.cookies: dict[str, str] = {}
        self._idle: list[_Line] = []

    async def get(self, path: str) -> Answer:
        """Fetch a page or a piece of one."""
        return await self._call("GET", path, b"", {})

    async def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """Post JSON."""
        content = {"Content-Type": "application/json"}
        return await self._call("POST", path, json.dumps(body).encode(), content)

    async def submit(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Post a form, with the token that Django wants to see."""
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        content = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._call("POST", path, urlencode({**token, **fields}).encode(), content)

    async def events(self, path: str) -> AsyncIterator[tuple[str, str]]:
        """Hold a stream open and yield name and data of each event, until the server ends it.

        Raises:
            Stop: there is no stream at that path.
        """
        line = await self._open()
        try:
            line.writer.write(self._head("GET", path, b"", {}))
            status, headers = await _read_head(line.reader)
            if status != 200:
                raise Stop(f"A stream was refused with status {status}.")
            rest = ""
            async for chunk in _chunks(line.reader, headers):
                *blocks, rest = (rest + chunk.decode()).split("\n\n")
                for block in blocks:
                    fields = dict(part.partition(": ")[::2] for part in block.split("\n"))
                    if "event" in fields:
                        yield fields["event"], fields.get("data", "")
        finally:
            line.writer.close()

    def close(self) -> None:
        """Close what is kept open."""
        for line in self._idle:
            line.writer.close()
        self._idle.clear()

    async def _call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        request = self._head(method, path, body, headers) + body
        return await asyncio.wait_for(self._exchange(request), ANSWER_SECONDS)

    async def _exchange(self, request: bytes) -> Answer:
        kept = self._fresh()
        if kept is not None:
            # The server may have closed it at this very moment; then nothing was read of it.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                return await self._send(kept, request)
        return await self._send(await self._open(), request)

    async def _send(self, line: _Line, request: bytes) -> Answer:
        line.writer.write(request)
        status, headers = await _read_head(line.reader)
        body = b"".join([chunk async for chunk in _chunks(line.reader, headers)])
        line.used_at = time.monotonic()
        if headers.get("connection", "").lower() == "close":
            line.writer.close()
        else:
            self._idle.append(line)
        for name, value in headers.items():
            if name.startswith("set-cookie"):
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
        return Answer(status, headers, body.decode())

    def _fresh(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.used_at < _FRESH_SECONDS:
                return line
            line.writer.close()
        return None

    async def _open(self) -> _Line:
        reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
        return _Line(reader, writer, time.monotonic())

    def _head(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        all_headers = {"Host": f"{LOOPBACK}:{self._port}", **self._headers, **headers}
        if self.cookies:
            all_headers["Cookie"] = "; ".join(f"{key}={text}" for key, text in self.cookies.items())
        if method != "GET":
            all_headers["Content-Length"] = str(len(body))
        lines = [f"{key}: {text}" for key, text in all_headers.items()]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers, their names in lower case; each cookie has a number of its own."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for number, line in enumerate(lines):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers[f"{name}-{number}" if name == "set-cookie" else name] = value.strip()
    return int(first.split(" ")[1]), headers


async def _chunks(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    if "content-length" in headers:
        yield await reader.readexactly(int(headers["content-length"]))
    elif headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline() or b"0", 16):
            yield (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
