"""Files that arrive in a request: in memory while they are small, on disk beyond."""

from collections.abc import AsyncIterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic_core import core_schema
from starlette.concurrency import run_in_threadpool

# Bytes of a file that stay in memory, and of a piece of it.
_IN_MEMORY = 65_536
_PIECE = 65_536


class Upload:
    """A file that was sent; it is there until its request ends.

    `filename` is what the client calls it, without folders: None where it does not say. `media_type` is its
    Content-Type, `size` its bytes; `headers` holds those that the contract declares for it, by their names
    there. Reading goes on where it was left: `await upload.read()`, `async for piece in upload`. `file` is
    the file itself, for what reads files in threads.
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
        """The next bytes of the file, all that are left by default; empty at its end."""
        return await run_in_threadpool(self.file.read, size) if self._on_disk else self.file.read(size)

    async def seek(self, offset: int) -> None:
        """Go on reading at an offset from the file's start."""
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
    """A file while it arrives."""

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
