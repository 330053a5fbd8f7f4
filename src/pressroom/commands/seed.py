"""`pressroom seed`: users and posts in bulk, for trying the service out and for measuring it."""

import argparse
import asyncio
import json
import secrets
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    text,
)
from sqlmodel import col, insert

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.statements import Statement
from contractgen_runtime.postgres.tables import new_id, seconds
from pressroom.auth.tables import Session
from pressroom.commands import development
from pressroom.commands.database import run as run_work
from pressroom.commands.database import with_database_at_head
from pressroom.commands.errors import REFUSED, CommandError
from pressroom.passwords import hash_password
from pressroom.posts.tables import Post
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer
from pressroom.users.tables import User

DOMAIN = "example.com"
_DRAFT_EVERY = 10
_SENTENCE = (
    "The press room opened early and the first page was set before the morning train had left the station. "
)


class Account(TypedDict):
    email: str
    password: str


class Seeded(TypedDict):
    admin: Account
    user: Account
    #: Of different users; `emails` are theirs.
    tokens: list[str]
    emails: list[str]


def _each(name: str, kind: Any) -> Any:
    """One value of an array a row; the arrays of one statement go in step."""
    return func.unnest(bindparam(name, type_=ARRAY(kind)))


def _age(name: str) -> Any:
    """An array of seconds, as what can be taken from a time."""
    return _each(name, Integer) * literal_column("interval '1 second'")


#: Beside the administrator that `serve` makes in development there is room.
HAS_USERS: Statement[dict[str, bool]] = Statement(
    select(exists(select(col(User.id)).where(col(User.email) != development.EMAIL)).label("found"))
)

INSERT_USERS: Statement[Any] = Statement(
    insert(User).from_select(
        ["id", "email", "full_name", "role", "password_hash", "is_active", "created_at", "updated_at"],
        select(
            _each("ids", Uuid),
            _each("emails", Text),
            _each("full_names", Text),
            _each("roles", Text),
            bindparam("password_hash", type_=Text),
            literal_column("true"),
            func.now() - _age("ages"),
            func.now(),
        ),
    )
)

INSERT_POSTS: Statement[Any] = Statement(
    insert(Post).from_select(
        ["id", "title", "content", "published_at", "author_id", "created_at", "updated_at"],
        select(
            _each("ids", Uuid),
            _each("titles", Text),
            _each("contents", Text),
            func.now() - _age("published_ages"),
            _each("author_ids", Uuid),
            func.now() - _age("ages"),
            func.now(),
        ),
    )
)

INSERT_SESSIONS: Statement[Any] = Statement(
    insert(Session).from_select(
        ["id", "user_id", "expires_at"],
        select(_each("ids", Uuid), _each("user_ids", Uuid), func.now() + seconds("lifetime")),
    )
)

ANALYZE: Statement[Any] = Statement(text("ANALYZE users, posts, sessions"))


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    settings = with_database_at_head(settings)
    seeding = seed(settings, users=arguments.users, posts=arguments.posts, tokens=arguments.tokens)
    print(json.dumps(run_work(seeding)))


async def seed(settings: Settings, *, users: int, posts: int, tokens: int) -> Seeded:
    """Fill a database that has no users yet; the first user is an admin, all have one random password.

    Returns the two accounts to try, and tokens and addresses of `tokens` users. Raises CommandError.
    """
    if users < 2 or not 0 <= tokens <= users or posts < 0:
        raise CommandError("at least 2 users, 0 posts, and no more tokens than users", REFUSED)
    password = secrets.token_urlsafe(12)
    pepper = settings.password_pepper.get_secret_value().encode("utf-8", "surrogateescape")
    password_hash = await asyncio.to_thread(hash_password, password, pepper=pepper, cost=settings.bcrypt_cost)
    ids = [new_id() for _ in range(users)]
    emails = ["seeded-admin@" + DOMAIN] + [f"user{number}@{DOMAIN}" for number in range(1, users)]
    sessions = {user_id: new_id() for user_id in ids[:tokens]}
    await _store(
        settings.database_url, ids, emails, password_hash, posts, sessions, settings.session_lifetime
    )
    issuer = TokenIssuer(settings)
    return {
        "admin": {"email": emails[0], "password": password},
        "user": {"email": emails[1], "password": password},
        "tokens": [issuer.issue(user_id, session_id) for user_id, session_id in sessions.items()],
        "emails": emails[:tokens],
    }


async def _store(
    dsn: str,
    ids: list[UUID],
    emails: list[str],
    password_hash: str,
    posts: int,
    sessions: dict[UUID, UUID],
    lifetime: int,
) -> None:
    numbers = range(len(ids))
    database = Database(dsn, size=1, command_timeout=120)
    try:
        async with database.transaction() as unit:
            found = await unit.fetch_one(HAS_USERS)
            if found and found["found"]:
                raise CommandError("this database has users already; seed an empty one", REFUSED)
            await unit.execute(
                INSERT_USERS,
                ids=ids,
                emails=emails,
                full_names=["Ada Admin"] + [f"Reader {number}" for number in numbers[1:]],
                roles=["admin"] + ["user"] * len(numbers[1:]),
                password_hash=password_hash,
                ages=[len(ids) - number for number in numbers],
            )
            await unit.execute(
                INSERT_POSTS,
                ids=[new_id() for _ in range(posts)],
                titles=[f"Notes from the press room, part {number}" for number in range(1, posts + 1)],
                contents=[f"{number}. {_SENTENCE * 3}"[:240] for number in range(1, posts + 1)],
                published_ages=[
                    posts - number if (number + 1) % _DRAFT_EVERY else None for number in range(posts)
                ],
                author_ids=[ids[number % len(ids)] for number in range(posts)],
                ages=[posts - number for number in range(posts)],
            )
            await unit.execute(
                INSERT_SESSIONS,
                ids=list(sessions.values()),
                user_ids=list(sessions),
                lifetime=float(lifetime),
            )
            await unit.execute(ANALYZE)
    finally:
        await database.close()
