"""`pressroom migrate`: bring the database's schema to head, or print what the serving role needs."""

import argparse

from pressroom.commands.database import run as run_work
from pressroom.commands.database import with_database
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    if arguments.print_grants:
        from pressroom.grants import grants  # noqa: PLC0415 - imports every table

        print("\n".join(grants(arguments.print_grants)))
        return
    dsn = with_database(settings).database_url
    print(f"the schema is at {run_work(MIGRATIONS.migrate(dsn))}")
