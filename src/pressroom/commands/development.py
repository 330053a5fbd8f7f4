"""Shared parts of the commands that exist only in development."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pressroom.commands.create_admin import insert_admin
from pressroom.commands.database import transaction
from pressroom.commands.errors import REFUSED, CommandError
from pressroom.migrations import MIGRATIONS
from pressroom.settings import Settings
from pressroom.users.queries import select_account

#: Whom developers log in as.
EMAIL = "admin@example.com"

_LOCAL = {"", "localhost", "127.0.0.1", "::1"}


def require(settings: Settings, what: str) -> None:
    """Raise CommandError unless this is development."""
    if not settings.is_development:
        raise CommandError(f"{what} is for development only (PRESSROOM_ENVIRONMENT)", REFUSED)


def is_local(database_url: str) -> bool:
    """Return whether a database is on this machine: on the loopback interface or a Unix socket."""
    parts = urlsplit(database_url)
    hosts = [parts.hostname or "", *parse_qs(parts.query).get("host", [])]
    return all(host in _LOCAL or host.startswith("/") for host in hosts)


async def prepare(settings: Settings) -> None:
    """Bring the database to head, and make the administrator once, with the kept password."""
    await MIGRATIONS.migrate(settings.database_url)
    async with transaction(settings) as unit:
        known = await select_account(unit, EMAIL)
    if known is None:
        password = settings.development_admin_password.get_secret_value()
        await insert_admin(settings, email=EMAIL, full_name="Development Admin", password=password)


def code_folders() -> list[Path]:
    """Return the folders whose Python files the service is made of."""
    found = (find_spec(name) for name in ("contractgen_runtime", "pressroom", "pressroom_api"))
    return [Path(each.origin).parent for each in found if each and each.origin]
