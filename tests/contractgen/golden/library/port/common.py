"""What stands around the handlers of the library."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID
from typing import Literal

from starlette.responses import Response
from starlette.types import Scope

from library import Api, models, operations, responses


class Context:
    async def finish(self, status: int) -> None: ...


class Caller:
    roles = frozenset({"admin"})


class Host:
    @asynccontextmanager
    async def unit_of_work(self, operation: operations.Operation, scope: Scope, /) -> AsyncIterator[Context]:
        yield Context()

    async def bearer_auth(self, context: Context, token: str, /) -> Caller | None:
        return None

    def error(self, error: Exception, operation: operations.Operation, scope: Scope, /) -> operations.Refusal:
        return operations.Refusal(500, "Failed.")


ROW: models.BookDict = {"id": UUID(int=0), "title": "a", "subtitle": None, "bought_at": datetime.now()}
PROBLEM: models.ProblemDict = {"type": "a", "title": "a", "status": 404, "detail": "a"}


class Hours:
    async def get_hours(
        self, context: Context, /, *, day: Literal["monday", "sunday"]
    ) -> responses.GetHours200:
        return responses.GetHours200({"from": "9", "until": "5"})
