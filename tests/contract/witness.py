"""A transport that holds every answer against the contract, so that no test can forget to."""

import json
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import orjson

from tests.contract.document import DOCUMENT, TEXT, Operation, methods_of, resolve

PROBLEM = "application/problem+json"
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}

#: What is served beside the contract.
DOCUMENTATION = ("/openapi.json", "/openapi.yaml", "/docs", "/redoc")

#: Shorter values occur in any prose.
SHORTEST_ECHO = 6

#: The pairs of operationId and status that this process has seen and found to be as declared.
witnessed: set[tuple[str, int]] = set()


class ContractViolation(AssertionError):
    """An answer that the contract does not declare."""


class Witness(httpx.AsyncBaseTransport):
    """Passes requests on and raises ContractViolation for an answer that is not one of the contract's."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = _Recording(request.stream)
        request.stream = body
        response = await self._transport.handle_async_request(request)
        await response.aread()
        check(request, response, bytes(body.seen))
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


class _Recording(httpx.AsyncByteStream):
    """A request's body, and what of it has been read: its chunks stay as they are."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.seen = bytearray()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self.seen += chunk
            yield chunk


def check(request: httpx.Request, response: httpx.Response, sent: bytes) -> None:
    """Raise ContractViolation unless the answer is one that the contract has for the request."""
    path, method = request.url.path, request.method
    if path.startswith(DOCUMENTATION):
        return
    operations = methods_of(path)
    operation = operations.get(method) or (operations.get("GET") if method == "HEAD" else None)
    where = f"{operation.id if operation else method + ' ' + path} {response.status_code}"
    try:
        if operation is not None:
            _check_operation(operation, method, response)
        else:
            _check_router(request, response, set(operations))
        if response.status_code >= 400:
            _check_refusal(method, response)
            _check_echo(request, response, sent)
    except ContractViolation as violation:
        raise ContractViolation(f"{where}: {violation}: {response.text[:500]}") from None
    if operation is not None and method != "HEAD":
        witnessed.add((operation.id, response.status_code))


def _check_operation(operation: Operation, method: str, response: httpx.Response) -> None:
    declared = operation.responses.get(response.status_code)
    if declared is None:
        raise ContractViolation("the status is not declared")
    for name, header in declared.get("headers", {}).items():
        _check_header(name, resolve(header), response)
    content = declared.get("content")
    if content is None:
        if response.content or "content-type" in response.headers:
            raise ContractViolation("the contract declares no content")
        return
    media_type = response.headers.get("content-type")
    if media_type not in content:
        raise ContractViolation(f"the media type is {media_type}, not {' or '.join(content)}")
    if method == "HEAD":
        if response.content:
            raise ContractViolation("the answer to HEAD has a body")
        return
    if response.headers.get("content-length") != str(len(response.content)):
        raise ContractViolation("Content-Length is not the length of the body")
    _check_schema(content[media_type]["schema"], _parse(response), "body")


def _check_header(name: str, header: dict[str, Any], response: httpx.Response) -> None:
    values = response.headers.get_list(name)
    if len(values) > 1:
        raise ContractViolation(f"the header {name} is sent {len(values)} times")
    if not values:
        if header.get("required"):
            raise ContractViolation(f"the header {name} is missing")
        return
    schema = resolve(header["schema"])
    is_number = schema["type"] == "integer" and values[0].isdecimal()
    _check_schema(schema, int(values[0]) if is_number else values[0], f"header {name}")


def _check_router(request: httpx.Request, response: httpx.Response, methods: set[str]) -> None:
    """What belongs to no operation: 404 where no path matches, else OPTIONS, or 405 with every method."""
    if "access-control-request-method" in request.headers:
        expected = 204
    elif not methods:
        expected = 404
    else:
        expected = 204 if request.method == "OPTIONS" else 405
        allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        named = [method.strip() for method in response.headers.get("allow", "").split(",")]
        if sorted(named) != sorted(allowed):
            raise ContractViolation(f"Allow names {named}, the path has {sorted(allowed)}")
    if response.status_code != expected:
        raise ContractViolation(f"no operation answers here, and the status is not {expected}")
    if expected == 204 and response.content:
        raise ContractViolation("a 204 has a body")


def _check_refusal(method: str, response: httpx.Response) -> None:
    if response.headers.get("content-type") != PROBLEM:
        raise ContractViolation(f"the media type is not {PROBLEM}")
    if method == "HEAD":
        return
    problem = _parse(response)
    _check_schema(PROBLEM_SCHEMA, problem, "body")
    if problem["status"] != response.status_code:
        raise ContractViolation(f"the problem has the status {problem['status']}")


def _check_echo(request: httpx.Request, response: httpx.Response, sent: bytes) -> None:
    headers = [f"{name}: {value}" for name, value in response.headers.items() if name != "x-request-id"]
    answer = "\n".join([response.text, *headers])
    for value in _values(request, sent):
        # A value that is a phrase of the contract itself tells nobody anything.
        if len(value) >= SHORTEST_ECHO and value in answer and value not in TEXT:
            raise ContractViolation(f"the answer repeats what was sent, {value[:80]!r}")


def _values(request: httpx.Request, sent: bytes) -> Iterator[str]:
    yield from request.url.path.split("/")
    yield from request.url.params.values()
    yield request.headers.get("authorization", "").partition(" ")[2]
    try:
        yield from _leaves(orjson.loads(sent))
    except orjson.JSONDecodeError:
        yield sent.decode("utf-8", "replace")


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for member in value.values():
                yield from _leaves(member)
        case list():
            for item in value:
                yield from _leaves(item)
        case bool() | None:
            return
        case _:
            yield str(value)


def _parse(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise ContractViolation(f"the body is not JSON: {error}") from None


def _check_schema(schema: dict[str, Any], value: Any, what: str) -> None:
    for error in _validator(json.dumps(schema)).iter_errors(value):
        raise ContractViolation(f"{what} at /{'/'.join(map(str, error.instance_path))}: {error.message}")


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    with_components = json.loads(schema) | {"components": {"schemas": DOCUMENT["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(with_components, validate_formats=True)
