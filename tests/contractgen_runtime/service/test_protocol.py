"""Answers as bytes: whole ones in one piece, and all of them as uvicorn would write them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from contractgen_runtime.service.protocol import ProblemProtocol

_LENGTH_4 = (b"content-length", b"4")


def start(status: int, *headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


ANSWERS: dict[str, list[Message]] = {
    "whole": [start(200, (b"content-type", b"text/plain"), _LENGTH_4), body(b"body")],
    "twice the same header": [
        start(200, _LENGTH_4, (b"set-cookie", b"a"), (b"set-cookie", b"b")),
        body(b"body"),
    ],
    "no content": [start(204), body(b"")],
    "empty": [start(200, (b"content-length", b"0")), body(b"")],
    "not modified": [start(304, (b"etag", b'"1"')), body(b"")],
    "without a length": [start(200), body(b"body")],
    "a stream": [start(200), body(b"bo", more=True), body(b"dy", more=True), body(b"")],
    "a stream of known length": [start(200, _LENGTH_4), body(b"bo", more=True), body(b"dy")],
    "closes": [start(200, _LENGTH_4, (b"connection", b"close")), body(b"body")],
    "chunked": [start(200, (b"transfer-encoding", b"chunked")), body(b"body")],
    "too long": [start(200, _LENGTH_4), body(b"bodies")],
    "too short": [start(200, _LENGTH_4), body(b"b")],
    "a line end in a value": [start(200, _LENGTH_4, (b"x", b"1\r\nset-cookie: a=b")), body(b"body")],
    "half a line end in a value": [start(200, _LENGTH_4, (b"x", b"1\nset-cookie: a=b")), body(b"body")],
    "a null in a value": [start(200, _LENGTH_4, (b"x", b"\0")), body(b"body")],
    "a tab in a value": [start(200, _LENGTH_4, (b"x", b"1\t2")), body(b"body")],
    "a colon in a name": [start(200, _LENGTH_4, (b"x: 1", b"2")), body(b"body")],
    "nothing": [],
    "a body first": [body(b"body")],
    "two heads": [start(200, _LENGTH_4), start(200, _LENGTH_4), body(b"body")],
    "two bodies": [start(200, _LENGTH_4), body(b"body"), body(b"body")],
}


class Wire(asyncio.Transport):
    """Passes everything on and notes every write, each of which is a system call."""

    def __init__(self, transport: asyncio.Transport, writes: list[bytes]) -> None:
        self._transport = transport
        self._writes = writes

    def write(self, data: Any) -> None:
        self._writes.append(data)
        self._transport.write(data)

    def __getattribute__(self, name: str) -> Any:
        if name in ("write", "_writes", "_transport"):
            return object.__getattribute__(self, name)
        return getattr(self._transport, name)


@asynccontextmanager
async def listening(
    app: ASGIApp, protocol: type[asyncio.Protocol] = ProblemProtocol
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of this protocol."""
    config = uvicorn.Config(app, lifespan="off", date_header=False, log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    make: Any = protocol
    server = await loop.create_server(
        lambda: make(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


async def exchange(
    protocol: type[HttpToolsProtocol], messages: list[Message], request: str
) -> tuple[bytes, list[bytes]]:
    """What comes back for a request to an application that sends these messages, and how it was written."""
    writes: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    class Noted(protocol):  # type: ignore[misc, valid-type]  # a class that is given
        def connection_made(self, transport: Any) -> None:
            super().connection_made(Wire(transport, writes))

    async with listening(app, Noted) as (reader, writer):
        writer.write(request.encode())
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10), writes


async def echo_path(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    path = scope["path"].encode()
    await send(start(200, (b"content-length", b"%d" % len(path))))
    await send(body(path))


@pytest.mark.parametrize("request_", ["GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET / HTTP/1.0"])
@pytest.mark.parametrize("name", ANSWERS)
async def test_every_answer_has_the_bytes_that_uvicorn_writes(name: str, request_: str) -> None:
    request = f"{request_}\r\nhost: a\r\n\r\n"
    ours, _ = await exchange(ProblemProtocol, ANSWERS[name], request)
    theirs, _ = await exchange(HttpToolsProtocol, ANSWERS[name], request)
    assert ours == theirs


async def test_a_whole_answer_is_written_at_once() -> None:
    received, writes = await exchange(ProblemProtocol, ANSWERS["whole"], "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert received == b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nbody"
    assert writes == [received]


async def test_of_an_answer_that_breaks_off_before_its_body_nothing_is_sent() -> None:
    received, _ = await exchange(
        ProblemProtocol, [start(200, _LENGTH_4)], "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    )
    assert received == b""


async def test_requests_in_one_piece_are_answered_in_turn() -> None:
    async with listening(echo_path) as (reader, writer):
        writer.write(b"".join(b"GET /x%d HTTP/1.1\r\nhost: a\r\n\r\n" % n for n in range(3)))
        for n in range(3):
            assert (await reader.readuntil(b"/x%d" % n)).startswith(b"HTTP/1.1 200 OK")


async def test_continue_is_sent_before_the_body_is_read() -> None:
    async with listening(echo_path) as (reader, writer):
        writer.write(b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"x")
        assert (await reader.readuntil(b"/a")).startswith(b"HTTP/1.1 200 OK")
