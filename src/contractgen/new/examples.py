"""Record valid messages of a contract as JSON: a request of each operation, and the responses of its mock.

Requests are made from the raw document, as `verify` reads it; responses are those that `mock` sends.
`contractgen_runtime.mocking.examples` reads the file.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contractgen.document.load import Document
from contractgen.mock.responses import MockResponse, MockResponses
from contractgen.plan.contract import Contract, Operation
from contractgen.verify.foreign.judge import Judge
from contractgen.verify.foreign.operations import RawOperation, operations_of
from contractgen.verify.foreign.raw import RawContract
from contractgen.verify.foreign.requests import Requests
from contractgen.verify.foreign.wire import Wire


def recorded(document: Document, contract: Contract, package: Any) -> bytes:
    """Return the examples of a contract as JSON; `package` is what was generated from it."""
    mocks = MockResponses(contract, package)
    responses: dict[str, list[dict[str, Any]]] = {}
    for operation in contract.operations:
        for mocked in mocks.of(operation).responses:
            name = mocked.response.class_name
            if name not in responses:
                responses[name] = list(_responses(mocked)) if mocked.kind is not None else []
    requests = _requests(document, {(each.method, each.path): each for each in contract.operations})
    operations = {
        operation.operation_id: {
            "module": tag.module,
            "handler": operation.handler,
            "request": requests.get((operation.method, operation.path)),
        }
        for tag in contract.tags
        for operation in tag.operations
    }
    written = {"operations": operations, "responses": responses}
    return (json.dumps(written, indent=1, ensure_ascii=False) + "\n").encode()


def _requests(
    document: Document, planned: Mapping[tuple[str, str], Operation]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return a valid request of each operation, by its method and path in the document."""
    raw = RawContract(document)
    requests = Requests(Judge(raw, "request"))
    found = {}
    for operation in operations_of(raw):
        wire = requests.valid(operation)
        plan = planned.get((operation.method, operation.path))
        if wire is None and plan is not None:
            wire = _with_any_body(requests.without_body(operation), plan)
        if wire is not None:
            found[operation.method, operation.path] = _request(operation, wire)
    return found


def _with_any_body(wire: Wire | None, operation: Operation) -> Wire | None:
    """Return a request with a body of bytes or text, of which the contract says nothing; None without one."""
    contents = operation.body.contents if operation.body else ()
    plain = next((each for each in contents if each.kind in ("binary", "text")), None)
    if wire is None or plain is None:
        return None
    media_type = plain.media_type.replace("*/*", "application/octet-stream").replace("*", "example")
    return replace(wire, body=b"example", headers=(*wire.headers, ("content-type", media_type)))


def _request(operation: RawOperation, wire: Wire) -> dict[str, Any]:
    return {
        "method": operation.method,
        "path": wire.path.replace("#", "%23"),
        "query": "&".join("=".join(pair) for pair in wire.query),
        "headers": wire.headers,
        "cookies": wire.cookies,
        **_body(wire.body),
    }


def _responses(mocked: MockResponse) -> Iterator[dict[str, Any]]:
    """Yield each example of a response in each of its media types."""
    status = mocked.response.statuses[0]
    content = mocked.response.content
    media_types = mocked.media_types if content and content.is_choice else (None,)
    for name, body in (mocked.bodies or {"": None}).items():
        for media_type in media_types:
            headers, encoded = asyncio.run(_encoded(mocked.make(body, status, media_type)))
            sent = dict(headers).get("content-type", "")
            yield {"name": name, "media_type": media_type or sent, "headers": headers, **_body(encoded)}


async def _encoded(response: Any) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers and the whole body of a response."""
    _, headers, body = response.open() if hasattr(response, "open") else response.encode()
    if not isinstance(body, bytes):
        body = b"".join([chunk async for chunk in body])
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers], body


def _body(body: bytes) -> dict[str, str]:
    """Return a body as text, or in base64 where it is not UTF-8."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}
