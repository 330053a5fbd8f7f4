"""Multipart bodies, RFC 2046 and RFC 7578: the heads and bytes of their parts as they arrive."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

from .media import MediaType, parse_media_type, parse_parameters
from .problems import Refusal

# The most parts of a body, headers of a part, and bytes of all headers of a part.
_MAX_PARTS = 1_000
_MAX_HEADERS = 16
_MAX_HEAD_BYTES = 8_192
# The most blanks between a boundary and the end of its line.
_MAX_PADDING = 64
_LINE_END = b"\r\n"
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
# Browsers send the characters of a name unchanged, except line ends, which they escape.
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*")
# Browsers escape only quotation marks; a backslash may separate folders.
_ESCAPED = re.compile(r'\\(["\\])')
_PLAIN_ENCODINGS = frozenset({"7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of a part, by lowercase name.

    `filename` is None if the part names no file, and empty if no file was chosen in a browser's form.
    `media_type` is None if the part has no Content-Type.
    """

    name: str
    filename: str | None
    media_type: MediaType | None
    headers: dict[str, str]


def boundary_of(content_type: MediaType) -> str:
    """Return the boundary of a Content-Type; raise 400 if it has none."""
    boundary = content_type.parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Refusal(400, "The Content-Type of the body must name its boundary.")
    return boundary


async def parts_of(chunks: AsyncIterator[bytes], boundary: str) -> AsyncIterator[Head | bytes]:
    """Yield the head of each part, then its bytes; raise 400 for a malformed body, 413 for too many parts."""
    delimiter = b"\r\n--" + boundary.encode("ascii")
    source = _Source(chunks)
    async for _ in source.until(delimiter):
        pass  # RFC 2046: bytes before the first boundary are ignored
    for before in count():
        if await source.begins(b"--"):
            async for _ in chunks:
                pass  # bytes after the last boundary are ignored too
            return
        if before == _MAX_PARTS:
            raise Refusal(413, f"The body may have at most {_MAX_PARTS} parts.")
        if (await source.text(_LINE_END, _MAX_PADDING)).strip(b" \t"):
            raise _malformed("does not begin on a line of its own")
        yield _head(await source.text(_LINE_END * 2, _MAX_HEAD_BYTES))
        async for data in source.until(delimiter):
            yield data


class _Source:
    """The bytes of a body up to a mark; raises 400 if the body ends before it."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        # The first boundary may be the first line, without the line end that belongs to it.
        self._buffer = bytearray(_LINE_END)

    async def begins(self, mark: bytes) -> bool:
        """Return whether the next bytes are a mark."""
        while len(self._buffer) < len(mark):
            await self._receive()
        return self._buffer.startswith(mark)

    async def text(self, mark: bytes, max_bytes: int) -> bytes:
        """Return the bytes before a mark, and drop the mark; raise 400 if they are too many."""
        while (end := self._buffer.find(mark)) < 0 and len(self._buffer) < max_bytes:
            await self._receive()
        if not 0 <= end <= max_bytes:
            raise _malformed(f"has a head of more than {max_bytes} bytes")
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return found

    async def until(self, mark: bytes) -> AsyncIterator[bytes]:
        """Yield the bytes before a mark as they arrive, but for a possible beginning of it; drop the mark."""
        while (end := self._buffer.find(mark)) < 0:
            certain = len(self._buffer) - len(mark) + 1
            if certain > 0:
                yield bytes(self._buffer[:certain])
                del self._buffer[:certain]
            await self._receive()
        if end:
            yield bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]

    async def _receive(self) -> None:
        chunk = await anext(self._chunks, None)
        if chunk is None:
            raise Refusal(400, "The body ends before its last boundary.")
        self._buffer += chunk


def _head(raw: bytes) -> Head:
    headers: dict[str, str] = {}
    lines = raw.split(_LINE_END)
    if len(lines) > _MAX_HEADERS:
        raise _malformed(f"has more than {_MAX_HEADERS} headers")
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise _malformed("has a line in its head that is not a header")
        name = header[1].decode("ascii").lower()
        if name in headers:
            raise _malformed("has a header twice")
        headers[name] = _decoded(header[2])
    if headers.get("content-transfer-encoding", "binary").lower() not in _PLAIN_ENCODINGS:
        raise _malformed("has a Content-Transfer-Encoding, which form-data does not permit")
    return Head(*_disposition(headers), _media_type(headers), headers)


def _disposition(headers: dict[str, str]) -> tuple[str, str | None]:
    """Return the names of a part and of its file; RFC 7578 forbids `filename*`, so it is ignored."""
    kind, _, rest = headers.get("content-disposition", "").partition(";")
    parameters = parse_parameters(f";{rest}", _ESCAPED)
    if parameters is None:  # a browser escapes no backslash, not even before the closing quotation mark
        parameters = parse_parameters(f";{rest}".replace("\\", r"\\"), _ESCAPED)
    if kind.strip().lower() != "form-data" or parameters is None or "name" not in parameters:
        raise _malformed("has no Content-Disposition `form-data` with a name")
    filename = parameters.get("filename")
    if filename is not None and "\0" in filename:
        raise _malformed("has a file name with a null character")
    return parameters["name"], None if filename is None else _without_folders(filename)


def _without_folders(filename: str) -> str:
    r"""Return a file name without the client's folders: `C:\notes\a.txt`, `../a.txt` -> `a.txt`."""
    return re.split(r"[/\\]", filename)[-1]


def _media_type(headers: dict[str, str]) -> MediaType | None:
    if "content-type" not in headers:
        return None
    media_type = parse_media_type(headers["content-type"])
    if media_type is None:
        raise _malformed("has a Content-Type that is not a media type")
    return media_type


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise _malformed("has a header that is not UTF-8") from None


def _malformed(what: str) -> Refusal:
    return Refusal(400, f"A part of the body {what}.")
