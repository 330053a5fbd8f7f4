"""Statements on users, and the functions that run them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, cast
from uuid import UUID

from sqlalchemy import Text, bindparam, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, update

from pressroom.db import Statement, UnitOfWork
from pressroom.tables import given_or_same, is_one_of_versions, moved_on, new_id
from pressroom.users.tables import Role, User, UserRow


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
    (col(User.full_name) + " (" + col(User.email) + ")").label("display_name"),
)
_WANTED_ROLE = bindparam("role", type_=Text)

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
    select(*USER_COLUMNS).where(col(User.id) == bindparam("id")).with_for_update()
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


_MATCHING = or_(_WANTED_ROLE.is_(None), col(User.role) == _WANTED_ROLE)
_COUNT = select(func.count().label("total")).select_from(User).where(_MATCHING).subquery("matching")
_PAGE = (
    select(*USER_COLUMNS)
    .where(_MATCHING)
    .order_by(col(User.created_at).desc(), col(User.id).desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
    .subquery("page")
)

# One statement, so that the total belongs to the page. It is there even when the page is empty: the one
# row then has no user beside it.
LIST_USERS: Statement[dict[str, Any]] = Statement(
    select(_COUNT.c.total, _PAGE)
    .select_from(_COUNT.outerjoin(_PAGE, true()))
    .order_by(_PAGE.c.created_at.desc(), _PAGE.c.id.desc())
)


async def insert_user(
    unit: UnitOfWork,
    *,
    email: str,
    full_name: str,
    password_hash: str,
    role: Role = "user",
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
    return cast(UserRow, row), password_hash


async def update_user(
    unit: UnitOfWork,
    user_id: UUID,
    *,
    versions: Sequence[datetime] | None = None,
    full_name: str | None = None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> UserRow | None:
    """Change what is given and leave the rest; None when there is no such user in one of these versions."""
    return await unit.fetch_one(
        UPDATE_USER, id=user_id, versions=versions, full_name=full_name, role=role, is_active=is_active
    )


async def list_users(unit: UnitOfWork, *, page: int, size: int, role: Role | None = None) -> Page:
    """Page `page` (the first is 1), newest users first, and how many users there are on all pages."""
    rows = await unit.fetch_all(LIST_USERS, role=role, limit=size, offset=(page - 1) * size)
    totals = [row.pop("total") for row in rows]
    return {"total": totals[0], "items": cast(list[UserRow], [row for row in rows if row["id"] is not None])}
