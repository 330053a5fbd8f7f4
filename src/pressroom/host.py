"""The service's half of the generated port: callers, units of work, and what an escaped exception becomes."""

from starlette.types import Scope

from contractgen_runtime.postgres.connections import Unavailable
from contractgen_runtime.service.failures import failure
from pressroom.auth.queries import select_caller
from pressroom.callers import Caller
from pressroom.context import Context, Services
from pressroom.passwords import Busy
from pressroom_api import operations


class Host:
    """The host of the generated API: the needs that all operations share."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def unit_of_work(self, operation: operations.Operation, scope: Scope, /) -> Context:
        return Context(self._services, operation, scope)

    async def bearer_auth(self, context: Context, token: str, /) -> Caller | None:
        """Return the user as the database has it: a new role or the end of the session acts at once."""
        verified = self._services.tokens.verify(token)
        if verified is None:
            return None
        user = await select_caller(context, verified.session_id)
        if user is None or user["id"] != verified.user_id:
            return None
        context.scope["user_id"] = user["id"]
        caller = context.caller = Caller(user, verified.session_id)
        return caller

    def error(self, error: Exception, operation: operations.Operation, scope: Scope, /) -> operations.Refusal:
        """Return 503 if a retry can help, else a logged 500 that discloses nothing internal."""
        return failure(error, operation, scope, outages=(Unavailable, Busy))
