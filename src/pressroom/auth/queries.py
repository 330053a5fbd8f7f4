"""Statements on sessions and refresh tokens, and the functions that run them.

Ending and refreshing a session both lock its row first, so they take turns.
"""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Double,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    extract,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, insert, update

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import KeyedStatement, Statement
from contractgen_runtime.postgres.tables import new_id, seconds
from pressroom.auth.tables import RefreshToken, Session, SessionRow
from pressroom.users.queries import USER_COLUMNS
from pressroom.users.tables import User, UserRow

MOST_SESSIONS = 100


class NewSession(TypedDict):
    """The values of a new session: `digest` is of its first refresh token, `lifetime` in seconds."""

    user_id: UUID
    password_hash: str
    digest: bytes
    lifetime: float
    address: str | None
    user_agent: str | None


class PresentedToken(TypedDict):
    """A refresh token of a live session: seconds since its use, None before, and whether the next is used.

    `digest` and `next_digest` are those of the two that are stored.
    """

    digest: bytes
    next_digest: bytes | None
    used_for: float | None
    is_next_used: bool
    user: UserRow


_IS_LIVE = col(Session.expires_at) > func.now()
_OWNER = bindparam("user_id", type_=Uuid)

# On every authenticated request: the session's state rides on the statement that loads the user.
SELECT_CALLER: KeyedStatement[UserRow] = KeyedStatement(
    select(*USER_COLUMNS)
    .join(Session, col(Session.user_id) == col(User.id))
    .where(_IS_LIVE, col(User.is_active)),
    col(Session.id),
)


def is_admitted(session: Any, role: Any) -> tuple[Any, ...]:
    """Return the conditions on a caller's account and session: it is what it was when it was admitted."""
    return col(Session.id) == session, col(User.role) == role, col(User.is_active), _IS_LIVE


# Where a caller writes: it stays so until the transaction ends. The account is locked before the session, as
# by everything that locks both.
ADMITTED: Statement[dict[str, UUID]] = Statement(
    admitted := select(col(User.id))
    .join(Session, col(Session.user_id) == col(User.id))
    .where(*is_admitted(bindparam("caller_session", type_=Uuid), bindparam("caller_role", type_=Text)))
    .with_for_update(read=True, of=[User, Session])
)

# Only for the password that was checked: while it was hashed, it may have been changed, which ends sessions.
_account = (
    select(col(User.id))
    .where(
        col(User.id) == _OWNER,
        col(User.password_hash) == bindparam("password_hash", type_=Text),
        col(User.is_active),
    )
    .with_for_update(read=True)
    .cte("account")
)
_surplus = (
    select(col(Session.id))
    .where(col(Session.user_id) == _OWNER)
    .order_by(col(Session.last_used_at).desc(), col(Session.id).desc())
    .offset(MOST_SESSIONS - 1)
)
_pushed_out = (
    delete(Session).where(col(Session.id).in_(_surplus)).returning(col(Session.id)).cte("pushed_out")
)
_started = (
    insert(Session)
    .from_select(
        ["id", "user_id", "address", "user_agent", "expires_at"],
        select(
            bindparam("id", type_=Uuid),
            _account.c.id,
            bindparam("address", type_=Text),
            bindparam("user_agent", type_=Text),
            func.now() + seconds("lifetime"),
        ),
    )
    .returning(col(Session.id))
    .cte("started")
)
START_SESSION: Statement[dict[str, UUID]] = Statement(
    insert(RefreshToken)
    .from_select(["digest", "session_id"], select(bindparam("digest", type_=LargeBinary), _started.c.id))
    .returning(col(RefreshToken.session_id))
    .add_cte(_pushed_out)
)

# A token has a digest under each secret that is known.
_IS_PRESENTED = col(RefreshToken.digest) == func.any(bindparam("digests", type_=ARRAY(LargeBinary)))

LOCK_SESSION: Statement[dict[str, UUID]] = Statement(
    select(col(Session.id))
    .join(RefreshToken, col(RefreshToken.session_id) == col(Session.id))
    .where(_IS_PRESENTED)
    .with_for_update(of=Session)
)

_next: Any = aliased(RefreshToken)
_age = func.statement_timestamp() - col(RefreshToken.used_at)
SELECT_PRESENTED: Statement[dict[str, Any]] = Statement(
    select(
        col(RefreshToken.digest),
        _next.digest.label("next_digest"),
        extract("epoch", _age).cast(Double).label("used_for"),
        _next.used_at.is_not(None).label("is_next_used"),
        *USER_COLUMNS,
    )
    .join(Session, col(Session.user_id) == col(User.id))
    .join(RefreshToken, col(RefreshToken.session_id) == col(Session.id))
    .outerjoin(_next, _next.digest == func.any(bindparam("next_digests", type_=ARRAY(LargeBinary))))
    .where(_IS_PRESENTED, _IS_LIVE, col(User.is_active))
)

_used = (
    update(RefreshToken)
    .where(col(RefreshToken.digest) == bindparam("digest", type_=LargeBinary))
    .values(used_at=func.statement_timestamp())
    .returning(col(RefreshToken.session_id))
    .cte("used")
)
_renewed = (
    update(Session)
    .where(col(Session.id) == _used.c.session_id)
    .values(
        last_used_at=func.now(),
        expires_at=func.least(
            col(Session.created_at) + seconds("longest_lifetime"), func.now() + seconds("lifetime")
        ),
    )
    .returning(col(Session.id))
    .cte("renewed")
)
ROTATE: Statement[Any] = Statement(
    insert(RefreshToken).from_select(
        ["digest", "session_id"], select(bindparam("next_digest", type_=LargeBinary), _renewed.c.id)
    )
)

LIST_SESSIONS: Statement[SessionRow] = Statement(
    select(
        col(Session.id),
        col(Session.address),
        col(Session.user_agent),
        (col(Session.id) == bindparam("current", type_=Uuid)).label("is_current"),
        col(Session.created_at),
        col(Session.last_used_at),
        col(Session.expires_at),
    )
    .where(col(Session.user_id) == _OWNER, _IS_LIVE)
    .order_by(col(Session.last_used_at).desc(), col(Session.id).desc())
    .limit(literal_column(str(MOST_SESSIONS)))
)

END_SESSION: Statement[Any] = Statement(
    delete(Session).where(col(Session.id) == bindparam("session_id"), col(Session.user_id) == _OWNER)
)
_spared = bindparam("spared", type_=Uuid)
END_SESSIONS: Statement[Any] = Statement(
    delete(Session).where(col(Session.user_id) == _OWNER, or_(_spared.is_(None), col(Session.id) != _spared))
)

# The version of the account stays: it is the same password.
RENEW_HASH: Statement[Any] = Statement(
    update(User)
    .where(
        col(User.id) == _OWNER, col(User.password_hash) == bindparam("old", type_=Text), col(User.is_active)
    )
    .values({User.password_hash: bindparam("new", type_=Text)})
)
#: The cost stands at a fixed place: `v1$$2b$12$...`; a deleted account has nothing there.
MOST_EXPENSIVE: Statement[dict[str, str | None]] = Statement(
    select(func.max(func.substr(col(User.password_hash), 8, 2)).label("cost"))
)

DELETE_EXPIRED: Statement[Any] = Statement(delete(Session).where(col(Session.expires_at) <= func.now()))


async def select_caller(unit: UnitOfWork, session_id: UUID) -> UserRow | None:
    """Return the active user of a live session."""
    return await unit.fetch_by_key(SELECT_CALLER, session_id)


async def start_session(unit: UnitOfWork, **session: Unpack[NewSession]) -> UUID | None:
    """Start a session with its first refresh token; None if the account has another password by now."""
    row = await unit.fetch_one(START_SESSION, id=new_id(), **session)
    return row["session_id"] if row else None


async def lock_session_of(unit: UnitOfWork, digests: Sequence[bytes]) -> UUID | None:
    """Lock the session of a refresh token: nobody else can refresh or end it until this unit of work ends."""
    row = await unit.fetch_one(LOCK_SESSION, digests=digests)
    return row["id"] if row else None


async def select_presented(
    unit: UnitOfWork, digests: Sequence[bytes], next_digests: Sequence[bytes]
) -> PresentedToken | None:
    """Return the record of a refresh token; None unless its session is live and the account active."""
    row = await unit.fetch_one(SELECT_PRESENTED, digests=digests, next_digests=next_digests)
    if row is None:
        return None
    known = {name: row.pop(name) for name in ("digest", "next_digest", "used_for", "is_next_used")}
    return cast(PresentedToken, known | {"user": row})


async def rotate(
    unit: UnitOfWork, digest: bytes, next_digest: bytes, *, lifetime: float, longest_lifetime: float
) -> None:
    """Use a refresh token up, let the next one take its place, and let the session live on."""
    await unit.execute(
        ROTATE, digest=digest, next_digest=next_digest, lifetime=lifetime, longest_lifetime=longest_lifetime
    )


async def list_sessions(unit: UnitOfWork, user_id: UUID, *, current: UUID) -> list[SessionRow]:
    """Return the live sessions of a user, the one used last first."""
    return await unit.fetch_all(LIST_SESSIONS, user_id=user_id, current=current)


async def end_session(unit: UnitOfWork, user_id: UUID, session_id: UUID) -> bool:
    """End a session; return whether the user had it."""
    return await unit.execute(END_SESSION, user_id=user_id, session_id=session_id) == 1


async def end_sessions(unit: UnitOfWork, user_id: UUID, *, spared: UUID | None = None) -> int:
    """End all sessions of a user but the spared one; return their number."""
    return await unit.execute(END_SESSIONS, user_id=user_id, spared=spared)


async def renew_hash(unit: UnitOfWork, user_id: UUID, *, old: str, new: str) -> bool:
    """Replace the hash of the same password; return whether the active account still had the old one."""
    return await unit.execute(RENEW_HASH, user_id=user_id, old=old, new=new) == 1


async def select_highest_cost(unit: UnitOfWork) -> int:
    """The cost of the most expensive stored password; 0 if there is none."""
    cost = (await unit.fetch_row(MOST_EXPENSIVE))["cost"] or ""
    return int(cost) if cost.isdecimal() else 0


async def delete_expired_sessions(unit: UnitOfWork) -> None:
    await unit.execute(DELETE_EXPIRED)
