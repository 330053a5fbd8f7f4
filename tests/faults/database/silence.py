"""A proxy before PostgreSQL that can stop to pass anything on, as a network does that drops every packet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class Silence:
    """A proxy of PostgreSQL's socket that passes data while `passes` is set, and closes nothing meanwhile.

    `target` is the address for new connections.
    """

    def __init__(self, database_url: str) -> None:
        self.target = database_url
        self._open: set[asyncio.Task[None]] = set()
        self.passes = asyncio.Event()
        self.passes.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Listen; yield host and port."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        try:
            host, port = server.sockets[0].getsockname()
            yield f"{host}:{port}"
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                theirs, ours = await asyncio.open_unix_connection(_socket_of(self.target))
                await asyncio.gather(self._pass(reader, ours), self._pass(theirs, writer))
        finally:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self.passes.wait()
                writer.write(data)
                await writer.drain()
            await self.passes.wait()
        finally:
            writer.close()


def _socket_of(database_url: str) -> str:
    return str(Path(parse_qs(urlsplit(database_url).query)["host"][0]) / ".s.PGSQL.5432")
