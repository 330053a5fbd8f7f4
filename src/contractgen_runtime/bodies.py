"""Request bodies: the media types that an operation accepts, and their bytes within limits."""

from asyncio import timeout
from time import monotonic
from typing import ClassVar, Generic, TypeVar

from starlette.types import Message

from .media import MediaType, closeness, parse_media_type
from .problems import Refusal
from .requests import Request

T_co = TypeVar("T_co", covariant=True)

# No valid Content-Length has more digits.
_MAX_DIGITS = 18
# Seconds from the first part of a body to its last: checks made before the body must still hold after it.
_BODY_DEADLINE = 10
# A streamed body may take longer while bytes arrive: the longest pause in seconds, the least bytes a second.
_SILENCE = 10
_SLOWEST = 1024


class Content(Generic[T_co]):
    """One media type of a body, or a media range: `read` turns its bytes into the argument of the handler.

    `schema` is the pointer of its schema in the contract, `model` the class of its value; both may be None.
    """

    __slots__ = ("max_bytes", "media_type", "range", "schema")

    charsets: ClassVar[frozenset[str] | None] = frozenset({"utf-8", "us-ascii"})
    model: type | None = None

    def __init__(self, media_type: str, *, max_bytes: int, schema: str | None = None) -> None:
        parsed = parse_media_type(media_type)
        if parsed is None:
            raise ValueError(f"{media_type!r} is not a media type")
        self.media_type = media_type
        self.range = parsed
        self.max_bytes = max_bytes
        self.schema = schema

    def fits(self, sent: MediaType) -> int:
        """Return how closely a request's media type matches: a higher value is closer, 0 is no match."""
        if self.charsets is not None and sent.charset not in self.charsets:
            return 0
        return closeness(self.range, sent)

    async def read(self, request: Request) -> T_co:
        """Return the valid body; raise a Refusal if it is invalid."""
        raise NotImplementedError


class Body(Generic[T_co]):
    """The body of an operation: the media types that it accepts, and whether it is required."""

    __slots__ = ("_usual", "contents", "required")

    def __init__(self, *contents: Content[T_co], required: bool = True) -> None:
        self.contents = contents
        self.required = required
        self._usual = {each.media_type.encode(): each for each in contents if not each.range.is_range}

    def content_of(self, content_type: bytes) -> Content[T_co]:
        """Return the content that matches a Content-Type most closely; raise 415 if none does."""
        usual = self._usual.get(content_type)
        if usual is not None:
            return usual
        sent = parse_media_type(content_type.decode("latin-1"))
        if sent is not None and not sent.is_range:
            closest = max(self.contents, key=lambda content: content.fits(sent))
            if closest.fits(sent):
                return closest
        known = " or ".join(content.media_type for content in self.contents)
        raise Refusal(415, f"The body must be {known}.")


def has_content(request: Request) -> bool:
    """Return whether the request announces a body."""
    return request.has_content


def accept_body(request: Request, body: Body[T_co]) -> Content[T_co]:
    """Return the reader of the body; raise 415 for another media type, 413 if Content-Length is too large."""
    headers = request.headers
    content_type = headers.get(b"content-type")
    if content_type is None:
        content_type = b"application/octet-stream" if has_content(request) else b""
    content = body.content_of(content_type)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refusal(415, "The body must have no content coding.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > _MAX_DIGITS or int(length) > content.max_bytes:
        raise _too_large(content.max_bytes)
    return content


async def receive_whole(request: Request, max_bytes: int) -> bytes:
    """Return the whole body; raise 413 if it is too large, 408 if it is too slow, 400 if it is incomplete."""
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        if len(whole) > max_bytes:
            raise _too_large(max_bytes)
        return whole
    try:
        async with timeout(_BODY_DEADLINE):
            return await _receive_rest(request, max_bytes, message)
    except TimeoutError:
        raise Refusal(408, f"The body did not arrive within {_BODY_DEADLINE} s.") from None


async def _receive_rest(request: Request, max_bytes: int, message: Message) -> bytes:
    chunks, size = [message.get("body", b"")], len(message.get("body", b""))
    while message.get("more_body", False) and size <= max_bytes:
        message = await request.receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if size > max_bytes:
        raise _too_large(max_bytes)
    if message["type"] == "http.disconnect":
        raise Refusal(400, "The body ended before its end.")
    return b"".join(chunks)


class Chunks:
    """The chunks of a body as they arrive.

    Raises 413 if the body is too large, 408 if it stalls, 400 if it is incomplete.
    """

    __slots__ = ("_ended", "_max_bytes", "_request", "_waited", "size")

    def __init__(self, request: Request, max_bytes: int) -> None:
        self.size = 0
        self._request = request
        self._max_bytes = max_bytes
        self._waited = 0.0
        self._ended = False

    def __aiter__(self) -> "Chunks":
        return self

    async def __anext__(self) -> bytes:
        while not self._ended:
            message = await self._next()
            if message["type"] == "http.disconnect":
                raise Refusal(400, "The body ended before its end.")
            chunk: bytes = message.get("body", b"")
            self._ended = not message.get("more_body", False)
            self.size += len(chunk)
            if self.size > self._max_bytes:
                raise _too_large(self._max_bytes)
            if chunk:
                return chunk
        raise StopAsyncIteration

    async def _next(self) -> Message:
        """Return the next message; only the time that is spent waiting for it counts as slowness."""
        started = monotonic()
        try:
            async with timeout(_SILENCE):
                message = await self._request.receive()
        except TimeoutError:
            raise Refusal(408, f"Nothing of the body arrived for {_SILENCE} s.") from None
        self._waited += monotonic() - started
        if self._waited > _SILENCE + self.size / _SLOWEST:
            raise Refusal(408, f"The body arrives slower than {_SLOWEST} bytes a second.")
        return message


def _too_large(max_bytes: int) -> Refusal:
    return Refusal(413, f"The body may have at most {max_bytes} bytes.")
