"""The context of a handler, beside the caller: the unit of work of its request, and the services."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import asyncpg
from starlette.types import Scope

from contractgen_runtime.postgres.connections import Trace, Unavailable
from contractgen_runtime.postgres.db import Database, UnitOfWork
from pressroom.addresses import Network, client_address
from pressroom.audit.queries import insert_event, insert_failed_login
from pressroom.audit.stand_ins import StandIns
from pressroom.audit.tables import Change
from pressroom.auth.queries import select_highest_cost
from pressroom.authority import Authority, Turns
from pressroom.callers import Caller
from pressroom.cursors import Cursors
from pressroom.idempotency.fingerprints import Fingerprints
from pressroom.keys import secrets_of
from pressroom.limits import Exceeded, Limits
from pressroom.passwords import PasswordHasher
from pressroom.refresh_tokens import RefreshTokens
from pressroom.settings import Settings
from pressroom.tokens import TokenIssuer
from pressroom_api import models, operations

_LONGEST_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class Services:
    """The objects that live as long as the process."""

    database: Database
    passwords: PasswordHasher
    tokens: TokenIssuer
    refresh_tokens: RefreshTokens
    cursors: Cursors
    fingerprints: Fingerprints
    stand_ins: StandIns
    limits: Limits
    trusted_proxies: Sequence[Network]

    @classmethod
    def of(cls, settings: Settings, *, trace: Trace | None = None) -> Self:
        """The services as configured; the application's lifespan opens them."""
        secrets = secrets_of(settings)
        return cls(
            database=Database(settings.database_url, size=settings.pool_size, trace=trace),
            passwords=PasswordHasher(settings),
            tokens=TokenIssuer(settings),
            refresh_tokens=RefreshTokens(settings),
            cursors=Cursors(secrets),
            fingerprints=Fingerprints(secrets),
            stand_ins=StandIns(secrets),
            limits=Limits(settings),
            trusted_proxies=settings.trusted_proxies,
        )

    async def open(self) -> None:
        """Connect, and learn what a password costs at most; the database may as well be away."""
        await self.database.open()
        with suppress(Unavailable, asyncpg.PostgresError):  # or has no tables yet
            self.passwords.expect(await select_highest_cost(UnitOfWork(self.database)))


class Context(UnitOfWork):
    """The unit of work of one request, which generated code finishes before anything is sent."""

    __slots__ = ("_turns", "caller", "operation", "scope", "services", "subject_id")

    def __init__(self, services: Services, operation: operations.Operation, scope: Scope) -> None:
        super().__init__(services.database)
        self.services = services
        self.operation = operation
        self.scope = scope
        #: Who was admitted, if anybody: nothing is written unless the caller is still the same.
        self.caller: Caller | None = None
        self._turns: Turns = "none"
        #: What the audit trail names as changed by this request, if anything is.
        self.subject_id: UUID | None = None

    def guard(self) -> Authority | None:
        if self.caller is None:
            return None
        return Authority(self.caller, self.operation, self.services.database, self._turns)

    def take_turns(self, *, among_admins: bool = False) -> None:
        """Before the first writing statement of whatever changes an account or ends sessions.

        Nothing else that the caller does, and no other change of the account, is under way meanwhile. Without
        this two requests that check their caller would each wait for the other to change it.
        """
        self._turns = "admins" if among_admins else "account"

    async def check_caller(self) -> None:
        """Refuse a caller that has changed since it was admitted, where no transaction does."""
        if guard := self.guard():
            await guard.check()

    @property
    def request_id(self) -> str:
        """The id of the request in the log and in the response's `X-Request-Id`."""
        return str(self.scope.get("request_id", ""))

    @property
    def address(self) -> str:
        """The client's IP address, empty when nothing tells it."""
        return client_address(self.scope, self.services.trusted_proxies)

    @property
    def user_agent(self) -> str | None:
        """The `User-Agent` of the request, shortened to the length that a session stores."""
        for name, value in self.scope["headers"]:
            if name == b"user-agent":
                text = "".join(filter(str.isprintable, value.decode("latin-1")))
                return text[:_LONGEST_USER_AGENT] or None
        return None

    async def count_attempt(self, operation: str, *, account: str = "") -> Exceeded | None:
        """Count the request against the limits of its operation; None while it is within them."""
        await self.check_caller()
        return await self.services.limits.count(self, operation, account=account, address=self.address)

    async def forgive_attempt(self, operation: str, *, account: str = "") -> None:
        """The attempt was no guess after all: count it no longer."""
        await self.services.limits.forgive(self, operation, account=account, address=self.address)

    async def record_failed_login(self, email: str, account: UUID | None) -> None:
        """Write into the audit trail that somebody could not log in; not what was typed.

        An unknown address has an id of its own there, so that it costs the same work as an account.
        """
        stand_in = self.services.stand_ins.of(email)
        await insert_failed_login(
            self, account or stand_in, address=self.address or None, request_id=self.request_id or None
        )

    async def record(
        self, action: models.AuditAction, *, actor: UUID | None, subject: UUID, changes: Sequence[Change] = ()
    ) -> None:
        """Write into the audit trail that an account, or nobody known, did something to a subject.

        The event is stored with what this unit of work changes, or neither is.
        """
        self.subject_id = subject
        await insert_event(
            self,
            action,
            actor_id=actor,
            subject_id=subject,
            changes=changes,
            address=self.address or None,
            request_id=self.request_id or None,
        )
