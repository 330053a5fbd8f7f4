"""What a handler gets beside the caller: the unit of work of its request, and the services it may need."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pressroom.cursors import Cursors
from pressroom.db import Database, UnitOfWork
from pressroom.passwords import PasswordHasher
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the process."""

    database: Database
    passwords: PasswordHasher
    tokens: TokenIssuer
    cursors: Cursors

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The services as configured; the database is opened by the application's lifespan."""
        return cls(
            database=Database(settings.database_url, size=settings.pool_size),
            passwords=PasswordHasher(settings),
            tokens=TokenIssuer(settings),
            cursors=Cursors(settings.token_secret.get_secret_value().encode("utf-8", "surrogateescape")),
        )


class Context(UnitOfWork):
    """The unit of work of one request, which generated code finishes before anything is sent."""

    __slots__ = ("request_id", "services")

    def __init__(self, services: Services, request_id: str) -> None:
        super().__init__(services.database)
        self.services = services
        self.request_id = request_id

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await self.abandon()
