"""Files of a request: small ones in memory, larger ones on disk."""

from collections.abc import AsyncIterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic_core import core_schema
from starlette.concurrency import run_in_threadpool

# The most bytes of a file in memory, and of a piece of it.
_IN_MEMORY = 65_536
_PIECE = 65_536


class Upload:
    """A file of a request; it is removed when the request ends.

    `filename` is the client's name for it without folders, or None. `media_type` is its Content-Type, `size`
    its number of bytes; `headers` holds its declared headers, by their names in the contract. Each read
    continues after the one before: `await upload.read()`, `async for piece in upload`. `file` is the file
    object, for code that reads files in threads.
    """

    __slots__ = ("_on_disk", "file", "filename", "headers", "media_type", "size")

    def __init__(
        self,
        file: IO[bytes],
        *,
        filename: str | None = None,
        media_type: str = "application/octet-stream",
        size: int = 0,
        headers: Mapping[str, JsonValue] | None = None,
        on_disk: bool = False,
    ) -> None:
        self.file = file
        self.filename = filename
        self.media_type = media_type
        self.size = size
        self.headers = headers or {}
        self._on_disk = on_disk

    async def read(self, size: int = -1) -> bytes:
        """Return the next bytes of the file, by default all that are left; empty at its end."""
        return await run_in_threadpool(self.file.read, size) if self._on_disk else self.file.read(size)

    async def seek(self, offset: int) -> None:
        """Continue reading at an offset from the start of the file."""
        self.file.seek(offset)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.read(_PIECE):
            yield piece

    def __repr__(self) -> str:
        return f"Upload(filename={self.filename!r}, media_type={self.media_type!r}, size={self.size})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "application/octet-stream"}


class Spool:
    """A file that is arriving."""

    __slots__ = ("file", "on_disk", "size")

    def __init__(self) -> None:
        self.file = SpooledTemporaryFile()  # noqa: SIM115 - the request closes it
        self.size = 0
        self.on_disk = False

    async def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self.size += len(data)
        if not self.on_disk and self.size > _IN_MEMORY:
            self.on_disk = True
            await run_in_threadpool(self.file.rollover)
        if self.on_disk:
            await run_in_threadpool(self.file.write, data)
        else:
            self.file.write(data)
