"""The database: units of work on leased connections; no other module says COMMIT."""

from bisect import bisect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from sys import intern
from types import TracebackType
from typing import Any, Literal, NoReturn, Protocol, Self, TypeAlias, TypeVar, cast

import asyncpg

from .connections import CONFLICTS, OUTAGES, Connection, Connections, Unavailable, one_line
from .data_loader import DataLoader
from .statements import KeyedStatement, Row, Statement

T = TypeVar("T")
_Arguments: TypeAlias = tuple[object, ...]
# Sent with BEGIN and for one transaction alone: that costs no round trip and passes through any pooler. A
# lock is waited for at most that long; and a transaction whose client has vanished ends by itself.
_BEGIN = "BEGIN; SET LOCAL lock_timeout = '1s'; SET LOCAL idle_in_transaction_session_timeout = '10s'"


class TransactionLost(Exception):
    """The writes of the request were rolled back, so none of them may be reported as done."""


class Guard(Protocol):
    """A condition on which a unit of work may write, checked in the transaction that writes."""

    @property
    def opening(self) -> str:
        """SQL that is sent with BEGIN; its last statement returns one row if the condition holds."""
        ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """The parameters of statements that check the condition themselves: see `Statement.guarded`."""
        ...

    async def refuse(self) -> NoReturn:
        """Raise the error that rejects a request whose condition does not hold; nothing of it was written."""
        ...


class Database(Connections):
    """Connections, and the work that is done over them."""

    @cached_property
    def readings(self) -> DataLoader[Statement[Any], _Arguments, list[Any]]:
        """Loads the rows of a statement, together for simultaneous callers, once for equal arguments."""
        # A page may have megabytes.
        return DataLoader(self._read, copy=lambda rows: [row.copy() for row in rows], max_batch_size=16)

    @cached_property
    def lookups(self) -> DataLoader[KeyedStatement[Any], object, Any]:
        """Loads single rows by key, together for simultaneous callers of a statement."""
        # As many as may wait for a connection.
        return DataLoader(self._look_up, copy=dict, max_batch_size=1000)

    @cached_property
    def writings(self) -> DataLoader[Statement[Any], _Arguments, Any]:
        """Runs a statement for units of work that write once at the same moment; no row is for by itself."""
        # Of 256 KiB each, 16 MiB in a statement.
        return DataLoader(self._write, copy=dict, max_batch_size=64)

    async def _read(self, statement: Statement[Any], readings: Sequence[_Arguments]) -> list[list[Any]]:
        unit, gathered = UnitOfWork(self), statement.gathered
        if gathered is None or len(readings) == 1:
            return [await unit.fetch_all(statement, **dict(zip(statement.names, readings[0], strict=True)))]
        return await unit.fetch_each(gathered, _together(statement.names, readings), len(readings))

    async def _look_up(self, statement: KeyedStatement[Any], keys: Sequence[object]) -> list[Any]:
        unit = UnitOfWork(self)
        if len(keys) == 1:
            return [await unit.fetch_one(statement.one, key=keys[0])]
        found = {row.pop("key"): row for row in await unit.fetch_all(statement.many, keys=keys)}
        return [found.get(key) for key in keys]

    async def _write(self, gathered: Statement[Any], writings: Sequence[_Arguments]) -> list[Any]:
        if len(writings) == 1:
            return [None]
        unit = UnitOfWork(self)
        unit.write_once()
        try:
            rows = await unit.fetch_all(gathered, **_together(gathered.names, writings))
        except asyncpg.PostgresError:  # by themselves they learn whose it is
            return [None] * len(writings)
        stored, place = {row["id"]: row for row in rows}, gathered.names.index("id")
        return [stored.get(writing[place]) for writing in writings]

    async def store(self, statement: Statement[Row], parameters: dict[str, object]) -> list[Row]:
        """Return every row of a statement that is a transaction by itself, with a transaction's limits."""
        async with self.transaction() as unit:
            return await unit.fetch_all(statement, **parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["UnitOfWork"]:
        """Open a unit of work of its own: committed when the block ends, rolled back when it raises."""
        unit = UnitOfWork(self)
        try:
            yield unit
            await unit.finish(200)
        finally:
            await unit.rollback()


class UnitOfWork:
    """The work of one request in the database. A reading statement borrows a connection for itself alone; the
    first writing one begins the transaction in which all later ones run, and `finish` decides on it.
    """

    __slots__ = ("_connection", "_database", "_failed", "_kept", "_writes")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._failed = False
        self._kept = False
        self._writes: Literal["as needed", "together", "once", "stored"] = "as needed"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await self.rollback()

    async def fetch_one(self, statement: Statement[Row], **parameters: object) -> Row | None:
        """Return the first row, or None."""
        record = await self._run(Connection.fetchrow, statement, parameters)
        # `dict(record)` would look each value up by its name.
        return None if record is None else cast(Row, dict(record.items()))

    async def fetch_row(self, statement: Statement[Row], **parameters: object) -> Row:
        """Return the row of a statement that always has one, such as INSERT ... RETURNING, or LookupError."""
        record = await self._run(Connection.fetchrow, statement, parameters)
        if record is None:
            raise LookupError("the statement gave no row")
        return cast(Row, dict(record.items()))

    async def fetch_all(self, statement: Statement[Row], **parameters: object) -> list[Row]:
        """Return every row."""
        records = await self._run(Connection.fetch, statement, parameters)
        return _rows(records, _names(records[0])) if records else []

    async def fetch_each(
        self, statement: Statement[Row], parameters: dict[str, object], count: int
    ) -> list[list[Row]]:
        """Return the rows for each of `count` calls of a gathered statement that reads."""
        records = await self._run(Connection.fetch, statement, parameters)
        names = _names(records[0])[:-1] if records else ()
        ends = [bisect(records, place, key=itemgetter(-1)) for place in range(count + 1)]
        return [_rows(records[start:end], names) for start, end in pairwise(ends)]

    async def fetch_shared(self, statement: Statement[Row], **parameters: object) -> list[Row]:
        """Return every row of a reading statement, run once for all callers that need it at the same time.

        With other parameters it is run together, if the statement can be gathered, and alone if not.
        """
        if self._connection is not None or (parameters and statement.gathered is None):
            return await self.fetch_all(statement, **parameters)
        reading = tuple(statement.arguments(parameters))
        return await self._noticed(self._database.readings.get(statement, reading))

    async def fetch_by_key(self, statement: KeyedStatement[Row], key: object) -> Row | None:
        """Return the row of a key, or None; rows that are requested at the same moment are read together."""
        if self._connection is not None:
            return await self.fetch_one(statement.one, key=key)
        return cast(Row | None, await self._noticed(self._database.lookups.get(statement, key)))

    async def fetch_durably(self, statement: Statement[Row], **parameters: object) -> list[Row]:
        """Return every row of a statement that is committed at once, whatever happens to this unit of work.

        Only before the first writing statement: no request ever holds two connections.
        """
        if self._connection is not None:
            raise RuntimeError("what must stand in any case is written before the transaction begins")
        return await self._noticed(self._database.store(statement, parameters))

    async def execute(self, statement: Statement[Any], **parameters: object) -> int:
        """Run a statement and return the number of rows that it affected; 0 if it has no such count."""
        tag = await self._run(Connection.execute, statement, parameters)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0

    async def _run(
        self,
        call: Callable[..., Awaitable[Any]],
        statement: Statement[Any],
        parameters: dict[str, object],
    ) -> Any:
        connection, guard = self._connection, None
        begins = statement.writes and connection is None
        if begins and self._stores_by_itself(statement):
            begins, guard = False, self.guard()
        if guard is not None and statement.guarded is not None:
            parameters = {**parameters, **guard.parameters}
            if (gathered := statement.gathered) is not None and call is Connection.fetchrow:
                writing = tuple(gathered.arguments(parameters))
                record = await self._noticed(self._database.writings.get(gathered, writing))
                if record is not None:
                    return record
            statement = statement.guarded
        arguments = statement.arguments(parameters)
        if begins:
            connection = await self._begin()
        elif connection is None:
            connection = self._take(writes=statement.writes) or await self._lease(writes=statement.writes)
        try:
            work, trace = call(connection, statement.sql, *arguments), self._database.trace
            result = await (work if trace is None else trace(statement.sql, work))
        except BaseException as error:  # noqa: BLE001 - raised again by _fail
            self._fail(connection, error)
        if connection is not self._connection:
            self._database.release(connection)
        if guard is not None and not result:
            await self._refuse(guard)
        return result

    def _take(self, *, writes: bool) -> Connection | None:
        return self._database.take_to_write() if writes else self._database.take()

    async def _lease(self, *, writes: bool) -> Connection:
        lease = self._database.lease_to_write() if writes else self._database.lease()
        trace = self._database.trace
        return await self._noticed(lease if trace is None else trace("lease", lease))

    async def _noticed(self, awaitable: Awaitable[T]) -> T:
        """Await, and record a failure as one of this unit of work, even if the caller swallows it."""
        try:
            return await awaitable
        except BaseException:
            self._failed = True
            raise

    def guard(self) -> Guard | None:
        """Return the condition on which this unit of work may write, None if there is none."""
        return None

    async def _begin(self) -> Connection:
        self._connection = connection = self._take(writes=True) or await self._lease(writes=True)
        guard = self.guard()
        try:
            tag = await connection.execute(_BEGIN if guard is None else f"{_BEGIN}; {guard.opening}")
        except BaseException as error:  # noqa: BLE001 - raised again by _fail
            self._fail(connection, error)
        if guard is not None and tag != "SELECT 1":
            await self._refuse(guard)
        return connection

    async def _refuse(self, guard: Guard) -> NoReturn:
        self._failed = True
        await self.rollback()
        await guard.refuse()

    def write_once(self) -> None:
        """Run the only writing statement, which comes next, in autocommit: that saves BEGIN and COMMIT.

        Nothing can undo it then, so later steps must not fail; `write_together` takes precedence.
        """
        if self._writes == "as needed":
            self._writes = "once"

    def write_together(self) -> None:
        """Run all writing statements in one transaction, also one that `write_once` declares the only one."""
        self._writes = "together"

    def _stores_by_itself(self, statement: Statement[Any]) -> bool:
        if self._writes == "stored":
            raise RuntimeError("this unit of work was to write once, and has written")
        is_only = self._writes == "once" and (statement.guarded is not None or self.guard() is None)
        if is_only:
            self._writes = "stored"
        return is_only

    def keep(self) -> None:
        """Let a rejection (status 400 or above) commit what was written, instead of rolling it back."""
        self._kept = True

    async def finish(self, status: int) -> None:
        """Commit the work or roll it back, by the status that is about to be sent; release the connection.

        Raises TransactionLost if the work should be committed and is not; Unavailable as any statement does.
        """
        stores = status < 400 or self._kept
        if self._writes == "stored" and not stores:
            raise RuntimeError(f"{status} cannot undo what was written once")
        if not stores or self._failed:
            await self.rollback()
            if stores:
                raise TransactionLost("a statement of this unit of work failed, so all of it was rolled back")
        elif connection := self._connection:
            try:
                commit, trace = connection.execute("COMMIT"), self._database.trace
                tag = await (commit if trace is None else trace("COMMIT", commit))
            except BaseException as error:  # noqa: BLE001 - raised again by _fail
                self._fail(connection, error)
            self._connection = None
            self._database.release(connection)
            if tag != "COMMIT":  # PostgreSQL answers a COMMIT of a failed transaction so, without an error
                raise TransactionLost(f"the database answered {tag} to COMMIT")

    async def rollback(self) -> None:
        """Roll back the open transaction, if there is one, and release its connection."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            await connection.execute("ROLLBACK")
        except (*OUTAGES, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._database.discard(connection)  # without its connection the server rolls back by itself
        except BaseException:
            self._database.discard(connection)
            raise
        else:
            self._database.release(connection)

    def _fail(self, connection: Connection, error: BaseException) -> NoReturn:
        """Record the failure, keep or cut the connection, raise Unavailable or the error itself."""
        self._failed = True
        outage = isinstance(error, OUTAGES) or connection.is_closed()
        is_sound = isinstance(error, CONFLICTS) or (
            not outage and isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError)
        )
        if not is_sound or connection.is_closed():
            self._connection = None
            self._database.discard(connection)
        elif connection is not self._connection:
            self._database.release(connection)
        if outage and isinstance(error, Exception):
            raise Unavailable(f"the database failed: {one_line(error)}") from error
        raise error


def _together(names: Sequence[str], calls: Sequence[_Arguments]) -> dict[str, object]:
    """Return the parameters of a gathered statement: of each an array with the values of the calls."""
    return dict(zip(names, zip(*calls, strict=True), strict=True))


def _names(record: asyncpg.Record) -> tuple[str, ...]:
    """Return the names of the columns, as the same objects for every connection: equal ones are compared."""
    return tuple(map(intern, record.keys()))


def _rows(records: Sequence[asyncpg.Record], names: Sequence[str]) -> list[Any]:
    """Return records as dicts of their first columns, which have these names."""
    # `dict(record)` would look each value up by its name, and `zip` takes time to read `strict`.
    return [dict(zip(names, record)) for record in records]  # noqa: B905 - as above
