"""The sample data: what it promises, and how fast it comes."""

from collections import Counter
from time import monotonic
from typing import Any
from uuid import UUID

import jwt
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement
from pressroom.commands.errors import CommandError
from pressroom.commands.seed import seed
from pressroom.passwords import verify_password
from pressroom.posts.queries import list_feed
from pressroom.posts.tables import Post
from pressroom.settings import Settings
from pressroom.users.queries import list_users, select_account

PEPPER = "pepper of the seed test, long enough"
PUBLISHED: Statement[dict[str, Any]] = Statement(
    select(col(Post.published_at).is_not(None).label("is_published"), col(Post.author_id))
)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        environment="development",
        database_url=database_url,
        token_secret=SecretStr("token secret of the seed test, long enough"),
        password_pepper=SecretStr(PEPPER),
        bcrypt_cost=4,
    )


async def test_seeded_accounts_and_tokens_work(
    database: Database, database_url: str, settings: Settings
) -> None:
    seeded = await seed(settings, users=20, posts=50, tokens=5)
    unit = UnitOfWork(database)
    for account, role in ((seeded["admin"], "admin"), (seeded["user"], "user")):
        found = await select_account(unit, account["email"])
        assert found is not None
        user, password_hash = found
        assert user["role"] == role
        assert verify_password(account["password"], password_hash, pepper=PEPPER.encode())
    page = await list_users(unit, page=1, size=100)
    assert page["total"] == 20
    assert Counter(user["role"] for user in page["items"]) == {"admin": 1, "user": 19}
    subjects = [
        UUID(jwt.decode(token, options={"verify_signature": False})["sub"]) for token in seeded["tokens"]
    ]
    assert len(set(subjects)) == 5
    ids = {user["email"]: user["id"] for user in page["items"]}
    assert subjects == [ids[email] for email in seeded["emails"]]


async def test_seeded_posts(database: Database, database_url: str, settings: Settings) -> None:
    await seed(settings, users=20, posts=50, tokens=0)
    rows = await UnitOfWork(database).fetch_all(PUBLISHED)
    assert Counter(row["is_published"] for row in rows) == {True: 45, False: 5}
    assert len({row["author_id"] for row in rows}) == 20
    feed = await list_feed(UnitOfWork(database), limit=100)
    assert len({row["published_at"] for row in feed}) == 45
    assert {len(row["content"]) for row in feed} == {240}


async def test_a_database_with_users_is_left_alone(
    database: Database, database_url: str, settings: Settings
) -> None:
    await seed(settings, users=2, posts=1, tokens=2)
    with pytest.raises(CommandError, match="has users"):
        await seed(settings, users=5, posts=5, tokens=1)
    assert (await list_users(UnitOfWork(database), page=1, size=1))["total"] == 2


@pytest.mark.parametrize(("users", "posts", "tokens"), [(1, 1, 1), (2, 1, 3), (2, -1, 0)])
async def test_impossible_figures_are_refused(
    database_url: str, settings: Settings, users: int, posts: int, tokens: int
) -> None:
    with pytest.raises(CommandError, match="at least 2 users"):
        await seed(settings, users=users, posts=posts, tokens=tokens)


async def test_ten_thousand_of_each_take_seconds(
    database: Database, database_url: str, settings: Settings
) -> None:
    started = monotonic()
    await seed(settings, users=10_000, posts=10_000, tokens=10)
    assert monotonic() - started < 15
