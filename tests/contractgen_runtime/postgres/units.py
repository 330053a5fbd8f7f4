"""A table of the tests' own, and what the tests of units of work do in it."""

from typing import Any, TypedDict
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import KeyedStatement, Statement

PEOPLE = Table(
    "people",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("role", Text, CheckConstraint("role IN ('user', 'admin')"), nullable=False),
    Column("is_active", Boolean, nullable=False, default=True),
)
Index("people_email_key", func.lower(PEOPLE.c.email), unique=True)
#: The same, as it is made.
SCHEMA = """
CREATE TABLE people (
    id uuid PRIMARY KEY, email text NOT NULL, full_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('user', 'admin')), is_active boolean NOT NULL
);
CREATE UNIQUE INDEX people_email_key ON people (lower(email));
"""


class Person(TypedDict):
    id: UUID
    email: str


NAMES = ("id", "email", "role", "full_name", "is_active")
COUNT: Statement[dict[str, int]] = Statement(select(func.count().label("count")).select_from(PEOPLE))
# Unlike the next one, this one runs into the constraints.
RAW_INSERT: Statement[Any] = Statement(
    insert(PEOPLE).values(
        {name: bindparam(name) for name in ("id", "email", "role")} | {"full_name": "Ada", "is_active": True}
    )
)
INSERT: Statement[Person] = Statement(
    insert(PEOPLE)
    .values({name: bindparam(name) for name in NAMES})
    .on_conflict_do_nothing()
    .returning(PEOPLE.c.id, PEOPLE.c.email)
)
BY_ID: KeyedStatement[Person] = KeyedStatement(select(PEOPLE.c.id, PEOPLE.c.email), PEOPLE.c.id)


async def make_schema(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(SCHEMA)
    await connection.close()


async def add(unit: UnitOfWork, email: str = "ada@example.com") -> Person | None:
    return await unit.fetch_one(INSERT, id=uuid4(), email=email, role="user", full_name="Ada", is_active=True)


async def count(database: Database) -> int:
    row = await UnitOfWork(database).fetch_one(COUNT)
    assert row is not None
    return row["count"]
