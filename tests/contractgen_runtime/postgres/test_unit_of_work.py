"""What a unit of work leaves in the database, and in the pool, whatever happens to it."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Integer, bindparam, func, insert, literal_column, select, text, update

from contractgen_runtime.postgres.connections import Unavailable
from contractgen_runtime.postgres.db import Database, TransactionLost, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from tests.contractgen_runtime.postgres.units import BY_ID, INSERT, NAMES, PEOPLE, RAW_INSERT, add, count

BAD_READ: Statement[Any] = Statement(select(literal_column("1 / 0").label("x")))
SLEEP: Statement[Any] = Statement(select(func.pg_sleep(bindparam("seconds")).label("x")))
TERMINATE: Statement[Any] = Statement(
    select(func.pg_terminate_backend(bindparam("pid", type_=Integer)).label("x"))
)
WHO: Statement[dict[str, int]] = Statement(select(func.pg_backend_pid().label("pid")))
LOCK_TIMEOUT: Statement[dict[str, str]] = Statement(text("SELECT current_setting('lock_timeout') AS longest"))
PERSON: dict[str, Any] = {
    "id": uuid4(),
    "email": "ada@example.com",
    "role": "user",
    "full_name": "Ada",
    "is_active": True,
}


async def backend(database: Database) -> int:
    row = await UnitOfWork(database).fetch_one(WHO)
    assert row is not None
    return row["pid"]


async def test_success_stores(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    await unit.finish(201)
    assert await count(narrow) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 500])
async def test_refusal_rolls_back(narrow: Database, status: int) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    await unit.finish(status)
    assert await count(narrow) == 0


async def test_kept_refusal_stores(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    unit.keep()
    await unit.finish(401)
    assert await count(narrow) == 1


async def test_abandoned_twice_rolls_back_once(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    await unit.rollback()
    await unit.rollback()
    assert await count(narrow) == 0


async def test_finish_without_a_statement_needs_no_connection(narrow: Database) -> None:
    connection = await narrow.lease()
    unit = UnitOfWork(narrow)
    async with asyncio.timeout(1):
        await unit.finish(200)
    assert unit._connection is None
    narrow.release(connection)


async def test_later_statements_see_the_transaction_and_others_do_not(
    narrow: Database, database: Database
) -> None:
    unit = UnitOfWork(narrow)
    user = await add(unit)
    assert user is not None
    assert await unit.fetch_by_key(BY_ID, user["id"]) == user
    assert await count(database) == 0
    await unit.finish(200)
    assert await count(database) == 1


async def test_a_read_holds_no_connection(narrow: Database) -> None:
    unit, other = UnitOfWork(narrow), UnitOfWork(narrow)
    assert await unit.fetch_by_key(BY_ID, uuid4()) is None
    assert await other.fetch_by_key(BY_ID, uuid4()) is None
    await unit.finish(200)
    await other.finish(200)


@pytest.mark.parametrize("status", [201, 409])
async def test_swallowed_violation_is_never_reported_as_stored(narrow: Database, status: int) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    with pytest.raises(asyncpg.UniqueViolationError):
        await unit.execute(RAW_INSERT, id=uuid4(), email="ADA@example.com", role="user")
    if status < 400:
        with pytest.raises(TransactionLost):
            await unit.finish(status)
    else:
        await unit.finish(status)
    assert await count(narrow) == 0


async def test_kept_refusal_after_a_swallowed_violation_is_lost_too(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    with pytest.raises(asyncpg.CheckViolationError):
        await unit.execute(RAW_INSERT, id=uuid4(), email="bob@example.com", role="owner")
    unit.keep()
    with pytest.raises(TransactionLost):
        await unit.finish(401)
    assert await count(narrow) == 0


async def test_swallowed_failure_of_a_lone_read_is_not_success(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await unit.fetch_one(BAD_READ)
    with pytest.raises(TransactionLost):
        await unit.finish(200)
    assert await count(narrow) == 0


async def test_swallowed_lack_of_a_connection_is_not_success(narrow: Database) -> None:
    connection = await narrow.lease()
    unit = UnitOfWork(narrow)
    with pytest.raises(Unavailable):
        await add(unit)
    narrow.release(connection)
    with pytest.raises(TransactionLost):
        await unit.finish(201)


async def test_a_commit_answered_by_rollback_is_noticed(narrow: Database) -> None:
    """The tag alone tells: here nothing failed as far as the unit of work has seen."""
    unit = UnitOfWork(narrow)
    assert await add(unit)
    connection = unit._connection
    assert connection is not None
    with pytest.raises(asyncpg.DivisionByZeroError):
        await connection.execute("SELECT 1 / 0")
    with pytest.raises(TransactionLost, match="ROLLBACK"):
        await unit.finish(201)
    assert await count(narrow) == 0


async def fail_after_adding(database: Database) -> None:
    async with database.transaction() as unit:
        await add(unit, "bob@example.com")
        await unit.fetch_one(BAD_READ)


async def test_transaction_block(narrow: Database) -> None:
    async with narrow.transaction() as unit:
        await add(unit)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail_after_adding(narrow)
    assert await count(narrow) == 1


async def test_wrong_parameters_are_a_mistake_of_the_caller(narrow: Database) -> None:
    with pytest.raises(TypeError, match="seconds"):
        await UnitOfWork(narrow).fetch_one(SLEEP)
    with pytest.raises(KeyError):
        await UnitOfWork(narrow).fetch_one(SLEEP, minutes=1)
    assert await count(narrow) == 0


async def test_waiting_for_a_connection_has_a_deadline(narrow: Database) -> None:
    held = await narrow.lease()
    with pytest.raises(Unavailable, match=r"0\.3 s"):
        await narrow.lease()
    narrow.release(held)
    assert await narrow.lease() is held
    narrow.release(held)


async def test_waiters_are_served_in_turn(narrow: Database) -> None:
    served: list[int] = []

    async def one(number: int) -> None:
        connection = await narrow.lease()
        served.append(number)
        narrow.release(connection)

    held = await narrow.lease()
    waiters = [asyncio.create_task(one(number)) for number in range(5)]
    await asyncio.sleep(0)
    waiters[1].cancel()
    narrow.release(held)
    await asyncio.gather(*waiters, return_exceptions=True)
    assert served == [0, 2, 3, 4]


async def test_waiters_are_bounded(database_url: str) -> None:
    database = Database(database_url, size=1, acquire_timeout=5, max_waiters=1)
    held = await database.lease()
    waiter = asyncio.create_task(database.lease())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too many"):
        await database.lease()
    database.release(held)
    database.release(await waiter)
    await database.close()


async def test_a_connection_handed_to_a_waiter_that_leaves_is_not_lost(narrow: Database) -> None:
    held = await narrow.lease()
    waiter = asyncio.create_task(narrow.lease())
    await asyncio.sleep(0)
    narrow.release(held)  # the waiter has it, but has not run yet
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert await narrow.lease() is held
    narrow.release(held)


async def test_a_broken_connection_makes_room_for_a_waiter(narrow: Database) -> None:
    held = await narrow.lease()
    waiter = asyncio.create_task(narrow.lease())
    await asyncio.sleep(0)
    narrow.discard(held)
    fresh = await waiter
    assert fresh is not held
    assert await fresh.fetchval("SELECT 1") == 1
    narrow.release(fresh)


async def test_no_more_connections_than_its_size(database_url: str, database: Database) -> None:
    small = Database(database_url, size=2)
    backends = await asyncio.gather(*(backend(small) for _ in range(20)))
    assert len(set(backends)) <= 2
    await small.close()


async def test_closing_sends_waiters_away(database_url: str) -> None:
    database = Database(database_url, size=1)
    held = await database.lease()
    waiter = asyncio.create_task(database.lease())
    await asyncio.sleep(0)
    await database.close()
    with pytest.raises(Unavailable, match="shutting down"):
        await waiter
    with pytest.raises(Unavailable, match="shutting down"):
        await database.lease()
    database.release(held)
    assert held.is_closed()


@pytest.mark.parametrize("noticed", [False, True])
async def test_terminated_backend_costs_one_answer_at_most(
    narrow: Database, database: Database, noticed: bool
) -> None:
    """Whether the loop has seen the end of the connection or learns of it by the next statement."""
    victim = await backend(narrow)
    if noticed:
        await UnitOfWork(database).fetch_one(TERMINATE, pid=victim)
        while not narrow._free[0].is_closed():
            await asyncio.sleep(0.01)
    else:
        unit = UnitOfWork(narrow)
        with pytest.raises(Unavailable):
            await unit.fetch_one(TERMINATE, pid=victim)
        with pytest.raises(TransactionLost):
            await unit.finish(200)
    async with narrow.transaction() as unit:
        await add(unit)
    assert await count(database) == 1
    assert await backend(narrow) != victim


async def test_backend_terminated_inside_a_transaction(narrow: Database, database: Database) -> None:
    unit = UnitOfWork(narrow)
    assert await add(unit)
    row = await unit.fetch_one(WHO)
    assert row is not None
    await UnitOfWork(database).fetch_one(TERMINATE, pid=row["pid"])
    with pytest.raises(Unavailable):
        await unit.finish(201)
    await unit.rollback()
    assert await count(narrow) == 0


async def test_no_server_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/none", acquire_timeout=0.5)
    await database.open()
    with pytest.raises(Unavailable):
        await add(UnitOfWork(database))
    await database.close()


async def test_a_statement_that_takes_too_long_is_unavailable(database_url: str, database: Database) -> None:
    hasty = Database(database_url, size=1, command_timeout=0.1)
    with pytest.raises(Unavailable):
        await UnitOfWork(hasty).fetch_one(SLEEP, seconds=30)
    assert hasty.in_use == hasty.free == 0  # nobody knows what the connection still does
    assert await count(hasty) == 0
    await hasty.close()


async def test_what_is_written_durably_stands_whatever_becomes_of_the_request(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    (person,) = await unit.fetch_durably(INSERT, **PERSON)
    assert person["id"] == PERSON["id"]
    assert await unit.fetch_durably(LOCK_TIMEOUT) == [{"longest": "1s"}]
    await unit.finish(404)
    assert await count(narrow) == 1


async def test_nothing_is_written_durably_once_the_transaction_has_begun(database: Database) -> None:
    """It would take a second connection while one is held."""
    unit = UnitOfWork(database)
    assert await add(unit)
    with pytest.raises(RuntimeError, match="before the transaction begins"):
        await unit.fetch_durably(LOCK_TIMEOUT)
    await unit.rollback()
    assert database.in_use == 0


async def test_a_cancelled_request_leaves_neither_rows_nor_a_held_connection(narrow: Database) -> None:
    started = asyncio.Event()

    async def request() -> None:
        unit = UnitOfWork(narrow)
        try:
            await add(unit)
            started.set()
            await unit.fetch_one(SLEEP, seconds=30)
        finally:
            await unit.rollback()

    task = asyncio.create_task(request())
    await started.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(narrow) == 0


async def test_statements_know_whether_they_write() -> None:
    rows = select(PEOPLE.c.id)
    assert not Statement[Any](rows).writes
    assert not Statement[Any](rows.union(rows)).writes
    assert Statement[Any](rows.with_for_update()).writes
    assert Statement[Any](update(PEOPLE).values(full_name="Ada")).writes
    assert Statement[Any](select(RETURNING.c.id)).writes
    assert Statement[Any](text("SELECT 1")).writes


RETURNING = (
    insert(PEOPLE).values({name: bindparam(name) for name in NAMES}).returning(PEOPLE.c.id).cte("added")
)


def test_a_default_of_the_table_is_not_forgotten_in_silence() -> None:
    """A statement is compiled at its first use: a start does not wait for it."""
    statement: Statement[Any] = Statement(insert(PEOPLE).values(id=bindparam("id")))
    with pytest.raises(TypeError, match="is_active"):
        _ = statement.sql
