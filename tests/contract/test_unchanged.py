"""The law that errors change nothing finds a service that counts its rejections in an account."""

from typing import Any

import asyncpg
import pytest
import schemathesis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contractgen.commands.serving import served
from tests.contract.document import PATH
from tests.contract.unchanged import an_error_changes_nothing, close, compare_after, read_before
from tests.service import Actor

COUNT = "UPDATE users SET updated_at = updated_at + interval '1 second'"


@pytest.mark.parametrize(("status", "writes"), [(401, False), (200, True), (401, True)])
def test_an_error_that_writes_is_found(
    status: int, writes: bool, user: Actor, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def login(request: Request) -> Response:
        if writes:
            connection = await asyncpg.connect(database_url)
            await connection.execute(COUNT)
            await connection.close()
        return JSONResponse({}, status)

    monkeypatch.setenv("DATABASE_URL", database_url)
    context: Any = None
    case = schemathesis.openapi.from_path(PATH)["/api/v1/auth/login"]["POST"].Case(body={})
    with served(Starlette(routes=[Route("/api/v1/auth/login", login, methods=["POST"])])) as url:
        read_before(context, case, {})
        response = case.call(base_url=url)
        compare_after(context, case, response)
    close()
    if status == 401 and writes:
        with pytest.raises(AssertionError, match="became"):
            an_error_changes_nothing(context, response, case)
    else:
        an_error_changes_nothing(context, response, case)
