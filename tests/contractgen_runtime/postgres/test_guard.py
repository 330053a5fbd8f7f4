"""A unit of work with a guard writes only while the guard's condition holds."""

from collections.abc import Mapping
from typing import NoReturn
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, insert, literal_column, select

from contractgen_runtime.postgres.db import Database, TransactionLost, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from tests.contractgen_runtime.postgres.units import INSERT, NAMES, PEOPLE, Person, add, count


class Refused(Exception):
    pass


class Holds:
    """A condition that is a constant of the statement, and how often it was refused."""

    def __init__(self, *, condition: str) -> None:
        self.opening = f"SELECT 1 WHERE {condition}"
        self.parameters: Mapping[str, object] = {"condition": "holds" if condition == "true" else "fails"}

    async def refuse(self) -> NoReturn:
        raise Refused


class Guarded(UnitOfWork):
    __slots__ = ("_guard",)

    def __init__(self, database: Database, condition: str) -> None:
        super().__init__(database)
        self._guard = Holds(condition=condition)

    def guard(self) -> Holds:
        return self._guard


_condition = (
    select(literal_column("1")).where(bindparam("condition", type_=Text) == "holds").cte("condition_")
)
ONCE: Statement[Person] = Statement(
    insert(PEOPLE).values({name: bindparam(name) for name in NAMES}).returning(PEOPLE.c.id, PEOPLE.c.email),
    guarded=Statement(
        insert(PEOPLE)
        .from_select(
            list(NAMES),
            select(*(bindparam(name, type_=PEOPLE.c[name].type) for name in NAMES)).select_from(_condition),
        )
        .returning(PEOPLE.c.id, PEOPLE.c.email)
    ),
)


async def add_once(unit: UnitOfWork) -> Person | None:
    unit.write_once()
    given = {"email": "ada@example.com", "role": "user", "full_name": "Ada", "is_active": True}
    return await unit.fetch_one(ONCE, id=uuid4(), **given)


async def test_it_writes_while_the_condition_holds(narrow: Database) -> None:
    unit = Guarded(narrow, "true")
    await add(unit)
    await unit.finish(201)
    assert await count(narrow) == 1


@pytest.mark.parametrize("write", [add, add_once])
async def test_else_it_refuses_stores_nothing_and_its_connection_is_back(
    narrow: Database, write: object
) -> None:
    unit = Guarded(narrow, "false")
    with pytest.raises(Refused):
        await (add if write is add else add_once)(unit)
    assert await count(narrow) == 0  # its only connection serves another unit of work
    with pytest.raises(TransactionLost):  # nobody may swallow the refusal
        await unit.finish(201)


async def test_reading_needs_no_condition(narrow: Database) -> None:
    unit = Guarded(narrow, "false")
    assert await unit.fetch_all(Statement(select(PEOPLE.c.id))) == []


async def test_a_guard_that_fails_leaves_no_transaction_open(narrow: Database) -> None:
    unit = Guarded(narrow, "1 / 0 = 1")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await add(unit)
    await unit.rollback()
    async with narrow.transaction() as other:
        await add(other)
    assert await count(narrow) == 1


async def test_what_is_written_once_checks_the_condition_itself(narrow: Database) -> None:
    unit = Guarded(narrow, "true")
    assert await add_once(unit) is not None
    assert await count(narrow) == 1
    await unit.finish(201)


async def test_what_cannot_check_the_condition_is_no_transaction_by_itself(
    narrow: Database, database: Database
) -> None:
    assert INSERT.guarded is None
    unit = Guarded(narrow, "true")
    unit.write_once()
    await add(unit)
    assert await count(database) == 0
    await unit.finish(201)
    assert await count(database) == 1


def test_what_is_inlined_stays_one_value() -> None:
    statement: Statement[dict[str, int]] = Statement(
        select(literal_column("1")).where(bindparam("text", type_=Text) == bindparam("id", type_=Text))
    )
    sql = statement.inlined(text="o'; DROP TABLE people; --$2", id="$1\\")
    assert "'o''; DROP TABLE people; --$2'" in sql
    assert "'$1\\'" in sql
