"""Base classes of the responses of a contract, and the encoding of their headers."""

import json
import math
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from pydantic_core import to_jsonable_python

from .problems import Encoded, Headers
from .statuses import BODILESS, statuses_of

# Status, headers, and the chunks of a streamed body or the whole body.
Opened = tuple[int, Headers, bytes | AsyncIterable[bytes]]


class Response:
    """A response of the contract; generated classes add its body and headers as fields.

    A response of one status has it as `status`; for a range or `default`, named by `status_range`, `status`
    is a field. With several `media_types` the field `media_type` selects one.
    """

    __slots__ = ()

    status_range: ClassVar[str] = ""
    media_types: ClassVar[tuple[str, ...]] = ()
    model: ClassVar[type | None] = None
    header_names: ClassVar[dict[str, bool]] = {}

    def encode(self) -> Encoded:
        """Return status, headers and body."""
        raise TypeError(f"{type(self).__name__} is streamed: it has no encoded body")


class StreamedResponse(Response):
    """A response whose body may be sent in chunks."""

    __slots__ = ()

    def open(self) -> Opened:
        """Return status, headers, and the body or its chunks."""
        raise NotImplementedError


def whole(response: Response) -> Encoded:
    """Return status, headers and the whole body; raise TypeError for a stream that has to be awaited."""
    if not isinstance(response, StreamedResponse):
        return response.encode()
    status, headers, body = response.open()
    if isinstance(body, bytes):
        return status, headers, body
    reading = _joined(body)
    try:
        reading.send(None)
    except StopIteration as done:
        return status, headers, done.value
    reading.close()
    raise TypeError(f"{type(response).__name__} has a stream that waits")


async def _joined(chunks: AsyncIterable[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@dataclass(slots=True, eq=False)
class RawResponse(StreamedResponse):
    """Any response; for operations with `x-raw-response: true`."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | AsyncIterable[bytes] = b""

    def open(self) -> Opened:
        headers = [(name.lower().encode("ascii"), header_value(value)) for name, value in self.headers]
        return self.status, headers, b"" if self.status in BODILESS else self.body


def key_of(response: type[Response]) -> str:
    """Return the key of a response in the contract: `200`, `4XX`, `default`."""
    return response.status_range or str(getattr(response, "status", ""))


def permitted_statuses(responses: Sequence[type[Response]]) -> dict[type[Response], frozenset[int]]:
    """Return the statuses that each response may have in an operation that declares all these responses."""
    keys = {key_of(response) for response in responses}
    return {
        response: frozenset(statuses_of(key_of(response), keys))
        - (BODILESS if response.media_types else frozenset())
        for response in responses
    }


def header_value(value: str | int) -> bytes:
    """Return the encoded value of a header; raise ValueError for a character that would end it."""
    text = str(value)
    if "\r" in text or "\n" in text or "\0" in text:
        raise ValueError("a header's value must be one line")
    return text.encode("latin-1")


def simple(value: object, *, explode: bool = False) -> str:
    """Return a value written in the style `simple`: `true`, `a,b`, `x,1,y,2`, or `x=1,y=2` with `explode`."""
    if isinstance(value, Mapping):
        pairs = [(str(name), simple(each)) for name, each in value.items()]
        return ",".join("=".join(pair) if explode else ",".join(pair) for pair in pairs)
    if isinstance(value, list | tuple):
        return ",".join(map(simple, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a header's number must be finite")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a header's time must have an offset")
    return value.isoformat() if isinstance(value, date) else str(value)


def as_json(value: object) -> str:
    """Return a value as ASCII JSON, as a header can hold it."""
    return json.dumps(to_jsonable_python(value, by_alias=True), allow_nan=False, separators=(",", ":"))


def cookies(values: str | Sequence[str]) -> Headers:
    """Return a `Set-Cookie` header for each value."""
    lines = [values] if isinstance(values, str) else values
    return [(b"set-cookie", header_value(line)) for line in lines]


def chosen_type(chosen: str, declared: Sequence[str]) -> bytes:
    """Return the media type that a handler chose; raise TypeError if the contract does not declare it."""
    kind, _, subtype = chosen.partition(";")[0].strip().lower().partition("/")
    if chosen not in declared and not (subtype and {"*", "*/*", f"{kind}/*"} & set(declared)):
        raise TypeError(f"the media type {chosen!r} is not one of {', '.join(declared)}")
    if "*" in kind + subtype:
        raise TypeError(f"{chosen!r} is a media range, not the media type of a response")
    return header_value(chosen)
