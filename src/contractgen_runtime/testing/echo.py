"""Search rejections for repeated input: a secret of the request must not come back."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson

#: Shorter values occur in any prose.
_SHORTEST = 6


def repeated(request: httpx.Request, response: httpx.Response, sent: bytes, known: str) -> str | None:
    """Return a value of the request that the response repeats, None if there is none.

    A value that is a phrase of the contract itself, `known`, discloses nothing.
    """
    headers = [f"{name}: {value}" for name, value in response.headers.items() if name != "x-request-id"]
    answer = "\n".join([response.text, *headers])
    for value in _values(request, sent):
        if len(value) >= _SHORTEST and value in answer and value not in known:
            return value
    return None


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
