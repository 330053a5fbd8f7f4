"""Rows are the dicts that asyncpg's own records are, whatever their columns are called."""

from typing import Any

import pytest
from sqlalchemy import literal_column, select, union_all

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement


@pytest.mark.parametrize(
    "names",
    [
        ["id"],
        ["class", "records", "v0", "None"],
        ["a b", "it's", 'say "x"', "back\\slash", "{brace}", "é", "]", "\n"],
        [f"column{number}" for number in range(300)],
    ],
)
@pytest.mark.parametrize("count", [0, 1, 3])
async def test_rows_are_what_records_are(database: Database, names: list[str], count: int) -> None:
    rows: list[Any] = [
        select(*(literal_column(str(place + row)).label(name) for place, name in enumerate(names)))
        for row in range(3)
    ]
    all_rows = union_all(*rows).subquery()
    statement: Statement[Any] = Statement(select(all_rows).limit(count))
    connection = await database.lease()
    records = await connection.fetch(statement.sql, *statement.arguments({}))
    database.release(connection)
    expected = [{name: place + row for place, name in enumerate(names)} for row in range(count)]
    assert [dict(record) for record in records] == expected
    assert await UnitOfWork(database).fetch_all(statement) == expected
