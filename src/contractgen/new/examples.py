"""Record valid messages of a contract as JSON: a request of each operation, and the responses of its mock.

Requests are made from the raw document, as `verify` reads it; responses are those that `mock` sends.
`contractgen_runtime.mocking.examples` reads the file.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from contractgen.document.load import Document
from contractgen.fuzz.routing import is_ambiguous
from contractgen.mock.responses import MockResponses
from contractgen.plan.contract import Contract, Operation
from contractgen.verify.foreign.judge import Judge
from contractgen.verify.foreign.operations import RawOperation, operations_of
from contractgen.verify.foreign.raw import RawContract
from contractgen.verify.foreign.requests import Requests
from contractgen.verify.foreign.wire import Wire
from contractgen_runtime.mocking.examples import ExampleResponse


def recorded(document: Document, contract: Contract, package: Any) -> bytes:
    """Return the examples of a contract as JSON; `package` is what was generated from it."""
    made = MockResponses(contract, package).examples()
    responses = {name: list(map(_response, examples)) for name, examples in made.items()}
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
    every = list(operations_of(raw))
    literal = {each.address for each in every if "{" not in each.address}
    for operation in every:
        wire = requests.valid(operation)
        plan = planned.get((operation.method, operation.path))
        if wire is None and plan is not None:
            wire = _with_any_body(requests.without_body(operation), plan)
        # A path without placeholders has precedence: what is sent there is no request of a template. Nor is a
        # path whose values have the text between two placeholders.
        if wire is None or is_ambiguous(operation.path, wire.path):
            continue
        if operation.address in literal or unquote(wire.path) not in literal:
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
        # Of the template: those of values are encoded.
        "path": wire.path.replace("#", "%23").replace("?", "%3F"),
        "query": "&".join("=".join(pair) for pair in wire.query),
        "headers": wire.headers,
        "cookies": wire.cookies,
        **_body(wire.body),
    }


def _response(example: ExampleResponse) -> dict[str, Any]:
    return {
        "name": example.name,
        "media_type": example.media_type,
        "headers": example.headers,
        **_body(example.body),
    }


def _body(body: bytes) -> dict[str, str]:
    """Return a body as text, or in base64 where it is not UTF-8."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}
