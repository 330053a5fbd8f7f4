"""The host of a service that opens and commits nothing; a base for others.

A contract with security schemes needs a method for each of them: add it in a subclass.
"""

import logging
from types import TracebackType
from typing import Self

from starlette.types import Scope

from .operations import Operation
from .problems import Refusal

_LOG = logging.getLogger(__name__)


class PlainContext:
    """The unit of work of a request that has nothing to commit."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release nothing."""

    async def finish(self, status: int) -> None:
        """Commit nothing."""


class PlainHost:
    """The part of a service that every operation needs, in its smallest form."""

    def unit_of_work(self, operation: Operation, scope: Scope, /) -> PlainContext:
        """Return the context of a request."""
        del operation, scope
        return PlainContext()

    def error(self, error: Exception, operation: Operation, scope: Scope, /) -> Refusal:
        """Log an exception that a handler raised, and return 500 without a word about it."""
        del scope
        _LOG.error("%s failed", operation.operation_id, exc_info=error)
        return Refusal(500, "The service failed; the error is in its log.")
