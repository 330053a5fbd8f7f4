"""Reachability of operations: one request is sent to each, through the whole application."""

import re
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Scope

from contractgen.document.findings import Finding
from contractgen.document.load import Document
from contractgen.verify.derived import operations
from contractgen.verify.stubs import StubHost

_PLACEHOLDER = re.compile(r"\{[^{}]+\}")
# A text that no literal segment of a path is.
_ANY = "~verify~"


async def unserved(document: Document, app: FastAPI, host: StubHost) -> list[Finding]:
    """Return a finding for each operation that a request of its method and path does not reach."""
    found = []
    for operation in operations(app):
        host.reached = None
        await _ask(app, operation)
        if host.reached is not operation:
            other = f"{host.reached.operation_id} answers" if host.reached else "no operation answers"
            message = f"{operation.method} {operation.path} is not served: {other}"
            found.append(document.finding("/paths", message))
    return found


async def _ask(app: FastAPI, operation: Any) -> None:
    """Send a request without parameters, credentials or a body: its operation rejects it at the latest."""
    path = _PLACEHOLDER.sub(_ANY, operation.path)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": operation.method,
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        pass

    await app(scope, receive, send)
