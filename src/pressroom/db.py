"""The database: leased connections, compiled statements, units of work; no other module says COMMIT."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar, cast

import asyncpg
from sqlalchemy import BindParameter, CompoundSelect, Executable, Select
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import ForUpdateArg

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic in its stubs alone
Row = TypeVar("Row", bound=Mapping[str, Any])


class _Compiler(asyncpg_dialect.PGCompiler_asyncpg):
    """Writes constants into the text, so that the planner sees them: a partial index needs that."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        if not bindparam.required:
            if bindparam.value is None and bindparam.callable is None:
                raise TypeError(
                    f"{bindparam.key} has no value: give it in values(), defaults are not applied"
                )
            options["literal_binds"] = True
        return cast(str, cast(Any, super()).visit_bindparam(bindparam, *args, **options))


class _Dialect(asyncpg_dialect.dialect):
    statement_compiler = _Compiler
    supports_statement_cache = True


_DIALECT = cast(Any, _Dialect)()

# What no caller can mend by sending something else: the server is gone, overloaded, read-only or gave up.
_OUTAGES = (
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


class Unavailable(Exception):
    """The database cannot serve this request now; trying again later may help."""


class TransactionLost(Exception):
    """What the request wrote was rolled back, so nothing of it may be reported as done."""


class Statement(Generic[Row]):
    """A statement compiled once for asyncpg; `Row` is the TypedDict that its rows have.

    Every `bindparam(name)` in it is an argument, given by name.
    """

    __slots__ = ("names", "sql", "writes")

    def __init__(self, statement: Executable) -> None:
        compiled = cast(Any, statement).compile(dialect=_DIALECT)
        self.sql: str = compiled.string
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self.writes: bool = _writes(statement)

    def arguments(self, parameters: dict[str, object]) -> list[object]:
        """The parameters in the order of $1, $2, ...; exactly the declared ones must be there."""
        if len(parameters) != len(self.names):
            raise TypeError(
                f"parameters {sorted(parameters)} given, {sorted(self.names)} expected: {self.sql}"
            )
        return [parameters[name] for name in self.names]


def _writes(statement: Executable) -> bool:
    if not isinstance(statement, Select | CompoundSelect):
        return True
    return any(
        getattr(part, "is_dml", False) or isinstance(part, ForUpdateArg)
        for part in visitors.iterate(statement)
    )


class Database:
    """Up to `size` connections, opened when needed and handed out from a list; they carry no session state.

    A caller waits at most `patience` seconds for one, and a command runs at most `command_timeout` seconds.
    """

    def __init__(
        self,
        dsn: str,
        *,
        size: int = 20,
        patience: float = 2.0,
        command_timeout: float = 5.0,
        max_waiters: int = 1000,
    ) -> None:
        self._dsn = dsn
        self._size = size
        self._patience = patience
        self._command_timeout = command_timeout
        self._max_waiters = max_waiters
        self._free: list[Connection] = []
        self._places = 0  # taken ones: connections open or being opened
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._closed = False

    async def open(self) -> None:
        """Open the first connection, if the server is up: it may as well be so at the first request."""
        self._closed = False
        with suppress(Unavailable):
            self.release(await self.lease())

    async def close(self) -> None:
        """Refuse new leases, send waiters away, close what is free; the rest is closed on its return."""
        self._closed = True
        while self._waiters:
            if not (waiter := self._waiters.popleft()).done():
                waiter.set_exception(Unavailable("the service is shutting down"))
        free, self._free = self._free, []
        self._places -= len(free)
        closings = [connection.close(timeout=self._patience) for connection in free]
        await asyncio.gather(*closings, return_exceptions=True)

    async def connect(self) -> Connection:
        """A connection outside the list, for LISTEN and what else needs its own. Raises Unavailable."""
        try:
            return await asyncpg.connect(
                self._dsn,
                timeout=self._patience,
                command_timeout=self._command_timeout,
                max_cached_statement_lifetime=0,
            )
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable(f"cannot connect to the database: {_one_line(error)}") from error

    def take(self) -> Connection | None:
        """A free connection if there is one, without waiting."""
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
            self._places -= 1
        return None

    async def lease(self) -> Connection:
        """A connection; give it to `release` when its last command ended well, else to `discard`."""
        if connection := self.take():
            return connection
        if self._closed:
            raise Unavailable("the service is shutting down")
        if self._places >= self._size and len(self._waiters) >= self._max_waiters:
            raise Unavailable("too many requests wait for a database connection")
        try:
            async with asyncio.timeout(self._patience):
                return await self._obtain()
        except TimeoutError as error:
            raise Unavailable(f"no database connection within {self._patience} s") from error

    async def _obtain(self) -> Connection:
        if self._places < self._size:
            self._places += 1
        elif connection := await self._wait():
            return connection
        try:
            return await self.connect()
        except BaseException:
            self._free_place()
            raise

    async def _wait(self) -> Connection | None:
        """Wait in line: for a connection, or for a place (None) to open one in."""
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
        if not self._waiters and not self._closed:
            self._free.append(connection)  # should it be closed, `take` finds out
        elif self._closed or connection.is_closed():
            self.discard(connection)
        elif not self._hand_over(connection):
            self._free.append(connection)

    def discard(self, connection: Connection) -> None:
        """Cut a connection whose state is not known, and free its place."""
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

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["UnitOfWork"]:
        """A unit of work of its own: stored when the block ends, rolled back when it raises."""
        unit = UnitOfWork(self)
        try:
            yield unit
            await unit.finish(200)
        finally:
            await unit.abandon()


class UnitOfWork:
    """What one request does in the database. A reading statement borrows a connection for itself alone; the
    first writing one begins the transaction in which all later ones run, and `finish` decides on it.
    """

    __slots__ = ("_connection", "_database", "_failed", "_kept")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._failed = False
        self._kept = False

    async def fetch_one(self, statement: Statement[Row], **parameters: object) -> Row | None:
        """The first row, or None."""
        record = await self._run(Connection.fetchrow, statement, parameters)
        return None if record is None else cast(Row, dict(record))

    async def fetch_row(self, statement: Statement[Row], **parameters: object) -> Row:
        """The row of a statement that always has one, such as INSERT ... RETURNING; LookupError without."""
        record = await self._run(Connection.fetchrow, statement, parameters)
        if record is None:
            raise LookupError("the statement gave no row")
        return cast(Row, dict(record))

    async def fetch_all(self, statement: Statement[Row], **parameters: object) -> list[Row]:
        """Every row."""
        records = await self._run(Connection.fetch, statement, parameters)
        return cast(list[Row], [dict(record) for record in records])

    async def fetch_durably(self, statement: Statement[Row], **parameters: object) -> list[Row]:
        """Every row of a statement that is stored at once, whatever becomes of this unit of work.

        Only before the first writing statement: no request ever holds two connections.
        """
        if self._connection is not None:
            raise RuntimeError("what must stand in any case is written before the transaction begins")
        records = await self._run(Connection.fetch, statement, parameters, begins=False)
        return cast(list[Row], [dict(record) for record in records])

    async def execute(self, statement: Statement[Any], **parameters: object) -> int:
        """How many rows the statement affected; 0 for one that has no such count."""
        tag = await self._run(Connection.execute, statement, parameters)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0

    async def _run(
        self,
        call: Callable[..., Awaitable[Any]],
        statement: Statement[Any],
        parameters: dict[str, object],
        *,
        begins: bool = True,
    ) -> Any:
        arguments = statement.arguments(parameters)
        connection = self._connection
        if connection is None:
            if statement.writes and begins:
                connection = await self._begin()
            else:
                connection = self._database.take() or await self._lease()
        try:
            result = await call(connection, statement.sql, *arguments)
        except BaseException as error:  # noqa: BLE001 - raised again by _fail
            self._fail(connection, error)
        if connection is not self._connection:
            self._database.release(connection)
        return result

    async def _lease(self) -> Connection:
        try:
            return await self._database.lease()
        except BaseException:
            self._failed = True
            raise

    async def _begin(self) -> Connection:
        connection = self._database.take() or await self._lease()
        try:
            await connection.execute("BEGIN")
        except BaseException as error:  # noqa: BLE001 - raised again by _fail
            self._fail(connection, error)
        self._connection = connection
        return connection

    def keep(self) -> None:
        """A refusal (status 400 or above) stores what was written, instead of rolling it back."""
        self._kept = True

    async def finish(self, status: int) -> None:
        """Store the work or roll it back, by the status that is about to be sent; the connection goes back.

        Raises TransactionLost when the work should be stored and is not; Unavailable as any statement does.
        """
        stores = status < 400 or self._kept
        if not stores or self._failed:
            await self.abandon()
            if stores:
                raise TransactionLost("a statement of this unit of work failed, so all of it was rolled back")
        elif connection := self._connection:
            try:
                tag = await connection.execute("COMMIT")
            except BaseException as error:  # noqa: BLE001 - raised again by _fail
                self._fail(connection, error)
            self._connection = None
            self._database.release(connection)
            if tag != "COMMIT":  # PostgreSQL answers a COMMIT of a failed transaction so, without an error
                raise TransactionLost(f"the database answered {tag} to COMMIT")

    async def abandon(self) -> None:
        """Roll back what is open, if anything is, and give the connection back."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            await connection.execute("ROLLBACK")
        except (*_OUTAGES, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._database.discard(connection)  # without its connection the server rolls back by itself
        except BaseException:
            self._database.discard(connection)
            raise
        else:
            self._database.release(connection)

    def _fail(self, connection: Connection, error: BaseException) -> NoReturn:
        """Note the failure, keep or cut the connection, raise Unavailable or the error itself."""
        self._failed = True
        outage = isinstance(error, _OUTAGES) or connection.is_closed()
        if outage or not isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
            self._connection = None
            self._database.discard(connection)
        elif connection is not self._connection:
            self._database.release(connection)
        if outage and isinstance(error, Exception):
            raise Unavailable(f"the database failed: {_one_line(error)}") from error
        raise error


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
