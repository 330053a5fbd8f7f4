"""`pressroom psql`: look into the development database."""

import argparse
import shutil
import subprocess

from contractgen_runtime.postgres import embedded
from pressroom.commands import development
from pressroom.commands.database import with_database
from pressroom.commands.errors import REFUSED, CommandError
from pressroom.settings import Settings


def run(settings: Settings, _: argparse.Namespace) -> None:
    development.require(settings, "psql")
    dsn = with_database(settings).database_url
    try:
        program = shutil.which("psql") or str(embedded.program("psql"))
    except FileNotFoundError as error:
        raise CommandError(str(error), REFUSED) from None
    code = subprocess.run([program, dsn], check=False).returncode  # noqa: S603 - our own address, and nothing of a request
    if code:
        raise CommandError(f"psql ended with exit code {code}", REFUSED)
