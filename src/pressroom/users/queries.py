"""Statements on users, and the functions that run them."""

import re
import typing
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import (
    given_or_same,
    is_one_of_versions,
    moved_on,
    new_id,
    version_of,
)
from pressroom.users.tables import User, UserRow

if TYPE_CHECKING:
    from pressroom_api import models


class Page(TypedDict):
    total: int
    items: list[UserRow]


USER_COLUMNS = (
    col(User.id),
    col(User.email),
    col(User.full_name),
    col(User.role),
    col(User.is_active),
    col(User.email_verified),
    col(User.created_at),
    col(User.updated_at),
    version_of(col(User.updated_at)),
    (col(User.full_name) + " (" + col(User.email) + ")").label("display_name"),
)

INSERT_USER: Statement[UserRow] = Statement(
    insert(User)
    .values(
        {name: bindparam(name) for name in ("id", "email", "full_name", "password_hash", "role", "is_active")}
    )
    .on_conflict_do_nothing()
    .returning(*USER_COLUMNS)
)

SELECT_USER: Statement[UserRow] = Statement(select(*USER_COLUMNS).where(col(User.id) == bindparam("id")))

LOCK_USER: Statement[UserRow] = Statement(
    select(*USER_COLUMNS).where(col(User.id) == bindparam("id")).with_for_update(key_share=True)
)

SELECT_ACCOUNT: Statement[dict[str, Any]] = Statement(
    select(*USER_COLUMNS, col(User.password_hash)).where(
        func.lower(col(User.email)) == func.lower(bindparam("email", type_=Text))
    )
)

UPDATE_USER: Statement[UserRow] = Statement(
    update(User)
    .where(col(User.id) == bindparam("id"), is_one_of_versions(col(User.updated_at)))
    .values(
        {
            User.full_name: given_or_same(User.full_name),
            User.role: given_or_same(User.role),
            User.is_active: given_or_same(User.is_active),
            User.updated_at: moved_on(col(User.updated_at)),
        }
    )
    .returning(*USER_COLUMNS)
)


def _matches(name: str, kind: Any, condition: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition on the argument of this name, where there is one."""
    wanted = bindparam(name, type_=kind)
    return or_(wanted.is_(None), condition(wanted))


_MATCHING = and_(
    _matches("role", Text, lambda role: col(User.role) == role),
    _matches("is_active", Boolean, lambda is_active: col(User.is_active) == is_active),
    _matches("like", Text, lambda like: or_(col(User.full_name).ilike(like), col(User.email).ilike(like))),
)
#: What the index finds, for three characters or more; what has them in another order is among it.
_FOUND = col(User.trigrams).op("@>")(func.trigrams(bindparam("text", type_=Text)))


@cache
def listing(sort: "models.UserOrder", *, is_search: bool) -> Statement[dict[str, Any]]:
    """Return the statement of a page in an order, with the total beside each user.

    One statement reads both, so that they agree. On an empty page the total has a row without a user.
    """
    conditions = (_MATCHING, _FOUND) if is_search else (_MATCHING,)
    count = select(func.count().label("total")).select_from(User).where(*conditions).subquery("matching")
    users = select(*USER_COLUMNS).where(*conditions).limit(bindparam("limit")).offset(bindparam("offset"))
    page = users.order_by(*_order(sort, users.selected_columns)).subquery("page")
    listed = select(count.c.total, page).select_from(count.outerjoin(page, true()))
    return Statement(listed.order_by(*_order(sort, page.c)))


def _order(sort: "models.UserOrder", columns: Any) -> list[ColumnElement[Any]]:
    keys = [columns[sort.removeprefix("-")], columns.id]
    return [key.desc() if sort.startswith("-") else key.asc() for key in keys]


# For a caller that changes accounts or sessions, before its own account is locked for less.
LOCK_ACCOUNT: Statement[dict[str, UUID]] = Statement(
    select(col(User.id))
    .where(col(User.id) == bindparam("user_id", type_=Uuid))
    .with_for_update(key_share=True)
)
#: Admins change accounts one after the other. Locks of their accounts alone, even in one order, can end in a
#: circle: a statement that has waited keeps the lock of one who is no admin any more, and misses a new one.
TAKE_ADMINS_TURN: Statement[Any] = Statement(select(func.pg_advisory_xact_lock(0x61646D69)))

# Processes of the version before take turns by these locks, in this order.
LOCK_ADMINS: Statement[dict[str, UUID]] = Statement(
    select(col(User.id))
    .where(col(User.role) == "admin", col(User.is_active))
    .order_by(col(User.id))
    .with_for_update(key_share=True)
)

# No password opens the account.
ANONYMISE: Statement[Any] = Statement(
    update(User)
    .where(col(User.id) == bindparam("id", type_=Uuid))
    .values(
        {
            User.email: bindparam("email"),
            User.full_name: "Deleted account",
            User.password_hash: "",
            User.role: "user",
            User.is_active: False,
            User.email_verified: False,
            User.updated_at: moved_on(col(User.updated_at)),
        }
    )
)


async def insert_user(
    unit: UnitOfWork,
    *,
    email: str,
    full_name: str,
    password_hash: str,
    role: "models.Role" = "user",
    is_active: bool = True,
) -> UserRow | None:
    """The new user; None when the address has an account already."""
    return await unit.fetch_one(
        INSERT_USER,
        id=new_id(),
        email=email,
        full_name=full_name,
        password_hash=password_hash,
        role=role,
        is_active=is_active,
    )


async def select_user(unit: UnitOfWork, user_id: UUID) -> UserRow | None:
    return await unit.fetch_one(SELECT_USER, id=user_id)


async def lock_user(unit: UnitOfWork, user_id: UUID) -> UserRow | None:
    """The user, whom nobody else can change until this unit of work ends."""
    return await unit.fetch_one(LOCK_USER, id=user_id)


async def select_account(unit: UnitOfWork, email: str) -> tuple[UserRow, str] | None:
    """The user of an address, in any capitals, and the stored password: only one may be shown."""
    row = await unit.fetch_one(SELECT_ACCOUNT, email=email)
    if row is None:
        return None
    password_hash: str = row.pop("password_hash")
    return typing.cast(UserRow, row), password_hash


async def update_user(
    unit: UnitOfWork,
    user_id: UUID,
    *,
    versions: Sequence[datetime] | None = None,
    full_name: str | None = None,
    role: "models.Role | None" = None,
    is_active: bool | None = None,
) -> UserRow | None:
    """Change what is given and leave the rest; None when there is no such user in one of these versions."""
    return await unit.fetch_one(
        UPDATE_USER, id=user_id, versions=versions, full_name=full_name, role=role, is_active=is_active
    )


def _literally(text: str) -> str:
    """For LIKE: what stands for itself alone."""
    return re.sub(r"([\\%_])", r"\\\1", text)


async def lock_admins(unit: UnitOfWork) -> set[UUID]:
    """The active admins, whom nobody else can change until this unit of work ends."""
    return {row["id"] for row in await unit.fetch_all(LOCK_ADMINS)}


async def anonymise(unit: UnitOfWork, user_id: UUID, *, email: str) -> None:
    """Forget who the user was, and let nobody in any more."""
    await unit.execute(ANONYMISE, id=user_id, email=email)


async def list_users(
    unit: UnitOfWork,
    *,
    page: int,
    size: int,
    sort: "models.UserOrder" = "-created_at",
    role: "models.Role | None" = None,
    is_active: bool | None = None,
    containing: str | None = None,
) -> Page:
    """Page `page` (the first is 1) of the users that match, and how many there are on all pages."""
    wanted = {"role": role, "is_active": is_active, "like": containing and f"%{_literally(containing)}%"}
    is_indexed = containing is not None and len(containing) >= 3
    statement = listing(sort, is_search=is_indexed)
    wanted |= {"text": containing} if is_indexed else {}
    rows = await unit.fetch_all(statement, limit=size, offset=(page - 1) * size, **wanted)
    totals = [row.pop("total") for row in rows]
    users = [typing.cast(UserRow, row) for row in rows if row["id"] is not None]
    return {"total": totals[0], "items": users}
