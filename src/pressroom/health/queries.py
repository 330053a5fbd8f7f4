"""The smallest question that only a working database answers."""

from typing import Any

from sqlalchemy import literal, select

from contractgen_runtime.postgres.db import UnitOfWork
from contractgen_runtime.postgres.statements import Statement

PING: Statement[dict[str, Any]] = Statement(select(literal(1).label("pong")))


async def ping(unit: UnitOfWork) -> None:
    """Returns when the database answers; raises Unavailable when it does not."""
    await unit.fetch_one(PING)
