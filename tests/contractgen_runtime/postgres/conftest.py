"""A database of the run-time's own, which has nothing of a service."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from contractgen_runtime.postgres.db import Database
from contractgen_runtime.postgres.testing import empty, temporary_database
from tests.contractgen_runtime.postgres.units import make_schema


@pytest.fixture(scope="session")
def database_url(testrun_uid: str, worker_id: str) -> Iterator[str]:
    with temporary_database("runtime", make_schema, run=testrun_uid, worker=worker_id) as dsn:
        yield dsn


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """That database, open and empty."""
    await empty(database_url, ["people"])
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def narrow(database_url: str, database: Database) -> AsyncIterator[Database]:
    """One connection only, so that one that is not given back shows at once."""
    narrow = Database(database_url, size=1, acquire_timeout=0.3, command_timeout=2.0)
    await narrow.open()
    yield narrow
    await narrow.close()


@pytest.fixture
def statements(database: Database) -> list[str]:
    """The texts of the statements that the database is sent from now on."""
    sent: list[str] = []

    async def trace(name: str, work: Any) -> Any:
        sent.append(name)
        return await work

    database.trace = trace
    return sent
