"""Handlers that are right."""

from collections.abc import AsyncIterator
from typing import Literal

from pydantic import MISSING

from answers import models, operations, responses
from common import PROBLEM, REPORT, Caller, Context

_ = PROBLEM, MISSING


async def list_reports(
    context: Context,
    /,
    *,
    word: str | None,
    owner: int | None | MISSING,
    accept: Literal["application/json", "text/csv"],
) -> responses.ListReports200Json | responses.ListReports200Csv:
    if accept == "text/csv":
        return responses.ListReports200Csv("a", x_total=1)
    return responses.ListReports200Json([REPORT], x_total=1)


async def add_report(
    context: Context, caller: operations.BearerAndKey[Caller], /, *, body: models.Report | str
) -> responses.AddReport201 | responses.RefusedDefault:
    if isinstance(body, str):
        return responses.RefusedDefault(PROBLEM, status=415)
    return responses.AddReport201(body)


async def export_reports(context: Context, /) -> responses.ExportReports200:
    async def lines() -> AsyncIterator[models.ReportDict]:
        yield REPORT

    return responses.ExportReports200(lines())


async def watch_reports(context: Context, caller: Caller | None, /) -> responses.WatchReports200:
    async def events() -> AsyncIterator[responses.Event[models.ReportDict]]:
        yield responses.Event(data=REPORT, id="1")

    return responses.WatchReports200(events())


async def get_cover(
    context: Context, /, *, accept: Literal["image/png", "image/svg+xml"]
) -> responses.GetCover200Png | responses.GetCover200SvgXml:
    if accept == "image/png":
        return responses.GetCover200Png(b"")
    return responses.GetCover200SvgXml("")
