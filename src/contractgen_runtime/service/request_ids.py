"""The ids of requests: that which the client sends as `X-Request-Id`, if it is fit, else a new one."""

import re
from collections.abc import Callable, Iterator, Mapping
from random import getrandbits
from typing import Any
from uuid import UUID

from contractgen_runtime.pointers import child, find_at, pointer_of
from contractgen_runtime.schemas import Schemas

ID_HEADER = b"x-request-id"
_FIT = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Ids that are valid by the contract, where its responses declare the header; `document` is the contract.

    A new id has 128 random bits: 32 hexadecimal digits, or a UUID if the contract does not admit that.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self._is_valid = _check(dict(document or {}))
        self._make = next((make for make in (_digits, _uuid) if self._is_valid(make())), _digits)

    def of(self, sent: bytes | None) -> str:
        """Return the id of a request, given what its client has sent under the name of the header."""
        if sent is not None and _FIT.fullmatch(sent):
            text = sent.decode("ascii")
            if self._is_valid(text):
                return text
        return self._make()


def _digits() -> str:
    return f"{getrandbits(128):032x}"


def _uuid() -> str:
    return str(UUID(int=getrandbits(128), version=4))


def _check(document: dict[str, Any]) -> Callable[[str], bool]:
    """Return the check of an id by every schema that responses of the contract have for the header."""
    schemas = list(dict.fromkeys(_schemas(document)))
    if not schemas:
        return lambda _: True
    try:
        return Schemas(document).validator(*schemas).is_valid
    except ValueError:  # of OpenAPI 3.0, with a keyword that has another meaning there
        return lambda _: True


def _schemas(document: dict[str, Any]) -> Iterator[str]:
    for path in document.get("paths", {}):
        item, at = _resolved(document, child("/paths", path))
        for method in item:
            responses = child(at, method, "responses")
            for key in find_at(document, responses) or {}:
                response, place = _resolved(document, child(responses, key))
                for name in response.get("headers", {}):
                    header, pointer = _resolved(document, child(place, "headers", name))
                    if name.lower().encode() == ID_HEADER and "schema" in header:
                        yield child(pointer, "schema")


def _resolved(document: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    """Return the object at a pointer, or that which it refers to, and its pointer."""
    node = find_at(document, pointer)
    while isinstance(node, dict) and "$ref" in node:
        pointer = pointer_of(node["$ref"])
        node = find_at(document, pointer)
    return (node if isinstance(node, dict) else {}), pointer
