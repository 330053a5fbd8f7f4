"""Bodies that are sequences of JSON values: JSON lines or JSON text sequences."""

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from pydantic import BaseModel

from .bodies import Chunks, Content
from .json_bodies import JsonBody
from .problems import Refusal
from .requests import Request
from .schemas import ExactCheck, Schemas

ModelT = TypeVar("ModelT", bound=BaseModel)

# The most bytes of one item: each is in memory as a whole.
_MAX_ITEM_BYTES = 65_536
_LINE_FEED = b"\n"
_RECORD_SEPARATOR = b"\x1e"


class ItemStream(Generic[ModelT]):
    """The items of a body as they arrive: `async for item in body`, once.

    The iteration raises a Refusal: 400 or 422 for an invalid item, 413 if the body or an item is too large,
    408 if the body stalls.
    """

    __slots__ = ("_item", "_texts")

    def __init__(self, texts: AsyncIterator[bytes], item: JsonBody[ModelT]) -> None:
        self._texts = texts
        self._item = item

    async def __aiter__(self) -> AsyncIterator[ModelT]:
        index = 0
        async for text in self._texts:
            yield self._item.parse(text, [index])
            index += 1


class ItemsBody(Content[ItemStream[ModelT]]):
    """JSON values of one schema: one a line, or each after a record separator (`json-seq`, RFC 7464)."""

    __slots__ = ("item", "model")

    def __init__(
        self,
        media_type: str,
        model: type[ModelT],
        schemas: Schemas,
        *,
        schema: str,
        max_bytes: int,
        model_is_exact: bool = False,
    ) -> None:
        super().__init__(media_type, max_bytes=max_bytes, schema=schema)
        self.model = model
        self.item = JsonBody(
            media_type,
            model,
            schemas,
            schema=schema,
            max_bytes=_MAX_ITEM_BYTES,
            model_is_exact=model_is_exact,
        )

    @property
    def exact_check(self) -> ExactCheck | None:
        return self.item.exact_check

    async def read(self, request: Request) -> ItemStream[ModelT]:
        separator = _RECORD_SEPARATOR if self.range.subtype.endswith("json-seq") else _LINE_FEED
        return ItemStream(_texts(Chunks(request, self.max_bytes), separator, self.item.max_bytes), self.item)


async def _texts(chunks: Chunks, separator: bytes, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the texts between separators that are not blank."""
    rest = bytearray()
    async for chunk in chunks:
        *whole, last = chunk.split(separator)
        if whole:
            whole[0] = bytes(rest) + whole[0]
            rest.clear()
        rest += last
        for text in [*whole, rest]:
            if len(text) > max_bytes:
                raise Refusal(413, f"An item of the body may have at most {max_bytes} bytes.")
        for text in filter(bytes.strip, whole):
            yield text
    if rest.strip():
        yield bytes(rest)
