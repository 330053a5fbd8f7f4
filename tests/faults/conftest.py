from collections.abc import AsyncIterator

import pytest

from pressroom.db import Database


@pytest.fixture
async def narrow(database_url: str, database: Database) -> AsyncIterator[Database]:
    """One connection only, so that one that is not given back shows at once."""
    narrow = Database(database_url, size=1, patience=0.3, command_timeout=2.0)
    await narrow.open()
    yield narrow
    await narrow.close()
