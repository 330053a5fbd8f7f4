"""Handlers that are right."""

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
