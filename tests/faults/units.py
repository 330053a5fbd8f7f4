"""What the tests of units of work do in them."""

from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import insert

from pressroom.db import Database, UnitOfWork
from pressroom.statements import Statement
from pressroom.users.queries import insert_user
from pressroom.users.tables import User, UserRow

COUNT: Statement[dict[str, int]] = Statement(select(func.count().label("count")).select_from(User))
# Unlike the service's own statement, this one runs into the constraints.
RAW_INSERT: Statement[Any] = Statement(
    insert(User).values(
        {name: bindparam(name) for name in ("id", "email", "role")}
        | {"full_name": "Ada", "password_hash": "x", "is_active": True}
    )
)


async def add(unit: UnitOfWork, email: str = "ada@example.com") -> UserRow | None:
    return await insert_user(unit, email=email, full_name="Ada", password_hash="x")


async def count(database: Database) -> int:
    row = await UnitOfWork(database).fetch_one(COUNT)
    assert row is not None
    return row["count"]
