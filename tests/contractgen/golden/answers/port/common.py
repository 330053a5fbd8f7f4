"""What stands around the handlers of the reports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Scope

from answers import models, operations


class Context:
    async def finish(self, status: int) -> None: ...


class Caller:
    roles = frozenset({"editor"})


class Host:
    @asynccontextmanager
    async def unit_of_work(self, operation: operations.Operation, scope: Scope, /) -> AsyncIterator[Context]:
        yield Context()

    async def bearer(self, context: Context, token: str, /) -> Caller | None:
        return None

    async def key(self, context: Context, token: str, /) -> Caller | None:
        return None

    def error(self, error: Exception, operation: operations.Operation, scope: Scope, /) -> operations.Refusal:
        return operations.Refusal(500, "Failed.")


REPORT: models.ReportDict = {"name": "a"}
PROBLEM: models.ProblemDict = {"status": 404, "title": "a"}
