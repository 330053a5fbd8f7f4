"""Authorization at the moment of the deed: the transaction that writes checks its caller again.

A caller is admitted before the body is read. Until the first writing statement it may have been deactivated,
got another role, or its session may have ended. The check locks the account and the session, in this order,
until the transaction ends, so that nothing is stored after one of these changes was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias
from uuid import UUID

from contractgen_runtime.admission import admit
from contractgen_runtime.credentials import BEARER, unauthorized
from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.problems import Refusal
from pressroom.auth.queries import ADMITTED, select_caller
from pressroom.callers import Caller
from pressroom.users.queries import LOCK_ACCOUNT, TAKE_ADMINS_TURN
from pressroom_api import operations

#: What no other request may change meanwhile: the caller's account and sessions, or as an admin anybody's.
Turns: TypeAlias = Literal["none", "account", "admins"]


@dataclass(slots=True)
class Authority:
    """The guard of a unit of work that has a caller."""

    caller: Caller
    operation: operations.Operation
    database: Database
    turns: Turns

    @property
    def opening(self) -> str:
        """Take turns where that is needed, then check the caller in a snapshot that is taken after it."""
        check = ADMITTED.inlined(**self.parameters)
        if self.turns == "none":
            return check
        statements = [LOCK_ACCOUNT.inlined(user_id=self.caller.id), check]
        if self.turns == "admins":
            statements.insert(0, TAKE_ADMINS_TURN.inlined())
        return "; ".join(statements)

    @property
    def parameters(self) -> Mapping[str, UUID | str]:
        return {"caller_session": self.caller.session_id, "caller_role": self.caller.user["role"]}

    async def check(self) -> None:
        """Refuse a caller that is not what it was when it was admitted; without a lock, so it may change."""
        user = await select_caller(UnitOfWork(self.database), self.caller.session_id)
        if user is None or user["role"] != self.caller.user["role"]:
            await self.refuse()

    async def refuse(self) -> NoReturn:
        """Raise 401 when the session has ended; for a new role 403, if the operation declares it."""
        session_id = self.caller.session_id
        user = await select_caller(UnitOfWork(self.database), session_id)
        admit(Caller(user, session_id) if user else None, self.operation, BEARER)
        if any(403 in statuses for statuses in self.operation.permitted.values()):
            raise Refusal(403, "The caller's role has changed.")
        raise unauthorized(BEARER + b' error="invalid_token"')
