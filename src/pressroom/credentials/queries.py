"""Statements on passwords and mailed tokens, and the functions that run them."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import asyncpg
from sqlalchemy import (
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import moved_on, new_id, seconds
from pressroom.credentials.tables import EMAIL_CHANGE_MAIL, EMAIL_UNDO_MAIL, AddressToken, MailedToken
from pressroom.users.tables import User


class Receiver(TypedDict):
    full_name: str
    email: str


class SpentAddressToken(TypedDict):
    email: str
    expires_at: datetime


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
SPEND_TOKEN: Statement[Any] = Statement(delete(MailedToken).where(*_IS_TOKEN))
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

# Only for the password that was checked: while it was hashed, it may have been changed, which voids changes.
_account = (
    select(col(User.id))
    .where(
        _IS_ACCOUNT, col(User.password_hash) == bindparam("password_hash", type_=Text), col(User.is_active)
    )
    .with_for_update(read=True)
    .cte("account")
)
_ADDRESS_TOKEN = ["id", "user_id", "purpose", "email", "expires_at"]
_requested = insert(AddressToken).from_select(
    _ADDRESS_TOKEN,
    select(
        bindparam("id", type_=Uuid),
        _account.c.id,
        literal_column(f"'{EMAIL_CHANGE_MAIL}'"),
        bindparam("email", type_=Text),
        func.now() + seconds("lifetime"),
    ),
)
REQUEST_EMAIL: Statement[dict[str, UUID]] = Statement(
    _requested.on_conflict_do_update(
        index_elements=["user_id"],
        index_where=text(f"purpose = '{EMAIL_CHANGE_MAIL}'"),
        set_={name: _requested.excluded[name] for name in ("id", "email", "digest", "expires_at")},
    ).returning(col(AddressToken.id))
)
KEEP_EMAIL: Statement[Any] = Statement(
    insert(AddressToken).values(
        {name: bindparam(name) for name in ("id", "user_id", "email")}
        | {"purpose": EMAIL_UNDO_MAIL, "expires_at": func.now() + seconds("lifetime")}
    )
)

# Whoever has lost an address learns it in any case.
_holder = aliased(User)
_is_taken = exists().where(func.lower(_holder.email) == func.lower(col(AddressToken.email)))
GRANT_ADDRESS_TOKEN: Statement[Receiver] = Statement(
    update(AddressToken)
    .where(
        col(AddressToken.id) == bindparam("token_id", type_=Uuid),
        col(AddressToken.expires_at) > func.now(),
        col(User.id) == col(AddressToken.user_id),
        col(User.is_active),
        or_(col(AddressToken.purpose) == EMAIL_UNDO_MAIL, ~_is_taken),
    )
    .values({AddressToken.digest: bindparam("digest", type_=LargeBinary)})
    .returning(col(User.full_name), col(AddressToken.email))
)
_IS_ADDRESS_TOKEN = (
    col(AddressToken.digest) == bindparam("digest", type_=LargeBinary),
    col(AddressToken.purpose) == bindparam("purpose", type_=Text),
    col(AddressToken.expires_at) > func.now(),
)
SELECT_ADDRESS_TOKEN: Statement[dict[str, UUID]] = Statement(
    select(col(AddressToken.user_id)).where(*_IS_ADDRESS_TOKEN)
)
LOCK_EMAIL: Statement[dict[str, str]] = Statement(
    select(col(User.email)).where(_IS_ACCOUNT, col(User.is_active)).with_for_update(key_share=True)
)
SPEND_ADDRESS_TOKEN: Statement[SpentAddressToken] = Statement(
    delete(AddressToken)
    .where(*_IS_ADDRESS_TOKEN)
    .returning(col(AddressToken.email), col(AddressToken.expires_at))
)
REPLACE_EMAIL: Statement[Any] = Statement(
    update(User)
    .where(_IS_ACCOUNT)
    .values(
        {
            User.email: bindparam("email"),
            User.email_verified: True,
            User.updated_at: moved_on(col(User.updated_at)),
        }
    )
)
_IS_OWNER = col(AddressToken.user_id) == bindparam("user_id", type_=Uuid)
VOID_EMAIL_CHANGE: Statement[Any] = Statement(
    delete(AddressToken).where(_IS_OWNER, col(AddressToken.purpose) == EMAIL_CHANGE_MAIL)
)
_since = bindparam("since", type_=DateTime(timezone=True))
VOID_LATER_ADDRESSES: Statement[Any] = Statement(
    delete(AddressToken).where(
        _IS_OWNER, or_(col(AddressToken.purpose) == EMAIL_CHANGE_MAIL, col(AddressToken.expires_at) >= _since)
    )
)
DELETE_ADDRESS_TOKENS_OF: Statement[Any] = Statement(delete(AddressToken).where(_IS_OWNER))
DELETE_EXPIRED_ADDRESSES: Statement[Any] = Statement(
    delete(AddressToken).where(col(AddressToken.expires_at) <= func.now())
)


async def select_password_hash(unit: UnitOfWork, user_id: UUID) -> str:
    return (await unit.fetch_row(SELECT_PASSWORD_HASH, user_id=user_id))["password_hash"]


async def replace_password(unit: UnitOfWork, user_id: UUID, *, old: str, new: str) -> bool:
    """Replace the hash of a password; return whether the active account still had the old one."""
    return await unit.execute(REPLACE_PASSWORD, user_id=user_id, old=old, new=new) == 1


async def set_password(unit: UnitOfWork, user_id: UUID, new: str) -> bool:
    """Store the hash of a password; return whether there is such an active account."""
    return await unit.execute(SET_PASSWORD, user_id=user_id, new=new) == 1


async def verify_email(unit: UnitOfWork, user_id: UUID) -> bool:
    """Mark the address of an account as verified; return whether there is such an active account."""
    return await unit.execute(VERIFY_EMAIL, user_id=user_id) == 1


async def grant_token(
    unit: UnitOfWork, user_id: UUID, purpose: str, digest: bytes, *, lifetime: float
) -> None:
    """Make a token of this digest valid once within so many seconds, instead of any earlier one."""
    await unit.execute(GRANT_TOKEN, user_id=user_id, purpose=purpose, digest=digest, lifetime=lifetime)


async def select_token(unit: UnitOfWork, digest: bytes, purpose: str) -> UUID | None:
    """Return the account of a valid token."""
    row = await unit.fetch_one(SELECT_TOKEN, digest=digest, purpose=purpose)
    return row["user_id"] if row else None


async def spend_token(unit: UnitOfWork, digest: bytes, purpose: str) -> bool:
    """Spend a token, which is valid no longer; return whether it was valid."""
    return await unit.execute(SPEND_TOKEN, digest=digest, purpose=purpose) == 1


async def void_tokens(unit: UnitOfWork, user_id: UUID, purpose: str) -> None:
    await unit.execute(VOID_TOKENS, user_id=user_id, purpose=purpose)


async def delete_tokens_of(unit: UnitOfWork, user_id: UUID) -> None:
    await unit.execute(DELETE_TOKENS_OF, user_id=user_id)


async def delete_expired_tokens(unit: UnitOfWork) -> None:
    await unit.execute(DELETE_EXPIRED)
    await unit.execute(DELETE_EXPIRED_ADDRESSES)


async def request_email(
    unit: UnitOfWork, user_id: UUID, email: str, *, password_hash: str, lifetime: float
) -> UUID | None:
    """Let the account ask for an address, instead of any earlier one; the id of the token that may give it.

    None when the account is not active, or has another password by now.
    """
    given = {"user_id": user_id, "email": email, "password_hash": password_hash, "lifetime": lifetime}
    row = await unit.fetch_one(REQUEST_EMAIL, id=new_id(), **given)
    return row["id"] if row else None


async def keep_email(unit: UnitOfWork, user_id: UUID, email: str, *, lifetime: float) -> UUID:
    """The id of a token that may give the account this address, which was its own, within so many seconds."""
    token_id = new_id()
    await unit.execute(KEEP_EMAIL, id=token_id, user_id=user_id, email=email, lifetime=lifetime)
    return token_id


async def grant_address_token(unit: UnitOfWork, token_id: UUID, digest: bytes) -> Receiver | None:
    """Let a token of this digest work; whom to mail it, None when the account cannot have the address."""
    return await unit.fetch_one(GRANT_ADDRESS_TOKEN, token_id=token_id, digest=digest)


async def select_address_token(unit: UnitOfWork, digest: bytes, purpose: str) -> UUID | None:
    """Return the account of a valid token."""
    row = await unit.fetch_one(SELECT_ADDRESS_TOKEN, digest=digest, purpose=purpose)
    return row["user_id"] if row else None


async def lock_email(unit: UnitOfWork, user_id: UUID) -> str | None:
    """The address of the active account, which nobody else can change until this unit of work ends."""
    row = await unit.fetch_one(LOCK_EMAIL, user_id=user_id)
    return row["email"] if row else None


async def spend_address_token(unit: UnitOfWork, digest: bytes, purpose: str) -> SpentAddressToken | None:
    """The address of a token, which works no longer; None when it did not work before."""
    return await unit.fetch_one(SPEND_ADDRESS_TOKEN, digest=digest, purpose=purpose)


async def replace_email(unit: UnitOfWork, user_id: UUID, email: str) -> bool:
    """Give the account a verified address; False, and nothing else can be done, when another one has it."""
    try:
        return await unit.execute(REPLACE_EMAIL, user_id=user_id, email=email) == 1
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "users_email_key":
            raise
        return False


async def void_email_change(unit: UnitOfWork, user_id: UUID) -> None:
    await unit.execute(VOID_EMAIL_CHANGE, user_id=user_id)


async def void_later_addresses(unit: UnitOfWork, user_id: UUID, *, since: datetime) -> None:
    """Void the tokens of what the account asks for, and of addresses that it had after the one until then."""
    await unit.execute(VOID_LATER_ADDRESSES, user_id=user_id, since=since)


async def delete_address_tokens_of(unit: UnitOfWork, user_id: UUID) -> None:
    await unit.execute(DELETE_ADDRESS_TOKENS_OF, user_id=user_id)
