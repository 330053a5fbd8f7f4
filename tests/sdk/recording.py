"""A proxy that keeps what passes through it: every exchange is checked against the contract and recorded."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from contractgen_runtime.testing.checker import PROBLEM, ContractViolation
from tests.contract.document import CONTRACT
from tests.contract.witness import CHECKER

#: Of one connection, or set by the server that sends the message on.
_HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"accept-encoding"}


@dataclass
class Recording:
    """What a client has touched: operations with the statuses of their responses, and problems."""

    exchanges: set[tuple[str, int]] = field(default_factory=set)
    problems: set[tuple[str, int]] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)

    def add(self, request: httpx.Request, response: httpx.Response) -> None:
        operation = CONTRACT.methods_of(request.url.path).get(request.method)
        if operation is not None:
            self.exchanges.add((operation.id, response.status_code))
        if response.headers.get("content-type") == PROBLEM:
            self.problems.add((response.json()["type"], response.status_code))
        try:
            CHECKER.check(request, response, request.content)
        except ContractViolation as violation:
            self.violations.append(str(violation))


class Proxy:
    """An application that passes every request on to a service."""

    def __init__(self, client: httpx.AsyncClient, recording: Recording) -> None:
        self._client = client
        self._recording = recording

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["raw_path"].decode("ascii")
        sent = self._client.build_request(
            request.method,
            f"{path}?{request.url.query}" if request.url.query else path,
            content=await request.body(),
            headers=[(name, value) for name, value in request.headers.raw if name not in _HOP_BY_HOP],
        )
        sent.headers.pop("accept-encoding", None)
        received = await self._client.send(sent)
        self._recording.add(sent, received)
        response = Response(received.content, received.status_code)
        response.raw_headers += [
            (name, value) for name, value in received.headers.raw if name.lower() not in _HOP_BY_HOP
        ]
        await response(scope, receive, send)


@asynccontextmanager
async def recorded(service: str) -> AsyncIterator[tuple[str, Recording]]:
    """Start a proxy before a service; yield its address and what it records."""
    recording = Recording()
    listener = socket.create_server(("127.0.0.1", 0))
    async with httpx.AsyncClient(base_url=service, timeout=60) as client:
        proxy = Proxy(client, recording)
        server = uvicorn.Server(uvicorn.Config(proxy, lifespan="off", log_level="warning"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", recording
        finally:
            server.should_exit = True
            await serving
