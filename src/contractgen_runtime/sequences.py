"""Responses that are sequences of items: server-sent events, JSON lines, JSON text sequences."""

import re
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .streaming import EncodedItems

DataT_co = TypeVar("DataT_co", covariant=True)

_LINE_END = re.compile(rb"\r\n|\r|\n")
_RECORD_SEPARATOR = b"\x1e"


@dataclass(frozen=True, slots=True)
class Event(Generic[DataT_co]):
    """A server-sent event. `retry` is in milliseconds; `comment` alone keeps a silent connection open."""

    data: DataT_co | None = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None


def events(items: AsyncIterable[Event[Any]], encode: Callable[[Any], bytes]) -> EncodedItems[Event[Any]]:
    """Encode items as `text/event-stream`, the data of each event by `encode`."""

    def write(event: Event[Any]) -> bytes:
        fields = ((b"", event.comment), (b"event", event.event), (b"id", event.id), (b"retry", event.retry))
        head = b"".join(b"%b: %b\n" % (name, _field(value)) for name, value in fields if value is not None)
        if event.data is None:
            return head + b"\n"
        lines = _LINE_END.split(encode(event.data))
        return head + b"".join(b"data: %b\n" % line for line in lines) + b"\n"

    return EncodedItems(items, write)


def _field(value: str | int) -> bytes:
    """Return the encoded field of an event; raise ValueError for a character that would end its line."""
    text = str(value)
    if re.search(r"[\r\n\0]", text):
        raise ValueError("a field of an event must be one line")
    return text.encode()


def json_lines(items: AsyncIterable[Any], encode: Callable[[Any], bytes]) -> EncodedItems[Any]:
    """Encode items as `application/jsonl`: one item a line."""
    return EncodedItems(items, lambda item: encode(item) + b"\n")


def json_sequence(items: AsyncIterable[Any], encode: Callable[[Any], bytes]) -> EncodedItems[Any]:
    """Encode items as `application/json-seq`, RFC 7464: between a record separator and a line feed."""
    return EncodedItems(items, lambda item: _RECORD_SEPARATOR + encode(item) + b"\n")
