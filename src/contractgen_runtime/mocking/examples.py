"""Read the examples of a contract, which `contractgen generate` writes: a JSON file with valid messages."""

import json
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A valid request without credentials: `path` and `query` are percent-encoded."""

    method: str
    path: str
    query: str
    headers: Pairs
    cookies: Pairs
    body: bytes


@dataclass(frozen=True, slots=True)
class ExampleResponse:
    """A valid response of a class: `name` is that of its example in the contract, empty for the first one."""

    name: str
    media_type: str
    headers: Pairs
    body: bytes


@dataclass(frozen=True, slots=True)
class ExampleOperation:
    """An operation: the module of its tag, its handler, and a valid request where one was found."""

    module: str
    handler: str
    request: ExampleRequest | None


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of a contract: operations by operationId, responses by the names of their classes."""

    operations: dict[str, ExampleOperation]
    responses: dict[str, tuple[ExampleResponse, ...]]

    @classmethod
    def read(cls, path: Path) -> "Examples":
        """Read the file that `contractgen generate` wrote."""
        written = json.loads(path.read_bytes())
        return cls(
            {name: _operation(each) for name, each in written["operations"].items()},
            {name: tuple(map(_response, each)) for name, each in written["responses"].items()},
        )

    @classmethod
    def empty(cls) -> "Examples":
        return cls({}, {})

    def operation_of(self, module: str, handler: str) -> str:
        """Return the operationId of a handler; LookupError if the examples are of another contract."""
        for name, each in self.operations.items():
            if (each.module, each.handler) == (module, handler):
                return name
        raise LookupError(f"the examples have no operation {handler}; run `contractgen generate`")


def _operation(written: dict[str, Any]) -> ExampleOperation:
    request = _request(written["request"]) if written["request"] else None
    return ExampleOperation(written["module"], written["handler"], request)


def _request(written: dict[str, Any]) -> ExampleRequest:
    return ExampleRequest(
        written["method"],
        written["path"],
        written["query"],
        _pairs(written["headers"]),
        _pairs(written["cookies"]),
        _body(written),
    )


def _response(written: dict[str, Any]) -> ExampleResponse:
    return ExampleResponse(written["name"], written["media_type"], _pairs(written["headers"]), _body(written))


def _pairs(written: list[list[str]]) -> Pairs:
    return tuple((name, value) for name, value in written)


def _body(written: dict[str, Any]) -> bytes:
    """Return a body, which is text, or base64 where it is not UTF-8."""
    return b64decode(written["base64"]) if "base64" in written else str(written["body"]).encode()
