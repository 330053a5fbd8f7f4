"""Requests to a mounted package, in process, and what becomes of them."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote, unquote

from fastapi import FastAPI
from starlette.types import Message, Scope

from contractgen.verify.foreign.operations import RawOperation
from contractgen.verify.foreign.wire import Wire
from contractgen.verify.stubs import StubHost

# A handler was called; the request violates the contract; another operation took it; anything else.
Outcome = Literal["accepted", "rejected", "elsewhere", "other"]
_VIOLATIONS = {400, 422}
_HANDLED = 204
_DIGEST = (
    'Digest username="user", realm="stub", nonce="stub", uri="/", qop=auth, nc=00000001, cnonce="c", '
    'response="00000000000000000000000000000000"'
)


@dataclass(frozen=True, slots=True)
class Response:
    """The status of a response, and what that says of the request."""

    outcome: Outcome
    status: int


class Sender:
    """An application with stand-in handlers."""

    def __init__(self, app: FastAPI, host: StubHost) -> None:
        self.app = app
        self.host = host
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        self._loop.close()

    def send(self, operation: RawOperation, wire: Wire) -> Response:
        return self._loop.run_until_complete(self._send(operation, wire))

    async def _send(self, operation: RawOperation, wire: Wire) -> Response:
        self.host.reached = None
        statuses: list[int] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": wire.body, "more_body": False}

        async def send(message: Message) -> None:
            statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

        await self.app(_scope(operation.method, wire), receive, send)
        status = statuses[0]
        reached = self.host.reached
        if reached is not None and reached.operation_id != operation.operation_id:
            return Response("elsewhere", status)
        if status == _HANDLED:
            return Response("accepted", status)
        return Response("rejected" if status in _VIOLATIONS else "other", status)


def _scope(method: str, wire: Wire) -> Scope:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in wire.headers]
    if wire.body:
        headers.append((b"content-length", str(len(wire.body)).encode()))
    if wire.cookies:
        headers.append((b"cookie", "; ".join("=".join(pair) for pair in wire.cookies).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "path": unquote(wire.path),
        "raw_path": wire.path.encode(),
        "query_string": "&".join("=".join(pair) for pair in wire.query).encode(),
        "headers": [(b"host", b"localhost"), *headers],
    }


def with_credentials(wire: Wire, schemes: list[dict[str, Any]]) -> Wire:
    """The request with a credential for each security scheme."""
    for scheme in schemes:
        name = str(scheme.get("name", "authorization"))
        pair = (quote(name) if scheme.get("in") == "query" else name, "credential")
        match scheme.get("type"), scheme.get("in"), str(scheme.get("scheme", "")).lower():
            case "apiKey", "query", _:
                wire = replace(wire, query=(*wire.query, pair))
            case "apiKey", "cookie", _:
                wire = replace(wire, cookies=(*wire.cookies, pair))
            case "apiKey", _, _:
                wire = replace(wire, headers=(*wire.headers, pair))
            case "mutualTLS", _, _:
                wire = replace(wire, headers=(*wire.headers, ("client-cert", "CN=verify")))
            case _, _, "basic":
                basic = f"Basic {b64encode(b'user:password').decode()}"
                wire = replace(wire, headers=(*wire.headers, ("authorization", basic)))
            case _, _, "digest":
                wire = replace(wire, headers=(*wire.headers, ("authorization", _DIGEST)))
            case _, _, kind:
                credential = f"{kind or 'Bearer'} credential"
                wire = replace(wire, headers=(*wire.headers, ("authorization", credential)))
    return wire
