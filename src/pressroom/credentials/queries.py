"""Statements on passwords and mailed tokens, and the functions that run them."""

from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import moved_on, seconds
from pressroom.credentials.tables import MailedToken
from pressroom.users.tables import User

_IS_ACCOUNT = col(User.id) == bindparam("user_id", type_=Uuid)
_NEW_PASSWORD = {User.password_hash: bindparam("new"), User.updated_at: moved_on(col(User.updated_at))}

SELECT_PASSWORD_HASH: Statement[dict[str, str]] = Statement(
    select(col(User.password_hash)).where(_IS_ACCOUNT)
)

# Only while it is what was checked: of two changes at once the second has shown a password that is no more.
REPLACE_PASSWORD: Statement[Any] = Statement(
    update(User)
    .where(_IS_ACCOUNT, col(User.is_active), col(User.password_hash) == bindparam("old", type_=Text))
    .values(_NEW_PASSWORD)
)
SET_PASSWORD: Statement[Any] = Statement(
    update(User).where(_IS_ACCOUNT, col(User.is_active)).values(_NEW_PASSWORD)
)
VERIFY_EMAIL: Statement[Any] = Statement(
    update(User)
    .where(_IS_ACCOUNT, col(User.is_active))
    .values({User.email_verified: True, User.updated_at: moved_on(col(User.updated_at))})
)

_insert = insert(MailedToken).values(
    {name: bindparam(name) for name in ("user_id", "purpose", "digest")}
    | {"expires_at": func.now() + seconds("lifetime")}
)
GRANT_TOKEN: Statement[Any] = Statement(
    _insert.on_conflict_do_update(
        index_elements=["user_id", "purpose"],
        set_={name: _insert.excluded[name] for name in ("digest", "expires_at")},
    )
)
_IS_TOKEN = (
    col(MailedToken.digest) == bindparam("digest", type_=LargeBinary),
    col(MailedToken.purpose) == bindparam("purpose", type_=Text),
    col(MailedToken.expires_at) > func.now(),
)
SELECT_TOKEN: Statement[dict[str, UUID]] = Statement(select(col(MailedToken.user_id)).where(*_IS_TOKEN))
SPEND_TOKEN: Statement[dict[str, UUID]] = Statement(
    delete(MailedToken).where(*_IS_TOKEN).returning(col(MailedToken.user_id))
)
VOID_TOKENS: Statement[Any] = Statement(
    delete(MailedToken).where(
        col(MailedToken.user_id) == bindparam("user_id"), col(MailedToken.purpose) == bindparam("purpose")
    )
)
DELETE_TOKENS_OF: Statement[Any] = Statement(
    delete(MailedToken).where(col(MailedToken.user_id) == bindparam("user_id"))
)
DELETE_EXPIRED: Statement[Any] = Statement(
    delete(MailedToken).where(col(MailedToken.expires_at) <= func.now())
)


async def select_password_hash(unit: UnitOfWork, user_id: UUID) -> str:
    return (await unit.fetch_row(SELECT_PASSWORD_HASH, user_id=user_id))["password_hash"]


async def replace_password(unit: UnitOfWork, user_id: UUID, *, old: str, new: str) -> bool:
    """Whether the active account still had the old hash, and has the new one now."""
    return await unit.execute(REPLACE_PASSWORD, user_id=user_id, old=old, new=new) == 1


async def set_password(unit: UnitOfWork, user_id: UUID, new: str) -> bool:
    """Whether there is such an active account."""
    return await unit.execute(SET_PASSWORD, user_id=user_id, new=new) == 1


async def verify_email(unit: UnitOfWork, user_id: UUID) -> bool:
    """Whether there is such an active account."""
    return await unit.execute(VERIFY_EMAIL, user_id=user_id) == 1


async def grant_token(
    unit: UnitOfWork, user_id: UUID, purpose: str, digest: bytes, *, lifetime: float
) -> None:
    """Let a token of this digest work once within so many seconds, instead of any earlier one."""
    await unit.execute(GRANT_TOKEN, user_id=user_id, purpose=purpose, digest=digest, lifetime=lifetime)


async def is_token_good(unit: UnitOfWork, digest: bytes, purpose: str) -> bool:
    return await unit.fetch_one(SELECT_TOKEN, digest=digest, purpose=purpose) is not None


async def spend_token(unit: UnitOfWork, digest: bytes, purpose: str) -> UUID | None:
    """The account of a token, which works no longer; None when it did not work before."""
    row = await unit.fetch_one(SPEND_TOKEN, digest=digest, purpose=purpose)
    return row["user_id"] if row else None


async def void_tokens(unit: UnitOfWork, user_id: UUID, purpose: str) -> None:
    await unit.execute(VOID_TOKENS, user_id=user_id, purpose=purpose)


async def delete_tokens_of(unit: UnitOfWork, user_id: UUID) -> None:
    await unit.execute(DELETE_TOKENS_OF, user_id=user_id)


async def delete_expired_tokens(unit: UnitOfWork) -> None:
    await unit.execute(DELETE_EXPIRED)
