"""The command line of a service with a database: `serve` prepares it, `migrate` and `revise` change it."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar, TypeVar

from fastapi import FastAPI
from pydantic import Field

from contractgen_runtime.service.command import CommandError, ServiceCommand
from contractgen_runtime.service.settings import ServiceSettings

from . import embedded
from .addresses import DatabaseUrl
from .migrations import Migrations
from .reasons import DATABASE_ERRORS, reason_of

T = TypeVar("T")


class DatabaseSettings(ServiceSettings):
    """The settings of a service with a database, beside those of every service."""

    required: ClassVar[tuple[str, ...]] = ("database_url", *ServiceSettings.required)

    #: postgresql://..., or empty in development for the embedded server.
    database_url: DatabaseUrl = Field(default="", validation_alias="DATABASE_URL", repr=False)
    #: Database connections of one server process.
    pool_size: int = Field(default=20, ge=1, le=1000)


SettingsT = TypeVar("SettingsT", bound=DatabaseSettings)


class DatabaseCommand(ServiceCommand[SettingsT]):
    """In development `serve` starts a PostgreSQL of its own unless DATABASE_URL is set, and migrates it.

    In production it serves only a database that is at the head of the migrations.
    """

    def __init__(
        self,
        name: str,
        settings: type[SettingsT],
        *,
        migrations: Migrations,
        create_app: Callable[[SettingsT], FastAPI],
        application: str,
        credentials: Callable[[SettingsT], dict[str, str]] = lambda _: {},
    ) -> None:
        super().__init__(
            name, settings, create_app=create_app, application=application, credentials=credentials
        )
        self._migrations = migrations

    def add_commands(self, commands: Any) -> None:
        commands.add_parser("migrate", help="bring the database to the head of the migrations")
        text = "write a migration with what the tables have beyond the last one"
        revise = commands.add_parser("revise", help=text)
        revise.add_argument("message", help="what the migration does, in a few words")

    def prepare(self, settings: SettingsT) -> Mapping[str, str]:
        dsn = self._database_of(settings)
        if settings.is_development:
            _run(self._migrations.migrate(dsn))
        else:
            self._require_head(dsn)
        return {"DATABASE_URL": dsn}

    def run_command(self, settings: SettingsT, options: argparse.Namespace) -> int:
        if options.command == "migrate":
            head = _run(self._migrations.migrate(self._database_of(settings)))
            print(f"the database is at {head}")  # noqa: T201 - a command line prints
            return 0
        if options.command == "revise":
            print(_run(self._migrations.revise(self._database_of(settings), options.message)))  # noqa: T201 - as above
            return 0
        return super().run_command(settings, options)

    def _database_of(self, settings: SettingsT) -> str:
        if settings.database_url:
            return settings.database_url
        try:
            return embedded.start(settings.state_dir, setting=settings.variable("state_dir"))
        except embedded.EmbeddedServerError as error:
            raise CommandError(str(error)) from None

    def _require_head(self, dsn: str) -> None:
        current, head = _run(self._migrations.current(dsn)), self._migrations.head()
        if current != head:
            state = f"is at {current}" if current else "was never migrated"
            raise CommandError(f"DATABASE_URL: the schema {state} but must be at {head}: run migrate")


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except DATABASE_ERRORS as error:
        raise CommandError(f"DATABASE_URL: the database cannot be used: {reason_of(error)}") from None
