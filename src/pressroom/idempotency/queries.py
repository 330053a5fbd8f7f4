"""Statements on idempotency keys, and the functions that run them."""

from datetime import timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from pressroom.idempotency.tables import IdempotencyKey, StoredAnswer

#: How long a key is known.
LIFETIME = timedelta(hours=24)


class KeyedRequest(TypedDict):
    caller_id: UUID
    operation: str
    key: str


_REQUEST = ("caller_id", "operation", "key")
_ANSWER = ("subject_id", "fingerprint", "response", "content")
_IS_EXPIRED = col(IdempotencyKey.created_at) <= func.now() - LIFETIME

SELECT_ANSWER: Statement[StoredAnswer] = Statement(
    select(*(col(getattr(IdempotencyKey, name)) for name in _ANSWER)).where(
        *(col(getattr(IdempotencyKey, name)) == bindparam(name) for name in _REQUEST),
        col(IdempotencyKey.created_at) > func.now() - LIFETIME,
    )
)

_insert = insert(IdempotencyKey).values({name: bindparam(name) for name in _REQUEST + _ANSWER})
INSERT_ANSWER: Statement[Any] = Statement(
    _insert.on_conflict_do_update(
        index_elements=_REQUEST,
        set_={name: _insert.excluded[name] for name in _ANSWER} | {"created_at": func.now()},
        where=_IS_EXPIRED,
    )
)

_account = bindparam("user_id", type_=Uuid)
DELETE_ANSWERS_OF: Statement[Any] = Statement(
    delete(IdempotencyKey).where(
        or_(col(IdempotencyKey.caller_id) == _account, col(IdempotencyKey.subject_id) == _account)
    )
)

DELETE_EXPIRED: Statement[Any] = Statement(delete(IdempotencyKey).where(_IS_EXPIRED))


async def select_answer(unit: UnitOfWork, request: KeyedRequest) -> StoredAnswer | None:
    """Return the response to a request with this key within the lifetime of keys."""
    return await unit.fetch_one(SELECT_ANSWER, **request)


async def insert_answer(unit: UnitOfWork, request: KeyedRequest, answer: StoredAnswer) -> bool:
    """Return whether this request is the first with its key; wait for another one that has not ended."""
    return await unit.execute(INSERT_ANSWER, **request, **answer) == 1


async def delete_answers_of(unit: UnitOfWork, user_id: UUID) -> None:
    """Delete the responses to an account, and those to others about it; their keys can be used again."""
    await unit.execute(DELETE_ANSWERS_OF, user_id=user_id)


async def delete_expired_keys(unit: UnitOfWork) -> None:
    await unit.execute(DELETE_EXPIRED)
