"""Connections to a server of the wire, and applications behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from contractgen_runtime.service.wire.limits import Limits
from contractgen_runtime.service.wire.wire import Wire


def start(status: int, *headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


class Noted(asyncio.Transport):
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
    app: ASGIApp, writes: list[bytes] | None = None, state: ServerState | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of the wire."""
    wire = Wire(Limits())
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    shared = state or ServerState()

    def create() -> asyncio.Protocol:
        connection = wire(config=config, server_state=shared, app_state={"made": "by the lifespan"})
        made = connection.connection_made
        if writes is not None:
            connection.connection_made = lambda transport: made(Noted(transport, writes))  # type: ignore[arg-type, method-assign]  # another transport
        return connection

    server = await asyncio.get_running_loop().create_server(create, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


def sending(messages: list[Message]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


async def echo_path(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond to the first part of a request."""
    await receive()
    await send_path(scope, send)


async def send_path(scope: Scope, send: Send) -> None:
    path = scope["path"].encode()
    await send(start(200, (b"content-length", b"%d" % len(path))))
    await send(body(path))


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond to the end of a request."""
    while (await receive())["more_body"]:
        pass
    await send_path(scope, send)
