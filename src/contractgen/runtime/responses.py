"""Answers that a contract declares: what their classes share, and how their headers are written."""

import json
import math
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from pydantic_core import to_jsonable_python

from .problems import Encoded, Headers
from .statuses import BODILESS, statuses_of

# A stream answers with its chunks, or with all that there is.
Opened = tuple[int, Headers, bytes | AsyncIterable[bytes]]


class Response:
    """An answer that the contract declares; generated classes add its body and headers as fields.

    One that stands under a status has it as `status`; under a range or `default`, which `status_range`
    names, `status` is a field. Of several `media_types` the field `media_type` says which.
    """

    __slots__ = ()

    status_range: ClassVar[str] = ""
    media_types: ClassVar[tuple[str, ...]] = ()
    model: ClassVar[type | None] = None
    header_names: ClassVar[dict[str, bool]] = {}

    def encode(self) -> Encoded:
        """Status, headers and body, ready to send."""
        raise TypeError(f"{type(self).__name__} is no answer that is sent whole")


class StreamedResponse(Response):
    """An answer that may be sent while it is made."""

    __slots__ = ()

    def open(self) -> Opened:
        """Status, headers, and the body or the chunks of it."""
        raise NotImplementedError


@dataclass(slots=True, eq=False)
class RawResponse(StreamedResponse):
    """Any answer at all, where the contract says `x-raw-response: true`."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | AsyncIterable[bytes] = b""

    def open(self) -> Opened:
        headers = [(name.lower().encode("ascii"), header_value(value)) for name, value in self.headers]
        return self.status, headers, b"" if self.status in BODILESS else self.body


def key_of(response: type[Response]) -> str:
    """The key under which the contract has a response: `200`, `4XX`, `default`."""
    return response.status_range or str(getattr(response, "status", ""))


def permitted_statuses(responses: Sequence[type[Response]]) -> dict[type[Response], frozenset[int]]:
    """The statuses that each response may have in an operation that declares all of them."""
    keys = {key_of(response) for response in responses}
    return {
        response: frozenset(statuses_of(key_of(response), keys))
        - (BODILESS if response.media_types else frozenset())
        for response in responses
    }


def header_value(value: str | int) -> bytes:
    """A response header's value; ValueError for what would end the header."""
    encoded = str(value).encode("latin-1")
    if b"\r" in encoded or b"\n" in encoded or b"\0" in encoded:
        raise ValueError("a header's value must be one line")
    return encoded


def simple(value: object, *, explode: bool = False) -> str:
    """A value in the style `simple`: `true`, `a,b`, `x,1,y,2`, or `x=1,y=2` with `explode`."""
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
    """A value as JSON of ASCII, as a header can hold it."""
    return json.dumps(to_jsonable_python(value, by_alias=True), allow_nan=False, separators=(",", ":"))


def cookies(values: str | Sequence[str]) -> Headers:
    """A line of `Set-Cookie` for each value."""
    lines = [values] if isinstance(values, str) else values
    return [(b"set-cookie", header_value(line)) for line in lines]


def chosen_type(chosen: str, declared: Sequence[str]) -> bytes:
    """The media type that a handler chose, when the contract has it; `image/*` has every image."""
    kind, _, subtype = chosen.partition(";")[0].strip().lower().partition("/")
    if chosen not in declared and not (subtype and {"*/*", f"{kind}/*"} & set(declared)):
        raise TypeError(f"the media type {chosen!r} is none of {', '.join(declared)}")
    if "*" in kind + subtype:
        raise TypeError(f"{chosen!r} is no media type of an answer")
    return header_value(chosen)
