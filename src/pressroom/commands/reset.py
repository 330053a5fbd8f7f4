"""`pressroom reset`: empty the development database."""

import argparse
import shutil

import asyncpg

from pressroom.commands import development
from pressroom.commands.database import run as run_work
from pressroom.commands.database import with_database
from pressroom.commands.errors import REFUSED, CommandError
from pressroom.settings import Settings

_EMPTY = "SET lock_timeout = '4s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def run(settings: Settings, _: argparse.Namespace) -> None:
    development.require(settings, "reset")
    if not development.is_local(settings.database_url):
        raise CommandError("reset drops everything: DATABASE_URL must be of this machine", REFUSED)
    run_work(_reset(with_database(settings)))
    print("the database is empty but for the administrator")


async def _reset(settings: Settings) -> None:
    """Drop everything in the database and the mailbox, and prepare the database again."""
    connection = await asyncpg.connect(settings.database_url, timeout=5)
    try:
        await connection.execute(_EMPTY)
    finally:
        await connection.close()
    shutil.rmtree(settings.mailbox_dir, ignore_errors=True)
    await development.prepare(settings)
