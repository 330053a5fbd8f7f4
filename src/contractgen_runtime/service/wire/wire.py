"""All connections of a server process: who is admitted, whose time is over, and the end of them all."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from contractgen_runtime.problems import Refusal
from contractgen_runtime.service.log import write_line

from .connection import Connection
from .exchange import Exchange
from .limits import CLOSING_FILES, DRAIN_SECONDS, Limits

# Deadlines are met with this tolerance, as one timer looks at all of them.
_TICK = 1.0


class Wire:
    """uvicorn's option `http`: creates the protocol of each connection, and has what they share.

    `waiting` has the connections without a whole request, the oldest first: they are closed for new ones when
    there are too many.
    """

    state: ServerState
    app_state: dict[str, Any]

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.connections: set[Any] = set()  # uvicorn's own, whose type names its protocols
        self.waiting: dict[Connection, None] = {}
        self.draining = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._admitted = 0
        self._closing: dict[Connection, None] = {}
        self._clients: Counter[str] = Counter()
        self._sweeper: asyncio.TimerHandle | None = None

    def __reduce__(self) -> tuple[type["Wire"], tuple[Limits]]:
        return Wire, (self.limits,)  # for the processes of workers

    def __call__(
        self,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> Connection:
        """Return the protocol of a new connection; uvicorn calls this."""
        if self._loop is None:
            self._loop = _loop or asyncio.get_running_loop()
            self.state = server_state
            self.connections = server_state.connections
            self.app_state = app_state
            self._app = config.loaded_app
            self._root_path = config.root_path
            self._asgi = {"version": config.asgi_version, "spec_version": "2.3"}
            self._most = self.limits.all_connections()
            self._most_of_one = self.limits.of_one_client()
        return Connection(self, self._loop)

    def template(self, transport: asyncio.Transport) -> dict[str, Any]:
        """Return what the scopes of a connection's requests have in common."""
        return {
            "type": "http",
            "asgi": self._asgi,
            "scheme": "http",
            "server": _address(transport.get_extra_info("sockname")),
            "client": _address(transport.get_extra_info("peername")),
            "root_path": self._root_path,
        }

    def start(self, exchange: Exchange) -> None:
        """Run the application for a request."""
        assert self._loop is not None  # noqa: S101 - set with the first connection
        tasks = self.state.tasks
        exchange.task = self._loop.create_task(exchange.run(self._app, tasks))
        tasks.add(exchange.task)

    def admit(self, connection: Connection) -> bool:
        """Add a connection, and close another one if there are too many; return False if none can be."""
        client = connection.client
        is_crowded = self._admitted >= self._most
        admitted = True
        if is_crowded or self._clients[client] >= self._most_of_one:
            whose = self._clients.most_common(1)[0][0] if is_crowded and self._clients else client
            victim = next((each for each in self.waiting if each.client == whose), None)
            if victim is None and is_crowded:
                victim = next(iter(self.waiting), None)
            if victim is not None:
                victim.abort()
            else:
                admitted = False
        self.connections.add(connection)
        if admitted:
            self._admitted += 1
            self._clients[client] += 1
            self.waiting[connection] = None
            connection.is_admitted = True
        if self._sweeper is None:
            self._schedule()
        return admitted

    def release(self, connection: Connection) -> None:
        """Give the place of a connection that is closing to others; only a few may be closing slowly."""
        self._take_place(connection)
        self._closing[connection] = None
        if len(self._closing) > CLOSING_FILES:
            next(iter(self._closing)).abort()

    def forget(self, connection: Connection) -> None:
        """Remove a connection that is closed."""
        self._take_place(connection)
        self._closing.pop(connection, None)
        self.connections.discard(connection)

    def _take_place(self, connection: Connection) -> None:
        self.waiting.pop(connection, None)
        if connection.is_admitted:
            connection.is_admitted = False
            self._admitted -= 1
            self._clients[connection.client] -= 1
            if not self._clients[connection.client]:
                del self._clients[connection.client]

    def drain(self) -> None:
        """Let the connections end with the requests that they have."""
        if self.draining:
            return
        self.draining = True
        for connection in list(self.connections):
            connection.shutdown()
        if self._loop is not None:
            self._loop.call_later(DRAIN_SECONDS, self._expire)

    def report(self, refusal: Refusal) -> None:
        """Write the line of a rejected request to the log: nothing that the client sent."""
        entry = {"time": datetime.now(UTC), "level": "info", "event": "request_rejected"}
        write_line({**entry, "status": refusal.status, "reason": refusal.detail})

    def _schedule(self) -> None:
        assert self._loop is not None  # noqa: S101 - as above
        limits = self.limits
        shortest = min(limits.head_timeout, limits.body_timeout, limits.write_timeout, limits.idle_timeout)
        self._sweeper = self._loop.call_later(min(_TICK, shortest / 4), self._sweep)

    def _sweep(self) -> None:
        self._expire()
        self._sweeper = None
        if self.connections:
            self._schedule()

    def _expire(self) -> None:
        assert self._loop is not None  # noqa: S101 - as above
        now = self._loop.time()
        for connection in [each for each in self.connections if each.deadline <= now]:
            connection.expire()


def _address(name: Any) -> tuple[str, int | None] | None:
    """Return an address as ASGI has it, None for a client on a UNIX socket."""
    if isinstance(name, tuple):
        return str(name[0]), int(name[1])
    return (name, None) if name and isinstance(name, str) else None
