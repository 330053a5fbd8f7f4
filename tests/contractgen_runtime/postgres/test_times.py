"""Times go to the database and come back as they were, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import asyncpg
import pytest
from sqlalchemy import DateTime, Text, bindparam, cast, func, literal_column, select

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement

ECHO: Statement[dict[str, datetime]] = Statement(
    select(cast(bindparam("time", type_=DateTime(timezone=True)), DateTime(timezone=True)).label("time"))
)
FROM_TEXT: Statement[dict[str, datetime]] = Statement(
    select(cast(bindparam("text", type_=Text), DateTime(timezone=True)).label("time"))
)
MANY: Statement[dict[str, datetime]] = Statement(
    select(
        func.generate_series(
            bindparam("first", type_=DateTime(timezone=True)),
            bindparam("first", type_=DateTime(timezone=True)) + literal_column("interval '19.999 s'"),
            literal_column("interval '1 ms'"),
        ).label("time")
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01 00:00:00+00",
        "1969-12-31 23:59:59.999999+00",
        "1999-12-31 23:59:59.999999+00",
        "2000-01-01 00:00:00+00",
        "2026-02-28 12:00:00.000001+00",
        "9999-12-31 23:59:59.999999+00",
    ],
)
async def test_a_time_comes_back_as_it_was(database: Database, text: str) -> None:
    time = datetime.fromisoformat(text)
    assert await UnitOfWork(database).fetch_one(FROM_TEXT, text=text) == {"time": time}
    row = await UnitOfWork(database).fetch_row(ECHO, time=time)
    assert row["time"] == time
    assert row["time"].tzinfo is UTC


async def test_an_offset_names_the_same_moment(database: Database) -> None:
    time = datetime(2026, 2, 28, 12, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    row = await UnitOfWork(database).fetch_row(ECHO, time=time)
    assert row["time"] == time


async def test_a_time_without_an_offset_is_a_mistake_of_the_caller(database: Database) -> None:
    with pytest.raises(asyncpg.DataError):
        await UnitOfWork(database).fetch_row(ECHO, time=datetime(2026, 2, 28, 12))  # noqa: DTZ001 - that is it


async def test_more_times_than_are_remembered_come_as_they_are(database: Database) -> None:
    first = datetime(2026, 2, 28, 12, tzinfo=UTC)
    for _ in range(2):
        rows = await UnitOfWork(database).fetch_all(MANY, first=first)
        assert [row["time"] for row in rows] == [
            first + timedelta(milliseconds=place) for place in range(20_000)
        ]
