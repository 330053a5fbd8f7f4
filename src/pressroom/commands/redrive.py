"""`pressroom redrive`: try to send mail again that was given up."""

import argparse
from collections.abc import Sequence
from uuid import UUID

from pressroom.commands.database import run as run_work
from pressroom.commands.database import transaction, with_database_at_head
from pressroom.commands.errors import REFUSED, CommandError
from pressroom.outbox import revive, select_dead
from pressroom.settings import Settings


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    settings = with_database_at_head(settings)
    missing = run_work(_redrive(settings, None if arguments.all else arguments.ids))
    if missing:
        raise CommandError(f"no dead letter: {', '.join(map(str, missing))}", REFUSED)


async def _redrive(settings: Settings, ids: Sequence[UUID] | None) -> list[UUID]:
    """Let dead jobs start over, all of them for None; return the ids that are no dead jobs."""
    async with transaction(settings) as unit:
        wanted = [job["id"] for job in await select_dead(unit)] if ids is None else ids
        return [job_id for job_id in wanted if not await revive(unit, job_id)]
