"""Fixtures of all tests."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import hypothesis
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser
from pydantic import SecretStr

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from contractgen_runtime.postgres.testing import empty, temporary_database
from contractgen_runtime.testing.completeness import Completeness
from pressroom import outbox
from pressroom.auth.queries import start_session
from pressroom.credentials.mail import AccountMail
from pressroom.credentials.queries import (
    grant_address_token,
    grant_token,
    keep_email,
    request_email,
    select_password_hash,
)
from pressroom.credentials.tables import EMAIL_UNDO_MAIL
from pressroom.mail import Letter
from pressroom.main import create_app
from pressroom.migrations import MIGRATIONS
from pressroom.passwords import hash_password
from pressroom.posts.queries import hide_post, insert_post
from pressroom.posts.tables import PostRow
from pressroom.refresh_tokens import RefreshTokens
from pressroom.schema import metadata
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer, digest_of, opaque_token
from pressroom.users.queries import insert_user, update_user
from pressroom_api import models
from tests import distribution
from tests.browser.chromium import EXECUTABLE, Tab, chromium, tab_of
from tests.contract.witness import CHECKER
from tests.service import (
    PASSWORD,
    Actor,
    Letters,
    MakeAddressToken,
    MakeMailedToken,
    MakePost,
    MakeSession,
    MakeUser,
    ReadMail,
    serving,
)
from tests.tiers import amount, slow

PEPPER = "the tests' own pepper, again 32 bytes and more"

# The same examples in every run, and no limit that a busy machine would break.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    max_examples=amount(30, full=500),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.register(distribution, "distribution-by-module")  # before the processes are counted
    parser.addoption("--update-images", action="store_true", help="make docs/images anew in tests/browser")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Completeness(config, CHECKER), "contract-completeness")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that open a browser, which takes seconds."""
    for item in items:
        if "tab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(slow)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once in each process of the tests."""
    if EXECUTABLE is None:
        pytest.skip("no Chromium is installed")
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    """A page of the browser that records its requests and errors."""
    async with tab_of(browser) as tab:
        yield tab


@pytest.fixture(scope="session")
def database_url(testrun_uid: str, worker_id: str) -> Iterator[str]:
    """A migrated database of this test process's own."""
    with temporary_database("pressroom", MIGRATIONS.migrate, run=testrun_uid, worker=worker_id) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def sweeper(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that empties the database before each test."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def database(
    database_url: str, sweeper: "asyncpg.Connection[asyncpg.Record]"
) -> AsyncIterator[Database]:
    """That database, open and with every table empty."""
    # The audit trail is append-only, also for those who own it: they have to take its guard away first.
    is_cut = sweeper.is_closed()  # by a test that ends every session
    await empty(database_url if is_cut else sweeper, metadata.tables, append_only=["audit_events"])
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Development settings, every one of them, so that none comes from the environment; no mail worker."""
    return Settings(
        environment="development",
        database_url=database_url,
        token_secret=SecretStr("the tests' own token secret, 32 bytes and more"),
        password_pepper=SecretStr(PEPPER),
        cors_origins=("http://localhost:3000",),
        allowed_hosts=("testserver",),
        public_url="http://testserver",
        bcrypt_cost=4,
        token_lifetime=1800,
        rate_limit_scale=1000,
        pool_size=5,
        smtp_url=SecretStr(""),
        mail_worker=False,
        state_dir=tmp_path,
    )


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    """The application on the emptied database; `client` runs it."""
    return create_app(settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose every answer is held against the contract."""
    async with serving(app) as client:
        yield client


@pytest.fixture(scope="session")
def password_hash() -> str:
    """What is stored of PASSWORD."""
    return hash_password(PASSWORD, pepper=PEPPER.encode(), cost=4)


@pytest.fixture
def make_session(settings: Settings, database: Database) -> MakeSession:
    """Opens another session of an account, past the service."""
    tokens, refresh = TokenIssuer(settings), RefreshTokens(settings)

    async def make(actor: Actor) -> Actor:
        refresh_token = opaque_token()
        async with database.transaction() as unit:
            session_id = await start_session(
                unit,
                user_id=actor.id,
                password_hash=await select_password_hash(unit, actor.id),
                digest=refresh.digests(refresh_token)[0],
                lifetime=3600,
                address=None,
                user_agent=None,
            )
        assert session_id is not None
        token = tokens.issue(actor.id, session_id)
        return replace(actor, token=token, session_id=session_id, refresh_token=refresh_token)

    return make


@pytest.fixture
def make_user(database: Database, password_hash: str, make_session: MakeSession) -> MakeUser:
    """Makes an account with PASSWORD and a session of it, past the service."""
    numbers = count(1)

    async def make(
        role: models.Role = "user",
        *,
        is_active: bool = True,
        email: str = "",
        full_name: str = "Ada Lovelace",
    ) -> Actor:
        async with database.transaction() as unit:
            user = await insert_user(
                unit,
                email=email or f"account{next(numbers)}@example.com",
                full_name=full_name,
                password_hash=password_hash,
                role=role,
            )
        assert user is not None
        actor = await make_session(Actor(user, "", new_id(), ""))
        if is_active:
            return actor
        async with database.transaction() as unit:
            user = await update_user(unit, user["id"], is_active=False)
        assert user is not None
        return replace(actor, user=user)

    return make


@pytest.fixture
def make_mailed_token(database: Database) -> MakeMailedToken:
    """Lets an account have a token as if a mail had brought it."""

    async def make(actor: Actor, purpose: str, *, lifetime: float = 60) -> str:
        token = opaque_token()
        async with database.transaction() as unit:
            await grant_token(unit, actor.id, purpose, digest_of(token), lifetime=lifetime)
        return token

    return make


@pytest.fixture
def make_address_token(database: Database) -> MakeAddressToken:
    """Lets an account have a token that gives it an address, as if a mail had brought it.

    With a lifetime below 0 it has expired since the mail was made.
    """

    async def make(actor: Actor, purpose: str, email: str, *, lifetime: float = 60) -> str:
        token = opaque_token()
        async with database.transaction() as unit:
            if purpose == EMAIL_UNDO_MAIL:
                token_id: UUID | None = await keep_email(unit, actor.id, email, lifetime=60)
            else:
                known = await select_password_hash(unit, actor.id)
                token_id = await request_email(unit, actor.id, email, password_hash=known, lifetime=60)
            assert token_id is not None
            assert await grant_address_token(unit, token_id, digest_of(token))
        connection = await database.connect()
        await connection.execute(
            "UPDATE address_tokens SET expires_at = now() + $2 * interval '1 second' WHERE id = $1",
            token_id,
            lifetime,
        )
        await connection.close()
        return token

    return make


@pytest.fixture
def read_mail(database: Database, settings: Settings) -> ReadMail:
    """Does the queued jobs of account mails; what was in the mails."""

    async def read() -> list[Letter]:
        letters = Letters()
        mail = AccountMail(database, letters, link_base=settings.link_base)
        async with database.transaction() as unit:
            jobs = await outbox.claim(unit, limit=100, lease=60, running=[])
        for job in jobs:
            await mail.run(job)
        return letters.sent

    return read


@pytest.fixture
def make_post(database: Database) -> MakePost:
    """Makes a post, past the service."""

    async def make(
        author: Actor,
        *,
        is_published: bool = True,
        title: str = "Notes",
        content: str = "Some text.",
        hidden_reason: str | None = None,
    ) -> PostRow:
        async with database.transaction() as unit:
            post = await insert_post(
                unit, title=title, content=content, is_published=is_published, author_id=author.id
            )
            if hidden_reason is None:
                return post
            hidden = await hide_post(unit, post["id"], reason=hidden_reason)
        assert hidden is not None
        return hidden

    return make


@pytest.fixture
async def user(make_user: MakeUser) -> Actor:
    return await make_user()


@pytest.fixture
async def other(make_user: MakeUser) -> Actor:
    """A user who owns nothing."""
    return await make_user()


@pytest.fixture
async def moderator(make_user: MakeUser) -> Actor:
    return await make_user("moderator")


@pytest.fixture
async def admin(make_user: MakeUser) -> Actor:
    return await make_user("admin")


@pytest.fixture
async def deactivated(make_user: MakeUser) -> Actor:
    """An admin whose account was deactivated after the token was issued."""
    return await make_user("admin", is_active=False)


@pytest.fixture
async def demoted(make_user: MakeUser, database: Database) -> Actor:
    """A user who was an admin when the token was issued."""
    actor = await make_user("admin")
    async with database.transaction() as unit:
        await update_user(unit, actor.id, role="user")
    return actor


@pytest.fixture
def actors(
    user: Actor, other: Actor, moderator: Actor, admin: Actor, deactivated: Actor, demoted: Actor
) -> dict[str, Actor]:
    """All of them by name."""
    return {
        "user": user,
        "other": other,
        "moderator": moderator,
        "admin": admin,
        "deactivated": deactivated,
        "demoted": demoted,
    }
