"""Where the blocks of a page run: in an empty folder, in a copy of the checkout, or beside a Pressroom."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from contractgen_runtime.postgres.testing import temporary_database
from load.service import isolated_environment, service
from tests.house.project import ROOT, tracked

#: What a page supposes to be there: the files in the folder of its name.
GIVEN = Path(__file__).with_name("given")
#: Opened with a folder to fill and the URL of a database; yields variables of the shell.
World = Callable[[Path, str], AbstractContextManager[Mapping[str, str]]]


@contextmanager
def checkout(folder: Path, database_url: str) -> Iterator[Mapping[str, str]]:
    """Copy what is tracked."""
    del database_url
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    yield {"PYTHONPATH": f"{folder / 'src'}:{folder / 'generated'}"}


@contextmanager
def scaffold(folder: Path, database_url: str) -> Iterator[Mapping[str, str]]:
    """Keep the secrets of the service that the page creates."""
    del database_url
    yield {"SHOP_STATE_DIR": str(folder)}


@contextmanager
def scaffold_with_database(folder: Path, database_url: str) -> Iterator[Mapping[str, str]]:
    """Provide a database without a table, in place of the server that the service would start."""
    del database_url

    async def leave_as_it_is(_: str) -> None:
        pass

    with temporary_database("notes", leave_as_it_is) as dsn:
        yield {"NOTES_STATE_DIR": str(folder), "DATABASE_URL": dsn}


@contextmanager
def production(folder: Path, database_url: str) -> Iterator[Mapping[str, str]]:
    """Provide what a deployment provides, a database and the settings of production, and the load tests."""
    for needed in ("load", "openapi"):
        shutil.copytree(ROOT / needed, folder / needed, ignore=shutil.ignore_patterns("node_modules"))
    yield {
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'generated'}",
        "DATABASE_URL": database_url,
        "PRESSROOM_TOKEN_SECRET": "a token secret of thirty-two bytes and more",
        "PRESSROOM_PASSWORD_PEPPER": "a pepper of thirty-two bytes and more, its own",
        "PRESSROOM_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PRESSROOM_PUBLIC_URL": "http://localhost:8000",
        "PRESSROOM_STATE_DIR": str(folder),
        # Log-ins are not what the pages are about.
        "PRESSROOM_BCRYPT_COST": "10",
        "PRESSROOM_RATE_LIMIT_SCALE": "1000",
    }


@contextmanager
def pressroom(folder: Path, database_url: str) -> Iterator[Mapping[str, str]]:
    """Start Pressroom in development, as `make run` does, in a folder with the contract."""
    shutil.copytree(ROOT / "openapi", folder / "openapi", ignore=shutil.ignore_patterns("node_modules"))
    environment = isolated_environment(folder) | {"DATABASE_URL": database_url}
    with service(str(folder), environment) as url:
        password = json.loads((folder / "secrets.json").read_text())["admin_password"]
        yield {"BASE": url, "ADMIN_PASSWORD": password, "MAILBOX": str(folder / "mailbox")}


WORLDS: dict[str, World] = {
    "README.md": scaffold,
    "CONTRIBUTING.md": checkout,
    "docs/how-to/client-teams.md": pressroom,
    "docs/how-to/database.md": scaffold_with_database,
    "docs/how-to/own-contract.md": scaffold,
    "docs/how-to/performance.md": production,
    "docs/how-to/sdks.md": pressroom,
    "docs/operations/deploy.md": production,
    "docs/operations/observe.md": pressroom,
    "docs/operations/release.md": checkout,
    "docs/operations/tour.md": pressroom,
}
#: They take a database of the tests.
WITH_DATABASE = {page for page, world in WORLDS.items() if world in {pressroom, production}}


@contextmanager
def world_of(page: str, folder: Path, database_url: str) -> Iterator[Mapping[str, str]]:
    """Fill the folder of a page, and yield the variables of its shell."""
    given = GIVEN / page.removesuffix(".md")
    folder.mkdir()
    if given.is_dir():
        shutil.copytree(given, folder, dirs_exist_ok=True)
    if (world := WORLDS.get(page)) is None:
        yield {}
        return
    with world(folder, database_url) as variables:
        yield variables
