"""`pressroom migrate`: bring the database's schema to head."""

import argparse

from pressroom.commands.database import run as run_work
from pressroom.commands.database import with_database
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings


def run(settings: Settings, _: argparse.Namespace) -> None:
    dsn = with_database(settings).database_url
    print(f"the schema is at {run_work(MIGRATIONS.migrate(dsn))}")
