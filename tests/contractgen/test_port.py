"""A handler or host that breaks the contract is refused by mypy --strict, with a message that says what."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contractgen.packages import golden_folder

COMMON = """
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
"""
HANDLERS = """
from typing import Literal
from uuid import UUID

from starlette.responses import Response

from common import PROBLEM, ROW, Caller, Context
from library import models, responses


async def list_books(context: Context, caller: Caller | None, /, *, page: int, order: str, shelf: str | None,
    search: str | None, author_id: UUID | None, year: int) -> responses.ListBooks200:
    return responses.ListBooks200({"items": [ROW], "total": 1})


async def add_book(context: Context, caller: Caller, /, *, body: models.NewBook) -> responses.AddBook201:
    return responses.AddBook201(ROW, location="/")


async def get_latest_book(context: Context, caller: Caller, /) -> responses.GetLatestBook200:
    return responses.GetLatestBook200(ROW)


async def get_book(context: Context, /, *, book_id: UUID) -> responses.GetBook200 | responses.BookNotFound:
    return responses.GetBook200(ROW)


async def update_book(context: Context, caller: Caller, /, *, book_id: UUID, body: models.BookUpdate
    ) -> responses.UpdateBook200:
    return responses.UpdateBook200(ROW)


async def delete_book(context: Context, caller: Caller, /, *, book_id: UUID) -> responses.DeleteBook204:
    return responses.DeleteBook204()


async def get_page(context: Context, /, *, book_id: UUID, number: int) -> responses.GetPage200:
    return responses.GetPage200({"title": "1", "sections": []})
"""
MAIN = """
import {name} as books
from common import Caller, Context, Host, Hours
from library import Api

Api[Context, Caller](host=Host(), books=books, opening_hours=Hours())
"""
GET_BOOK = "async def get_book(context: Context, /, *, book_id: UUID)"
RETURNS = "    return responses.GetBook200(ROW)\n\n\nasync def update_book"

# What stands in the right handlers, what takes its place, and what mypy says, there or where it is mounted.
MISUSES: dict[str, tuple[str, str, str]] = {
    "a response of another operation": (
        "-> responses.GetPage200:\n    return responses.GetPage200(",
        "-> responses.GetPage200 | responses.BookNotFound:\n    return responses.GetPage200(",
        "get_page",
    ),
    "a status that the operation does not declare": (
        RETURNS,
        "    return responses.Refused409(PROBLEM)\n\n\nasync def update_book",
        'Incompatible return value type (got "Refused409", expected "GetBook200 | BookNotFound")',
    ),
    "the body of another schema": (
        RETURNS,
        "    return responses.GetBook200(PROBLEM)\n\n\nasync def update_book",
        'Argument 1 to "GetBook200" has incompatible type "ProblemDict"; expected "Book | BookDict"',
    ),
    "a member too many": (
        RETURNS,
        '    return responses.GetBook200({**ROW, "password": "x"})\n\n\nasync def update_book',
        '"GetBook200"',
    ),
    "a member too few": (
        RETURNS,
        '    return responses.GetBook200({"id": UUID(int=0)})\n\n\nasync def update_book',
        '"GetBook200"',
    ),
    "a member of the wrong type": (
        '{"items": [ROW], "total": 1}',
        '{"items": [ROW], "total": "1"}',
        '"ListBooks200"',
    ),
    "a missing header": (
        'AddBook201(ROW, location="/")',
        "AddBook201(ROW)",
        'Missing positional argument "location"',
    ),
    "an unknown header": (
        'AddBook201(ROW, location="/")',
        'AddBook201(ROW, location="/", etag="x")',
        'Unexpected keyword argument "etag"',
    ),
    "a header of the wrong type": (
        'AddBook201(ROW, location="/")',
        "AddBook201(ROW, location=None)",
        'Argument "location" to "AddBook201"',
    ),
    "a body on a 204": ("DeleteBook204()", "DeleteBook204(ROW)", 'Too many arguments for "DeleteBook204"'),
    "a raw response": (
        RETURNS,
        "    return Response(status_code=200)\n\n\nasync def update_book",
        'Incompatible return value type (got "Response", expected "GetBook200 | BookNotFound")',
    ),
    "a raw response that is declared": (
        "-> responses.GetBook200 | responses.BookNotFound:\n    return responses.GetBook200(ROW)",
        "-> Response:\n    return Response()",
        "get_book",
    ),
    "a dict": (
        RETURNS,
        "    return ROW\n\n\nasync def update_book",
        'Incompatible return value type (got "BookDict"',
    ),
    "no handler": ("async def get_book(", "async def fetch_book(", "get_book"),
    "a handler that is not async": ("async def get_book(", "def get_book(", "get_book"),
    "another argument name": (
        "/, *, book_id: UUID) -> responses.GetBook200 |",
        "/, *, id: UUID) -> responses.GetBook200 |",
        "get_book",
    ),
    "an argument of another type": (
        "/, *, book_id: UUID) -> responses.GetBook200 |",
        "/, *, book_id: int) -> responses.GetBook200 |",
        "get_book",
    ),
    "an optional argument taken as given": ("shelf: str | None", "shelf: str", "list_books"),
    "a missing argument": ("/, *, book_id: UUID, number: int)", "/, *, book_id: UUID)", "get_page"),
    "an argument too many": (
        "book_id: UUID, number: int)",
        "book_id: UUID, number: int, more: int)",
        "get_page",
    ),
    "a caller that may be absent": ("caller: Caller | None, /", "caller: Caller, /", "list_books"),
    "a caller of a public operation": (
        GET_BOOK,
        GET_BOOK.replace("context: Context, /", "context: Context, caller: Caller, /"),
        "get_book",
    ),
    "a caller of another type": (
        "async def delete_book(context: Context, caller: Caller",
        "async def delete_book(context: Context, caller: str",
        "delete_book",
    ),
    "no caller": (
        "async def delete_book(context: Context, caller: Caller",
        "async def delete_book(context: Context",
        "delete_book",
    ),
    "the body of another operation": ("body: models.NewBook", "body: models.BookUpdate", "add_book"),
    "a member that the body does not have": (
        "    return responses.AddBook201(",
        "    body.isbn\n    return responses.AddBook201(",
        '"NewBook" has no attribute "isbn"',
    ),
    "an absent member taken as a string": (
        "    return responses.AddBook201(",
        "    (body.blurb or '').upper()\n    return responses.AddBook201(",
        "upper",
    ),
}


def _slug(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


@pytest.fixture(scope="module")
def errors(
    tmp_path_factory: pytest.TempPathFactory, mypy: Callable[[Path], list[str]]
) -> dict[str, list[str]]:
    """What mypy says of each misuse, in one run: its module and the module that mounts it."""
    folder = tmp_path_factory.mktemp("port")
    shutil.copytree(golden_folder("library"), folder / "library")
    (folder / "common.py").write_text(COMMON)
    (folder / "right.py").write_text(HANDLERS)
    (folder / "main_right.py").write_text(MAIN.format(name="right"))
    for name, (old, new, _) in MISUSES.items():
        assert HANDLERS.count(old) == 1, f"{name}: the text to replace stands {HANDLERS.count(old)} times"
        (folder / f"{_slug(name)}.py").write_text(HANDLERS.replace(old, new))
        (folder / f"main_{_slug(name)}.py").write_text(MAIN.format(name=_slug(name)))
    lines = mypy(folder)
    return {
        name: [line for line in lines if line.startswith((f"{name}.py", f"main_{name}.py"))]
        for name in ("right", "common", *map(_slug, MISUSES))
    }


def test_right_handlers_are_taken(errors: dict[str, list[str]]) -> None:
    assert errors["right"] == errors["common"] == []


@pytest.mark.parametrize("name", MISUSES)
def test_a_misuse_is_refused_by_mypy(errors: dict[str, list[str]], name: str) -> None:
    assert any(MISUSES[name][2] in line for line in errors[_slug(name)]), errors[_slug(name)]
