"""The service's half of the generated port: callers, units of work, and what an escaped exception becomes."""

from datetime import UTC, datetime

from starlette.types import Scope

from pressroom.auth.queries import select_caller
from pressroom.callers import Caller
from pressroom.connections import Unavailable
from pressroom.context import Context, Services
from pressroom.passwords import Busy
from pressroom.web.log import describe, write_line
from pressroom.web.problems import FAILED
from pressroom_api import operations

_RETRY_AFTER = [(b"retry-after", b"1")]


class Host:
    """What every operation needs, whatever it does."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def unit_of_work(self, operation: operations.Operation, scope: Scope, /) -> Context:
        return Context(self._services, scope)

    async def bearer_auth(self, context: Context, token: str, /) -> Caller | None:
        """The user as the database has it now, so that a new role or the end of the session acts at once."""
        session_id = self._services.tokens.verify(token)
        if session_id is None:
            return None
        user = await select_caller(context, session_id)
        return Caller(user, session_id) if user is not None else None

    def error(self, error: Exception, operation: operations.Operation, scope: Scope, /) -> operations.Refusal:
        """503 where trying again helps, else a logged 500 that tells nothing of the inside."""
        outage = isinstance(error, Unavailable | Busy)
        write_line(
            {
                "time": datetime.now(UTC),
                "level": "warning" if outage else "error",
                "event": "unavailable" if outage else "unhandled_exception",
                "request_id": scope.get("pressroom.request_id", ""),
                "operation": operation.operation_id,
                "error": type(error).__qualname__,
                **({"reason": str(error)} if outage else {"traceback": describe(error)}),
            }
        )
        if outage:
            return operations.Refusal(503, "The service cannot answer just now; try again.", _RETRY_AFTER)
        return operations.Refusal(500, FAILED)
