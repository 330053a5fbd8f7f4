"""The service as a role that owns nothing and has what `pressroom migrate --print-grants` prints."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.tables import new_id
from load.service import isolated_environment
from pressroom.main import create_app
from pressroom.settings import Settings
from tests.contract.document import OPERATIONS
from tests.faults.requests import BODIES
from tests.security.writing import WRITING, body_of, prepare
from tests.service import ANY_VERSION, Actor, MakePost, MakeUser, serving

FORBIDDEN = [
    "CREATE TABLE anything (id int)",
    "ALTER TABLE users ADD COLUMN anything int",
    "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    "DROP TABLE posts",
    "TRUNCATE posts",
    "UPDATE audit_events SET created_at = now()",
    "DELETE FROM audit_events",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE ROLE another",
    "COPY users TO PROGRAM 'true'",
]


@pytest.fixture(scope="module")
def role(database_url: str) -> str:
    """Has what a name can have; all databases of a server have the same roles."""
    return f'the "serving" role of {urlsplit(database_url).path[1:]}'


@pytest.fixture(scope="module")
def printed(role: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    environment = isolated_environment(tmp_path_factory.mktemp("state"))
    command = [sys.executable, "-m", "pressroom.cli", "migrate", "--print-grants", role]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture
async def dsn(database: Database, database_url: str, role: str, printed: str) -> AsyncIterator[str]:
    """The address of the database for the role."""
    parts = urlsplit(database_url)
    quoted = '"' + role.replace('"', '""') + '"'
    owner = await asyncpg.connect(database_url)
    await owner.execute(f"CREATE ROLE {quoted} LOGIN")
    try:
        await owner.execute(printed)
        host = parts.netloc.rpartition("@")[2]
        yield urlunsplit(parts._replace(netloc=f"{quote(role)}@{host}"))
    finally:
        await owner.execute(f"DROP OWNED BY {quoted} CASCADE; DROP ROLE {quoted}")
        await owner.close()


@pytest.fixture
async def client(dsn: str, settings: Settings, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    changed = {"database_url": dsn, "mail_worker": True, "state_dir": tmp_path}
    async with serving(create_app(settings.model_copy(update=changed))) as client:
        yield client


async def test_every_operation_works(
    client: httpx.AsyncClient, make_user: MakeUser, make_post: MakePost
) -> None:
    statuses = {}
    for operation, each in OPERATIONS.items():
        deed, _ = await prepare(operation, make_user, make_post)
        body = body_of(operation) if operation in WRITING else BODIES.get(operation)
        path = each.path.format(**deed.ids, notification_id=new_id())
        done = await client.request(each.method, path, json=body, headers=ANY_VERSION, auth=deed.caller)
        statuses[operation] = done.status_code
    assert {name: status for name, status in statuses.items() if status >= 500} == {}
    assert {name for name in WRITING if statuses[name] >= 300} == set()


async def test_the_mail_is_sent(
    client: httpx.AsyncClient, admin: Actor, user: Actor, settings: Settings
) -> None:
    message = {"subject": "Welcome", "body": "Good to have you here."}
    answer = await client.post(f"/api/v1/users/{user.id}/notify", json=message, auth=admin)
    async with asyncio.timeout(20):
        while (await client.get(answer.headers["location"], auth=admin)).json()["state"] == "queued":
            await asyncio.sleep(0.02)
    assert (await client.get(answer.headers["location"], auth=admin)).json()["state"] == "sent"


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_it_may_do_nothing_else(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_statement_of_it_waits_for_a_lock_for_a_second(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SHOW lock_timeout") == "1s"
    await connection.close()
