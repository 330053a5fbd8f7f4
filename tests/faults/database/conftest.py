"""A service on a PostgreSQL of its own, which it reaches through a proxy."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from load.service import isolated_environment, prepare, serving
from pressroom.migrations import MIGRATIONS
from tests.faults.database.cluster import Cluster, small_disk
from tests.faults.database.load import Load
from tests.faults.database.silence import Silence
from tests.tiers import amount

_RAISED = {"PRESSROOM_RATE_LIMIT_SCALE": "100000", "PRESSROOM_PASSWORD_QUEUE": "10000"}


@dataclass
class Target:
    """What the faults happen to."""

    folder: Path
    cluster: Cluster
    silence: Silence
    tokens: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    pid: int = 0
    _service: ExitStack = field(default_factory=ExitStack)

    def load(self, *, may_cut: bool = False) -> Load:
        return Load(self.url, self.tokens[1:], self.tokens[0], may_cut)

    async def start(self) -> None:
        """Start the service; in a thread, for the proxy runs in this one."""
        options = ("--workers", str(amount(1, full=2)))
        starting = serving(str(self.folder), self.environment, *options)
        self.url, process = await asyncio.to_thread(self._service.enter_context, starting)
        self.pid = process.pid

    async def stop(self) -> None:
        await asyncio.to_thread(self._service.close)


@pytest.fixture(scope="module")
async def target() -> AsyncIterator[Target]:
    async with AsyncExitStack() as stack:
        blocking = stack.enter_context(ExitStack())
        folder = Path(blocking.enter_context(tempfile.TemporaryDirectory(prefix="pressroom-faults-")))
        folder.chmod(0o755)
        log = None
        with suppress(OSError):
            log = blocking.enter_context(small_disk(folder / "log", 128))
        cluster = Cluster(folder / "server")
        cluster.create(log=log)
        blocking.callback(cluster.stop)
        cluster.start()
        silence = Silence(cluster.url)
        address = await stack.enter_async_context(silence.listening())
        target = Target(folder, cluster, silence)
        target.environment = isolated_environment(folder) | _RAISED | {"DATABASE_URL": cluster.url}
        await MIGRATIONS.migrate(cluster.url)
        seeding = ["seed", "--users", "5", "--posts", "20", "--tokens", "5"]
        target.tokens = json.loads(prepare(seeding, str(folder), target.environment))["tokens"]
        target.environment["DATABASE_URL"] = f"postgresql://postgres@{address}/postgres"
        stack.push_async_callback(target.stop)
        await target.start()
        yield target


@pytest.fixture
def log(target: Target) -> Path:
    """The small file system of the write-ahead log."""
    return target.folder / "log"


@pytest.fixture
def disk(target: Target) -> Iterator[Path]:
    """A small file system for tables."""
    with small_disk(target.folder / "disk", 24) as folder:
        yield folder
