"""Responses to exceptions that escape from an operation, and their lines in the log."""

from datetime import UTC, datetime

from starlette.types import Scope

from contractgen_runtime.operations import Operation
from contractgen_runtime.problems import Refusal

from .log import describe, ids_of, write_line
from .problems import FAILED

_RETRY_AFTER = [(b"retry-after", b"1")]


def failure(
    error: Exception, operation: Operation, scope: Scope, *, outages: tuple[type[Exception], ...] = ()
) -> Refusal:
    """Return 503 for one of the `outages`, which pass, and 500 for any other error; log either.

    Neither response says anything about the error itself.
    """
    is_outage = isinstance(error, outages)
    write_line(
        {
            "time": datetime.now(UTC),
            "level": "warning" if is_outage else "error",
            "event": "unavailable" if is_outage else "unhandled_exception",
            **ids_of(scope),
            "operation": operation.operation_id,
            "error": type(error).__qualname__,
            **({"reason": str(error)} if is_outage else {"traceback": describe(error)}),
        }
    )
    if is_outage:
        return Refusal(503, "The service cannot answer just now; try again.", _RETRY_AFTER)
    return Refusal(500, FAILED)
