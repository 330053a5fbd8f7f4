"""`pressroom dead-letters`: list the mail that was given up."""

import argparse

from pressroom.commands.database import run as run_work
from pressroom.commands.database import transaction, with_database_at_head
from pressroom.outbox import DeadJob, select_dead
from pressroom.settings import Settings


def run(settings: Settings, _: argparse.Namespace) -> None:
    for job in run_work(_dead_jobs(with_database_at_head(settings))):
        when = job["dead_at"].isoformat(timespec="seconds")
        print(job["id"], job["kind"], job["attempts"], when, job["last_error"])


async def _dead_jobs(settings: Settings) -> list[DeadJob]:
    async with transaction(settings) as unit:
        return await select_dead(unit)
