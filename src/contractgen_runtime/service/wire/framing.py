"""Framings of request bodies: they end after a number of bytes, or after the last chunk."""

import re
from collections.abc import Callable
from typing import Protocol, TypeAlias

from contractgen_runtime.problems import Refusal

from .limits import CHUNK_LINE_BYTES, TRAILER_BYTES

#: Takes the next bytes of the body itself.
Sink: TypeAlias = Callable[[bytes], None]

_END = b"\r\n"
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t -~\x80-\xff]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*")


class Framing(Protocol):
    """The body of one request; `missing` bytes are known to follow, None if nobody knows."""

    @property
    def missing(self) -> int | None: ...

    @property
    def is_complete(self) -> bool: ...

    def feed(self, data: bytes, sink: Sink) -> bytes:
        """Take the next bytes; return those that belong to the next request or that need more to follow.

        Raises 400 if the body is malformed.
        """
        ...


class SizedBody:
    """A body of as many bytes as Content-Length says."""

    __slots__ = ("missing",)

    def __init__(self, length: int) -> None:
        self.missing: int | None = length

    @property
    def is_complete(self) -> bool:
        return self.missing == 0

    def feed(self, data: bytes, sink: Sink) -> bytes:
        own = data[: self.missing]
        self.missing = (self.missing or 0) - len(own)
        sink(own)
        return data[len(own) :]


class ChunkedBody:
    """A body in chunks. Extensions and trailers are discarded: a field of a trailer is never a header."""

    __slots__ = ("_left", "_read_line", "_trailers", "is_complete")

    missing: int | None = None

    def __init__(self) -> None:
        self.is_complete = False
        self._left = 0
        self._trailers = 0
        self._read_line = self._read_size

    def feed(self, data: bytes, sink: Sink) -> bytes:
        parts: list[bytes] = []
        at = 0
        while at < len(data) and not self.is_complete:
            if self._left:
                part = data[at : at + self._left]
                self._left -= len(part)
                at += len(part)
                parts.append(part)
                continue
            end = data.find(_END, at, at + CHUNK_LINE_BYTES + 2)
            if end < 0:
                self._check_begun(data[at:])
                break
            self._read_line(data[at:end])
            at = end + 2
        sink(b"".join(parts))
        return data[at:]

    def _check_begun(self, line: bytes) -> None:
        if len(line.removesuffix(b"\r")) > CHUNK_LINE_BYTES or b"\n" in line:
            raise _malformed()
        # Of a line that must be empty, or begin with digits, the first byte decides.
        if self._read_line == self._read_end_of_chunk and line != b"\r":
            raise _malformed()
        if self._read_line == self._read_size and not line[:1].isalnum():
            raise _malformed()

    def _read_size(self, line: bytes) -> None:
        found = _SIZE.fullmatch(line)
        if found is None:
            raise _malformed()
        self._left = int(found[1], 16)
        self._read_line = self._read_end_of_chunk if self._left else self._read_trailer

    def _read_end_of_chunk(self, line: bytes) -> None:
        if line:
            raise _malformed()
        self._read_line = self._read_size

    def _read_trailer(self, line: bytes) -> None:
        self._trailers += len(line)
        if not line:
            self.is_complete = True
        elif self._trailers > TRAILER_BYTES or not _TRAILER.fullmatch(line):
            raise _malformed()


def _malformed() -> Refusal:
    return Refusal(400, "The chunks of the body are malformed.")
