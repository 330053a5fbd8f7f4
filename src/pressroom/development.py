"""What only development has: a database that is prepared, emptied and looked into by commands."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from contractgen_runtime.postgres import embedded
from pressroom import admin
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings

_LOCAL = {"", "localhost", "127.0.0.1", "::1"}
_EMPTY = "SET lock_timeout = '4s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def is_local(database_url: str) -> bool:
    """Return whether a database is on this machine: on the loopback interface or a Unix socket."""
    parts = urlsplit(database_url)
    hosts = [parts.hostname or "", *parse_qs(parts.query).get("host", [])]
    return all(host in _LOCAL or host.startswith("/") for host in hosts)


async def prepare(settings: Settings) -> None:
    """Bring the database to head, and make the administrator that developers log in as."""
    await MIGRATIONS.migrate(settings.database_url)
    await admin.ensure_development_admin(settings)


async def reset(settings: Settings) -> None:
    """Drop everything in the database and the mailbox, and prepare the database again."""
    connection = await asyncpg.connect(settings.database_url, timeout=5)
    try:
        await connection.execute(_EMPTY)
    finally:
        await connection.close()
    shutil.rmtree(settings.mailbox_dir, ignore_errors=True)
    await prepare(settings)


def run_psql(settings: Settings) -> int:
    """Run psql on the database and return its exit code; FileNotFoundError where there is no psql."""
    program = shutil.which("psql") or str(embedded.program("psql"))
    return subprocess.run([program, settings.database_url], check=False).returncode  # noqa: S603 - our own address, and nothing of a request


def code_folders() -> list[Path]:
    """Return the folders whose Python files the service is made of."""
    found = (find_spec(name) for name in ("contractgen_runtime", "pressroom", "pressroom_api"))
    return [Path(each.origin).parent for each in found if each and each.origin]
