"""Responses as bytes: the head of an ASGI response, checked, and how its body is framed."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TypeAlias

from contractgen_runtime.problems import Refusal
from contractgen_runtime.service.problems import MEDIA_TYPE, problem_body

Field: TypeAlias = tuple[bytes, bytes]

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# No header field may hold these; a head has two of them at the end of each line.
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})
_LENGTH = b"\r\ncontent-length: "
# The connection decides how a response is framed and whether it is the last one.
_OURS = {b"connection": b"", b"transfer-encoding": b"", b"content-length": _LENGTH}
_REMEMBERED = 256


class _FieldStarts(dict[bytes, bytes]):
    """The bytes before the value of a field, by its name; empty for fields that are not passed on."""

    def __missing__(self, name: bytes) -> bytes:
        if not _TOKEN.fullmatch(name):
            raise RuntimeError("The name of a header field is invalid.")
        name = name.lower()
        start = _OURS[name] if name in _OURS else b"\r\n%b: " % name
        if len(self) < _REMEMBERED:
            self[name] = start
        return start


_STARTS = _FieldStarts()


def _status_line(status: int) -> bytes:
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
    except ValueError:
        return f"HTTP/1.1 {status} ".encode()


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}


def encode_fields(status: int, fields: Iterable[Field]) -> tuple[bytes, bytes | None, bool]:
    """Return the lines of a head without those that frame the response; its Content-Length if it has one;
    and whether the application closes the connection. RuntimeError if a field is invalid.
    """
    parts, length, closes, ends = [_STATUS_LINES[status]], None, False, 0
    for name, value in fields:
        start = _STARTS[name]
        if start is _LENGTH:
            length = value
        elif start:
            parts += start, value
            ends += 2
        elif name.lower() == b"connection" and b"close" in value.lower():
            closes = True
    text = b"".join(parts)
    if len(text) - len(text.translate(None, _CONTROLS)) != ends or not (length is None or length.isdigit()):
        raise RuntimeError("The value of a header field is invalid.")
    return text, length, closes


def rejection(refusal: Refusal) -> bytes:
    """Return a whole response to what cannot be read as a request; the connection ends with it."""
    body = problem_body(refusal.status, refusal.detail)
    fields = [(b"content-type", MEDIA_TYPE.encode()), *refusal.headers]
    text, _, _ = encode_fields(refusal.status, fields)
    return b"%b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (text, len(body), body)
