"""Bodies in parts, RFC 2046 and RFC 7578: their parts' heads and bytes, in the order in which they arrive."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

from .media import MediaType, parse_media_type, parse_parameters
from .problems import Refusal

# How many parts a body has, how many headers a part has, and how many bytes they have together.
_MAX_PARTS = 1_000
_MAX_HEADERS = 16
_MAX_HEAD_BYTES = 8_192
# Blanks between a boundary and the end of its line.
_MAX_PADDING = 64
_LINE_END = b"\r\n"
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
# Browsers send whatever a name holds but line ends, which they escape.
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*")
# Browsers escape no more than quotation marks, and a backslash may be a folder's.
_ESCAPED = re.compile(r'\\(["\\])')
_PLAIN_ENCODINGS = frozenset({"7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of a part, by their names in lower case.

    `filename` is None where the part names no file, and empty where a form's file was not chosen;
    `media_type` is None where the part does not say.
    """

    name: str
    filename: str | None
    media_type: MediaType | None
    headers: dict[str, str]


def boundary_of(content_type: MediaType) -> str:
    """The boundary that a Content-Type names; 400 where it names none."""
    boundary = content_type.parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Refusal(400, "The Content-Type of the body must name its boundary.")
    return boundary


async def parts_of(chunks: AsyncIterator[bytes], boundary: str) -> AsyncIterator[Head | bytes]:
    """The head of each part, followed by its bytes; 400 for what is malformed, 413 for too many parts."""
    delimiter = b"\r\n--" + boundary.encode("ascii")
    source = _Source(chunks)
    async for _ in source.until(delimiter):
        pass  # what stands before the first boundary is for nobody
    for before in count():
        if await source.begins(b"--"):
            async for _ in chunks:
                pass  # nor is what stands behind the last one
            return
        if before == _MAX_PARTS:
            raise Refusal(413, f"The body may have at most {_MAX_PARTS} parts.")
        if (await source.text(_LINE_END, _MAX_PADDING)).strip(b" \t"):
            raise _malformed("does not begin on a line of its own")
        yield _head(await source.text(_LINE_END * 2, _MAX_HEAD_BYTES))
        async for data in source.until(delimiter):
            yield data


class _Source:
    """The bytes of a body, up to what is looked for; 400 when they end before it."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        # The first boundary may be the first line: then the line end that belongs to it is not there.
        self._buffer = bytearray(_LINE_END)

    async def begins(self, mark: bytes) -> bool:
        """Whether a mark is what comes next."""
        while len(self._buffer) < len(mark):
            await self._receive()
        return self._buffer.startswith(mark)

    async def text(self, mark: bytes, max_bytes: int) -> bytes:
        """All before a mark, which is dropped; 400 when that is too long."""
        while (end := self._buffer.find(mark)) < 0 and len(self._buffer) < max_bytes:
            await self._receive()
        if not 0 <= end <= max_bytes:
            raise _malformed(f"has a head of more than {max_bytes} bytes")
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return found

    async def until(self, mark: bytes) -> AsyncIterator[bytes]:
        """All before a mark, which is dropped, as it arrives: but what may be the beginning of the mark."""
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
            raise _malformed("has a line in its head that is no header")
        name = header[1].decode("ascii").lower()
        if name in headers:
            raise _malformed("has a header twice")
        headers[name] = _decoded(header[2])
    if headers.get("content-transfer-encoding", "binary").lower() not in _PLAIN_ENCODINGS:
        raise _malformed("has a Content-Transfer-Encoding, which form-data does without")
    return Head(*_disposition(headers), _media_type(headers), headers)


def _disposition(headers: dict[str, str]) -> tuple[str, str | None]:
    """The name of a part, and of its file; `filename*` is none of form-data, as RFC 7578 has it."""
    kind, _, rest = headers.get("content-disposition", "").partition(";")
    parameters = parse_parameters(f";{rest}", _ESCAPED)
    if kind.strip().lower() != "form-data" or parameters is None or "name" not in parameters:
        raise _malformed("has no Content-Disposition of form-data with a name")
    filename = parameters.get("filename")
    if filename is not None and "\0" in filename:
        raise _malformed("names a file with a null character, at which programs cut names short")
    return parameters["name"], None if filename is None else _without_folders(filename)


def _without_folders(filename: str) -> str:
    r"""A file's name alone, since folders are the client's: `C:\notes\a.txt`, `../a.txt` -> `a.txt`."""
    return re.split(r"[/\\]", filename)[-1]


def _media_type(headers: dict[str, str]) -> MediaType | None:
    if "content-type" not in headers:
        return None
    media_type = parse_media_type(headers["content-type"])
    if media_type is None:
        raise _malformed("has a Content-Type that is no media type")
    return media_type


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise _malformed("has a header that is not UTF-8") from None


def _malformed(what: str) -> Refusal:
    return Refusal(400, f"A part of the body {what}.")
