"""Each migration under load of the version before it: that goes on, and no request fails."""

import asyncio
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from alembic.script import ScriptDirectory

from contractgen_runtime.testing.checker import Checker
from contractgen_runtime.testing.contract import Contract
from contractgen_runtime.testing.witness import Witness
from load.service import isolated_environment, serving
from pressroom import migrations
from pressroom.migrations import MIGRATIONS
from tests.faults.database.cluster import Cluster, execute
from tests.house.project import ROOT
from tests.tiers import FULL, slow

pytestmark = slow

_SCRIPTS = ScriptDirectory(str(Path(migrations.__file__).parent))
#: From the second to the newest: before the first there was no version.
REVISIONS = [each.revision for each in reversed([*_SCRIPTS.walk_revisions()])][1:]
COMMAND = [sys.executable, "-c", "import sys; from pressroom.cli import main; sys.exit(main(sys.argv[1:]))"]
PASSWORD = "a password for migrations"
PERSON = {"full_name": "Ada Lovelace", "password": PASSWORD}
POST = {"title": "Notes", "content": "Some text.", "is_published": True}


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"the history is not here: {done.stderr.decode().strip()}")
    return done.stdout


def version_before(revision: str) -> str:
    """Return the commit before the one that added a revision; the newest if none has added it yet."""
    path = _SCRIPTS.get_revision(revision).path
    added = git("log", "--format=%H", "--diff-filter=A", "--", path).split()
    return f"{added[-1].decode()}^" if added else "HEAD"


@pytest.fixture
def former(revision: str) -> Iterator[Path]:
    """The code and the contract of the version before a revision."""
    with tempfile.TemporaryDirectory(prefix="pressroom-former-") as folder:
        archive = BytesIO(git("archive", version_before(revision), "src", "generated", "openapi"))
        with tarfile.open(fileobj=archive) as tar:
            tar.extractall(folder, filter="data")
        yield Path(folder)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="pressroom-migrations-") as text:
        folder = Path(text)
        folder.chmod(0o755)
        cluster = Cluster(folder / "server")
        cluster.create()
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture
async def database(cluster: Cluster) -> str:
    name = f"database_{uuid4().hex}"
    await execute(cluster.url, f"CREATE DATABASE {name}")
    return cluster.url.replace("/postgres?", f"/{name}?")


@contextmanager
def served(former: Path, database: str) -> Iterator[str]:
    """Run the version before, which brings the database to its own head."""
    with tempfile.TemporaryDirectory(prefix="pressroom-state-") as folder:
        environment = isolated_environment(Path(folder)) | {
            "DATABASE_URL": database,
            "PRESSROOM_RATE_LIMIT_SCALE": "100000",
            "PYTHONPATH": os.pathsep.join(str(former / name) for name in ("src", "generated", "")),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with serving(folder, environment, command=COMMAND) as (url, _):
            yield url


class Load:
    """Clients of a former version, whose contract has the paths that they may use."""

    def __init__(self, url: str, contract: Contract) -> None:
        self.done = 0
        self.statuses: Counter[tuple[str, int]] = Counter()
        self._contract = contract
        checker = Checker(contract)
        self._client = httpx.AsyncClient(
            transport=Witness(httpx.AsyncHTTPTransport(), checker), base_url=url, timeout=20
        )
        self._stops = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._client, asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(self._use())
            try:
                await self.progress()
                yield
            finally:
                self._stops = True

    async def progress(self) -> None:
        """Wait until every client has done all that it does once more."""
        goal = self.done + 8
        async with asyncio.timeout(60):
            while self.done < goal:
                await asyncio.sleep(0.05)

    async def _use(self) -> None:
        account = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        await self._send("POST", "/api/v1/auth/register", json=PERSON | account)
        token = ""
        for number in count():
            if self._stops:
                return
            if number % 5 == 0:
                token = (await self._send("POST", "/api/v1/auth/login", json=account))["access_token"]
            await self._round({"authorization": f"Bearer {token}", "if-match": "*"}, number)
            self.done += 1

    async def _round(self, headers: dict[str, str], number: int) -> None:
        me = await self._send("GET", "/api/v1/users/me", headers=headers)
        await self._send("PATCH", "/api/v1/users/me", headers=headers, json={"full_name": f"Ada {number}"})
        post = await self._send("POST", "/api/v1/posts", headers=headers, json=POST)
        path = f"/api/v1/posts/{post['id']}"
        await self._send("GET", path)
        await self._send("PATCH", path, headers=headers, json={"title": "Other notes"})
        await self._send("PATCH", path, headers=headers, json={"is_published": False})
        await self._send("POST", f"{path}/publish", headers=headers)
        await self._send("GET", "/api/v1/posts?limit=5")
        await self._send("GET", f"/api/v1/posts?author_id={me['id']}")
        await self._send("GET", "/api/v1/posts?q=notes")
        await self._send("GET", "/api/v1/users/me/posts", headers=headers)
        await self._send("DELETE", path, headers=headers)

    async def _send(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Send a request, until the database serves it; nothing if the contract does not have it."""
        if method not in self._contract.methods_of(path.partition("?")[0]):
            return {}
        while True:
            answer = await self._client.request(method, path, **options)
            self.statuses[f"{method} {path.partition('?')[0]}", answer.status_code] += 1
            if answer.status_code != 503:
                return dict(answer.json()) if answer.content else {}
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("revision", REVISIONS if FULL else REVISIONS[-1:])
async def test_the_version_before_goes_on(revision: str, former: Path, database: str) -> None:
    with ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, served(former, database))
        load = Load(url, Contract(former / "openapi" / "openapi.yaml"))
        async with load.running():
            await MIGRATIONS.migrate(database, to=revision)
            await load.progress()
        await asyncio.to_thread(stack.close)
    failed = {each: times for each, times in load.statuses.items() if each[1] >= 500 and each[1] != 503}
    assert failed == {}


async def test_two_versions_agree_on_what_is_published(database: str) -> None:
    """Between 0006 and 0014 the former one writes `is_published`, and the later one `published_at`."""
    await MIGRATIONS.migrate(database, to="0005")
    user, old, new = uuid4(), uuid4(), uuid4()
    connection = await asyncpg.connect(database)

    async def published(post_id: UUID) -> bool:
        row = await connection.fetchrow("SELECT is_published, published_at FROM posts WHERE id = $1", post_id)
        assert row is not None
        assert row["is_published"] == (row["published_at"] is not None)
        return bool(row["is_published"])

    await connection.execute(
        "INSERT INTO users (id, email, full_name, password_hash, role, is_active) "
        "VALUES ($1, 'a@b.c', 'Ada', '', 'user', true)",
        user,
    )
    by_old = "INSERT INTO posts (id, title, content, author_id, is_published) VALUES ($1, '', '', $2, true)"
    before = uuid4()
    await connection.execute(by_old, before, user)
    await MIGRATIONS.migrate(database, to="0006")
    await connection.execute(by_old, old, user)
    await connection.execute(
        "INSERT INTO posts (id, title, content, author_id) VALUES ($1, '', '', $2)", new, user
    )
    assert [await published(each) for each in (before, old, new)] == [True, True, False]
    for post_id in (old, new):
        for statement, expected in (
            ("is_published = false", False),
            ("is_published = true", True),
            ("title = 'x', is_published = true", True),
            ("published_at = NULL", False),
            ("published_at = now()", True),
            ("title = 'y'", True),
        ):
            await connection.execute(f"UPDATE posts SET {statement} WHERE id = $1", post_id)
            assert await published(post_id) == expected
    await connection.close()
