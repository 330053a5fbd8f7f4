"""Reports of a server process: at a scrape the exporter asks each process over a Unix socket.

Each process counts for itself, so that a request waits for no lock and no shared memory; the label `process`
keeps the series apart, and a process that was replaced is an ordinary reset of a counter.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import orjson

from .families import Family, Histogram
from .requests import RequestCounts

#: The variable that names the folder of the sockets in the environment of the server processes.
FOLDER = "CONTRACTGEN_METRICS_FOLDER"
#: Ask for what this process counts, or also for what is the same whichever process is asked.
OWN, ALL = b"own\n", b"all\n"

Source: TypeAlias = Callable[[], Iterable[Family]]
#: Reads facts of the whole service, such as the length of a queue in its database.
SharedSource: TypeAlias = Callable[[], Awaitable[Iterable[Family]]]

_LAG_EVERY = 0.25


class Metrics:
    """The metrics of one process: its requests, the lag of its event loop, and those of the given sources."""

    def __init__(self, *sources: Source, shared: SharedSource | None = None) -> None:
        self.requests = RequestCounts()
        self._lag = Histogram()
        self._sources: tuple[Source, ...] = (self.requests.families, self._loop_families, *sources)
        self._shared = shared

    @asynccontextmanager
    async def reporting(self) -> AsyncIterator[None]:
        """Respond to the exporter while the block lasts; do nothing where no exporter runs."""
        folder = os.environ.get(FOLDER)
        if not folder:
            yield
            return
        path = Path(folder) / f"{os.getpid()}.sock"
        server = await asyncio.start_unix_server(self._respond, path)
        measuring = asyncio.create_task(self._measure_lag())
        try:
            yield
        finally:
            measuring.cancel()
            server.close()
            path.unlink(missing_ok=True)

    async def report(self, asked: bytes) -> dict[str, list[Family]]:
        """Return the current metrics: OWN asks for those of this process, ALL for the shared ones too."""
        own = [family for source in self._sources for family in source()]
        shared = [*await self._shared()] if self._shared is not None and asked == ALL else []
        return {"own": own, "shared": shared}

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(orjson.dumps(await self.report(await reader.readline())))
            await writer.drain()
        writer.close()

    async def _measure_lag(self) -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(_LAG_EVERY)
            self._lag.observe(max(0.0, time.perf_counter() - started - _LAG_EVERY))

    def _loop_families(self) -> Iterable[Family]:
        text = "Seconds by which the event loop was late, measured four times a second."
        yield Family("event_loop_lag_seconds", "histogram", text, [((), self._lag.value())])
