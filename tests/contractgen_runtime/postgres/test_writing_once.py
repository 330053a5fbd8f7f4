"""A handler that writes one statement, and says so: it is stored without a transaction round it."""

from contextlib import suppress
from uuid import uuid4

import asyncpg
import pytest

from contractgen_runtime.postgres.db import Database, TransactionLost, UnitOfWork
from tests.contractgen_runtime.postgres.units import RAW_INSERT, add, count


async def test_what_is_written_once_is_stored_by_itself(narrow: Database, database: Database) -> None:
    unit = UnitOfWork(narrow)
    unit.write_once()
    assert await add(unit) is not None
    assert await count(database) == 1
    assert await count(narrow) == 1  # its only connection is back
    await unit.finish(201)


async def test_whoever_writes_once_writes_no_more(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    unit.write_once()
    await add(unit)
    with pytest.raises(RuntimeError, match="write once"):
        await add(unit, "bob@example.com")
    assert await count(narrow) == 1


async def test_a_refusal_that_cannot_undo_is_a_bug(narrow: Database) -> None:
    unit = UnitOfWork(narrow)
    unit.write_once()
    await add(unit)
    with pytest.raises(RuntimeError, match="404 cannot undo"):
        await unit.finish(404)


async def test_written_once_within_more_is_one_transaction(narrow: Database, database: Database) -> None:
    unit = UnitOfWork(narrow)
    unit.write_together()
    unit.write_once()
    await add(unit)
    await add(unit, "bob@example.com")
    assert await count(database) == 0
    await unit.finish(201)
    assert await count(database) == 2


async def test_a_failure_of_what_is_written_once_is_never_reported_as_stored(narrow: Database) -> None:
    async with narrow.transaction() as unit:
        await add(unit)
    unit = UnitOfWork(narrow)
    unit.write_once()
    with suppress(asyncpg.UniqueViolationError):
        await unit.execute(RAW_INSERT, id=uuid4(), email="ada@example.com", role="user")
    with pytest.raises(TransactionLost):
        await unit.finish(201)
