"""Leased connections to PostgreSQL."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic in its stubs alone

# What no caller can mend by sending something else: the server is gone, overloaded, read-only or gave up.
OUTAGES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,
)
# Those of one statement: the connection is as good as before.
CONFLICTS = (asyncpg.LockNotAvailableError, asyncpg.TransactionRollbackError)


# On the wire a time is the number of microseconds since this one.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


#: Awaits what runs a statement, and notes how long it took; what is no statement has a name instead.
Trace: TypeAlias = Callable[[str, Awaitable[Any]], Awaitable[Any]]


class Unavailable(Exception):
    """The database cannot serve this request now; trying again later may help."""


class Connections:
    """Up to `size` connections, opened when needed and handed out from a list; they carry no session state.

    A caller waits at most `acquire_timeout` seconds for one, a command runs at most `command_timeout`.
    Writing statements, which may wait for locks, have at most three quarters of them: readers never wait for
    a lock.
    """

    def __init__(
        self,
        dsn: str,
        *,
        size: int = 20,
        acquire_timeout: float = 2.0,
        command_timeout: float = 4.0,
        max_waiters: int = 1000,
        trace: Trace | None = None,
    ) -> None:
        self.size = size
        self.trace = trace
        self._dsn = dsn
        self._acquire_timeout = acquire_timeout
        self._command_timeout = command_timeout
        self._max_waiters = max_waiters
        self._free: list[Connection] = []
        self._places = 0  # taken ones: connections open or being opened
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._most_writers = max(1, size - max(1, size // 4))
        self._writers = 0  # turns taken: connections in `_writing`, and those that are waited for
        self._writing: set[Connection] = set()
        self._waiting_writers: deque[asyncio.Future[None]] = deque()
        self._closed = False

    @property
    def free(self) -> int:
        """The number of open connections that nobody uses."""
        return len(self._free)

    @property
    def in_use(self) -> int:
        """The number of connections that are leased, or being opened for a caller."""
        return self._places - len(self._free)

    @property
    def waiting(self) -> int:
        """The number of callers that wait for a connection."""
        waiting = [waiter.done() for waiter in self._waiters]
        return waiting.count(False) + sum(not turn.done() for turn in self._waiting_writers)

    async def open(self) -> None:
        """Open the first connection, if the server is up: it may as well be so at the first request."""
        self._closed = False
        with suppress(Unavailable):
            self.release(await self.lease())

    async def close(self) -> None:
        """Reject new leases and waiting callers, close free connections; `release` closes the leased ones."""
        self._closed = True
        while self._waiters:
            if not (waiter := self._waiters.popleft()).done():
                waiter.set_exception(Unavailable("the service is shutting down"))
        free, self._free = self._free, []
        self._places -= len(free)
        closings = [connection.close(timeout=self._acquire_timeout) for connection in free]
        await asyncio.gather(*closings, return_exceptions=True)

    async def connect(self) -> Connection:
        """Open a connection outside the list, as for LISTEN, which needs its own. Raises Unavailable."""
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=self._acquire_timeout,
                command_timeout=self._command_timeout,
                max_cached_statement_lifetime=0,
            )
            try:
                await connection.set_type_codec(
                    "timestamptz",
                    schema="pg_catalog",
                    format="binary",
                    encoder=_encode_time,
                    decoder=_TIMES.__getitem__,
                )
            except BaseException:
                connection.terminate()
                raise
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable(f"cannot connect to the database: {one_line(error)}") from error
        return connection

    def take(self) -> Connection | None:
        """Return a free connection if there is one, without waiting."""
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
            self._places -= 1
        return None

    async def lease(self) -> Connection:
        """Lease a connection; give it to `release` if its last command succeeded, else to `discard`."""
        if connection := self.take():
            return connection
        if self._closed:
            raise Unavailable("the service is shutting down")
        if self._places >= self.size and len(self._waiters) >= self._max_waiters:
            raise Unavailable("too many requests wait for a database connection")
        try:
            async with asyncio.timeout(self._acquire_timeout):
                return await self._obtain()
        except TimeoutError as error:
            raise Unavailable(f"no database connection within {self._acquire_timeout} s") from error

    def take_to_write(self) -> Connection | None:
        """Return a free connection for writing statements if there is one, without waiting."""
        if self._writers < self._most_writers and (connection := self.take()):
            self._writers += 1
            self._writing.add(connection)
            return connection
        return None

    async def lease_to_write(self) -> Connection:
        """Return one as `lease` does; while writing statements wait for locks, others can read."""
        await self._take_turn_to_write()
        try:
            connection = await self.lease()
        except BaseException:
            self._end_turn_to_write()
            raise
        self._writing.add(connection)
        return connection

    async def _take_turn_to_write(self) -> None:
        if self._writers < self._most_writers:
            self._writers += 1
            return
        if len(self._waiting_writers) >= self._max_waiters:
            raise Unavailable("too many requests wait for a database connection to write")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting_writers.append(turn)
        try:
            async with asyncio.timeout(self._acquire_timeout):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._end_turn_to_write()  # handed over in the same instant as the cancellation
            elif turn in self._waiting_writers:
                self._waiting_writers.remove(turn)
            if not isinstance(error, TimeoutError):
                raise
            raise Unavailable(f"no database connection to write within {self._acquire_timeout} s") from error

    def _end_turn_to_write(self) -> None:
        while self._waiting_writers:
            if not (turn := self._waiting_writers.popleft()).done():
                turn.set_result(None)
                return
        self._writers -= 1

    def _stop_writing(self, connection: Connection) -> None:
        if connection in self._writing:
            self._writing.remove(connection)
            self._end_turn_to_write()

    async def _obtain(self) -> Connection:
        if self._places < self.size:
            self._places += 1
        elif connection := await self._wait():
            return connection
        try:
            return await self.connect()
        except BaseException:
            self._free_place()
            raise

    async def _wait(self) -> Connection | None:
        """Wait in line; return a connection, or None for permission to open one."""
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                connection = waiter.result()  # handed over in the same instant as the cancellation
                self.release(connection) if connection else self._free_place()
            elif waiter in self._waiters:
                self._waiters.remove(waiter)
            raise

    def release(self, connection: Connection) -> None:
        """Take back a connection that is idle and outside a transaction."""
        self._stop_writing(connection)
        if not self._waiters and not self._closed:
            self._free.append(connection)  # should it be closed, `take` finds out
        elif self._closed or connection.is_closed():
            self.discard(connection)
        elif not self._hand_over(connection):
            self._free.append(connection)

    def discard(self, connection: Connection) -> None:
        """Cut a connection whose state is not known, and free its place."""
        self._stop_writing(connection)
        connection.terminate()
        self._free_place()

    def _free_place(self) -> None:
        if not self._hand_over(None):
            self._places -= 1

    def _hand_over(self, connection: Connection | None) -> bool:
        while self._waiters:
            if not (waiter := self._waiters.popleft()).done():
                waiter.set_result(connection)
                return True
        return False


class _Times(dict[bytes, datetime]):
    """The datetimes of times as PostgreSQL sends them, up to 8,192: their values repeat from page to page."""

    def __missing__(self, wire: bytes) -> datetime:
        if len(self) == 8192:
            self.clear()
        time = self[wire] = _EPOCH + int.from_bytes(wire, "big", signed=True) * _MICROSECOND
        return time


# Called without an interpreted function between.
_TIMES = _Times()


def _encode_time(time: datetime) -> bytes:
    return ((time - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)


def one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
