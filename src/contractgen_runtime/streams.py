"""Text bodies and binary bodies."""

from pydantic_core import to_json

from .bodies import Chunks, Content, receive_whole
from .problems import Refusal, invalid
from .requests import Request
from .schemas import ExactCheck


class TextBody(Content[str]):
    """Text in UTF-8, which its schema may restrict."""

    __slots__ = ("exact_check",)

    def __init__(
        self,
        media_type: str,
        *,
        max_bytes: int,
        schema: str | None = None,
        exact_check: ExactCheck | None = None,
    ) -> None:
        super().__init__(media_type, max_bytes=max_bytes, schema=schema)
        self.exact_check = exact_check

    async def read(self, request: Request) -> str:
        text = decoded(await receive_whole(request, self.max_bytes))
        if self.exact_check is not None and (violations := self.exact_check(to_json(text))):
            raise invalid(violations)
        return text


def decoded(raw: bytes) -> str:
    """Decode UTF-8; raise 400 if it is invalid."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "The body is not UTF-8.") from None


class Stream:
    """A body that is read as it arrives: `async for chunk in body`, or `await body.read()`, once.

    The iteration raises a Refusal: 413 if the body is too large, 408 if it stalls.
    """

    __slots__ = ("_chunks", "media_type")

    def __init__(self, chunks: Chunks, media_type: str) -> None:
        self._chunks = chunks
        self.media_type = media_type

    def __aiter__(self) -> Chunks:
        return self._chunks

    async def read(self) -> bytes:
        """Return the rest of the body."""
        return b"".join([chunk async for chunk in self._chunks])


class StreamBody(Content[Stream]):
    """A binary body, read as it arrives."""

    __slots__ = ()

    charsets = None

    async def read(self, request: Request) -> Stream:
        content_type = request.headers.get(b"content-type", b"application/octet-stream")
        return Stream(Chunks(request, self.max_bytes), content_type.decode("latin-1"))
