"""Responses as bytes: the head of an ASGI response, checked, and how its body is framed."""

import re
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import TypeAlias

from contractgen_runtime.problems import Refusal
from contractgen_runtime.service.problems import MEDIA_TYPE, problem_body

Field: TypeAlias = tuple[bytes, bytes]

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# No header field may hold these.
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})
# The connection decides how a response is framed and whether it is the last one.
_OURS = frozenset({b"connection", b"transfer-encoding", b"content-length"})
_NAMES = 64
_VALUES = 8


class _Lines(dict[Field, bytes]):
    """The line of a field, with the line end before it; empty for fields that are not passed on.

    Most fields of responses are always the same. A few values of a name are remembered: others, such as
    identifiers, differ each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._starts: dict[bytes, bytes] = {}
        self._values: Counter[bytes] = Counter()

    def __missing__(self, field: Field) -> bytes:
        name, value = field
        start = self._starts.get(name)
        if start is None:
            start = self._start_of(name)
        if value.translate(None, _CONTROLS) != value:
            raise RuntimeError("The value of a header field is invalid.")
        line = start + value if start else b""
        if self._values[name] < _VALUES and name in self._starts:
            self._values[name] += 1
            self[field] = line
        return line

    def _start_of(self, name: bytes) -> bytes:
        if not _TOKEN.fullmatch(name):
            raise RuntimeError("The name of a header field is invalid.")
        lower = name.lower()
        start = b"" if lower in _OURS else b"\r\n%b: " % lower
        if len(self._starts) < _NAMES:
            self._starts[name] = start
        return start


_LINES = _Lines()


def _status_line(status: int) -> bytes:
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
    except ValueError:
        return f"HTTP/1.1 {status} ".encode()


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}


def encode_fields(status: int, fields: Sequence[Field]) -> tuple[bytes, bytes | None, bool]:
    """Return the lines of a head without those that frame the response; its Content-Length if it has one;
    and whether the application closes the connection. RuntimeError if a field is invalid.
    """
    parts, length, closes = [_STATUS_LINES[status]], None, False
    for each in fields:
        field: Field = each if type(each) is tuple else (each[0], each[1])  # ASGI permits lists too
        line = _LINES[field]
        if line:
            parts.append(line)
            continue
        name, value = field[0].lower(), field[1].lower()
        if name == b"content-length":
            length = value
        elif name == b"connection" and b"close" in value:
            closes = True
    if length is not None and not length.isdigit():
        raise RuntimeError("The Content-Length is invalid.")
    return b"".join(parts), length, closes


def rejection(refusal: Refusal) -> bytes:
    """Return a whole response to what cannot be read as a request; the connection ends with it."""
    body = problem_body(refusal.status, refusal.detail)
    fields = [(b"content-type", MEDIA_TYPE.encode()), *refusal.headers]
    text, _, _ = encode_fields(refusal.status, fields)
    return b"%b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (text, len(body), body)
