"""Jobs that were given up: looked at and started over by a person."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.outbox import DeadJob, revive, select_dead
from pressroom.settings import Settings


async def dead_letters(settings: Settings) -> list[DeadJob]:
    """The dead jobs, the oldest first."""
    async with _transaction(settings) as unit:
        return await select_dead(unit)


async def redrive(settings: Settings, ids: Sequence[UUID] | None) -> list[UUID]:
    """Let dead jobs start over, all of them for None; those of the ids that are no dead jobs."""
    async with _transaction(settings) as unit:
        wanted = [job["id"] for job in await select_dead(unit)] if ids is None else ids
        return [job_id for job_id in wanted if not await revive(unit, job_id)]


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[UnitOfWork]:
    database = Database(settings.database_url, size=1)
    try:
        async with database.transaction() as unit:
            yield unit
    finally:
        await database.close()
