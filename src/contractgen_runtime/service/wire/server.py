"""A server process: uvicorn's server, which refuses new connections as soon as a signal stops it."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any, cast

import uvicorn

from contractgen_runtime.service.log import LOGGING

from .limits import Limits
from .wire import Wire


def serve(
    application: str, limits: Limits, listener: socket.socket, on_start: Callable[[], object] | None = None
) -> bool:
    """Serve until a signal; return False when the application could not start."""
    server = DrainingServer(configuration(application, limits), on_start)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return server.started


def configuration(application: str, limits: Limits, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        factory=True,
        loop="uvloop",
        http=cast("type[asyncio.Protocol]", Wire(limits)),  # it creates them
        ws="none",
        lifespan="on",
        log_config=LOGGING,
        access_log=False,  # the edge writes it
        server_header=False,
        proxy_headers=False,  # nothing here reads the client's address or scheme
        timeout_graceful_shutdown=8,
        **options,
    )


class DrainingServer(uvicorn.Server):
    """Serves with a `Wire`, the `http` of the configuration, until a signal.

    uvicorn looks for a signal each tenth of a second. Here the signal itself closes the sockets, after
    accepting the connections that the kernel has already made: closing the socket would reset them.
    `on_start` is for one of several processes.
    """

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], object] | None = None) -> None:
        super().__init__(config)
        self._on_start = on_start
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: Sequence[socket.socket] = ()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._listeners = sockets or ()
        if self._on_start is not None:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop_listening)
        elif self._on_start is not None:
            # While it starts, nobody would take the connections that the kernel makes for its socket.
            os._exit(0)
        super().handle_exit(sig, frame)

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            self._accept_rest(listener)
        for server in self.servers:
            server.close()
        self._listeners = ()
        cast(Wire, self.config.http).drain()

    def _accept_rest(self, listener: socket.socket) -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:  # none waits
                return
            assert self._loop is not None  # noqa: S101 - set when it starts
            task = self._loop.create_task(self._connect(accepted))
            self.server_state.tasks.add(task)
            task.add_done_callback(self.server_state.tasks.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        wire = cast(Wire, self.config.http)
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: wire(config=self.config, server_state=self.server_state, app_state=self.lifespan.state),
            accepted,
        )
