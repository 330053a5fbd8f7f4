"""`pressroom worker`: send the queued mail."""

import argparse

from pressroom import worker
from pressroom.commands.database import run as run_work
from pressroom.commands.database import with_database_at_head
from pressroom.settings import Settings


def run(settings: Settings, _: argparse.Namespace) -> None:
    run_work(worker.run(with_database_at_head(settings)))
