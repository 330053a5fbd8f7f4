"""Reads that many ask for at the same moment are made once, and nobody notices but by the time they take."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import Integer, bindparam, column, func, literal_column, select, values

from contractgen_runtime.postgres.data_loader import DataLoader
from contractgen_runtime.postgres.db import Database, TransactionLost, UnitOfWork
from contractgen_runtime.postgres.statements import KeyedStatement, Statement, several
from tests.contractgen_runtime.postgres.units import BY_ID, COUNT, PEOPLE, add

_calls = (
    func.unnest(several("n", Integer))
    .table_valued(column("n", Integer), with_ordinality="place")
    .render_derived()
)
RANDOM: Statement[dict[str, object]] = Statement(
    select(func.random().label("x"), bindparam("n", type_=Integer).label("n")),
    gathered=Statement(select(func.random().label("x"), _calls.c.n, _calls.c.place)),
)
BAD: Statement[dict[str, int]] = Statement(select(literal_column("1 / 0").label("x")))
_squares = values(column("root", Integer), column("square", Integer), name="squares").data([(2, 4), (3, 9)])
SQUARE: KeyedStatement[dict[str, int]] = KeyedStatement(select(_squares.c.square), _squares.c.root)
BY_EMAIL: KeyedStatement[dict[str, str]] = KeyedStatement(select(PEOPLE.c.full_name), PEOPLE.c.email)


class Source:
    """Squares numbers, and notes what it was asked for."""

    def __init__(self, max_batch_size: int = 100) -> None:
        self.calls: list[list[int]] = []
        self.gate = asyncio.Event()
        self.coalescer: DataLoader[str, int, int | None] = DataLoader(
            self.read, copy=lambda value: value, max_batch_size=max_batch_size
        )

    async def read(self, source: str, keys: Sequence[int]) -> list[int | None]:
        self.calls.append(list(keys))
        await self.gate.wait()
        if source == "bad":
            raise LookupError(source)
        return [key * key if key else None for key in keys]


async def test_what_is_asked_for_in_one_turn_is_read_once() -> None:
    source = Source()
    source.gate.set()
    answers = await asyncio.gather(*(source.coalescer.get("a", key) for key in (2, 3, 2, 0)))
    assert list(answers) == [4, 9, 4, None]
    assert source.calls == [[2, 3, 0]]


async def test_a_batch_is_bounded() -> None:
    source = Source(max_batch_size=2)
    source.gate.set()
    answers = await asyncio.gather(*(source.coalescer.get("a", key) for key in (1, 2, 3, 2, 4, 5)))
    assert list(answers) == [1, 4, 9, 4, 16, 25]
    assert source.calls == [[1, 2], [3, 4], [5]]


async def test_who_asks_while_it_is_read_is_given_what_is_read_after_that() -> None:
    source = Source()
    first = asyncio.create_task(source.coalescer.get("a", 2))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(source.coalescer.get("a", 2))
    await asyncio.sleep(0.01)
    assert source.calls == [[2], [2]]
    source.gate.set()
    assert list(await asyncio.gather(first, second)) == [4, 4]


async def test_a_failure_is_everybodys_who_asked_that_source() -> None:
    source = Source()
    source.gate.set()
    wanted = [source.coalescer.get("bad", 2), source.coalescer.get("bad", 3), source.coalescer.get("a", 2)]
    first, second, other = await asyncio.gather(*wanted, return_exceptions=True)
    assert isinstance(first, LookupError)
    assert isinstance(second, LookupError)
    assert other == 4


async def test_whoever_leaves_takes_nothing_from_the_others() -> None:
    source = Source()
    leaves = asyncio.create_task(source.coalescer.get("a", 2))
    stays = asyncio.create_task(source.coalescer.get("a", 2))
    await asyncio.sleep(0.01)
    leaves.cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await stays == 4
    assert leaves.cancelled()


@pytest.mark.parametrize("others", [[], [2], [3], [2, 3]])
async def test_whoever_asks_first_and_leaves_takes_nothing_either(
    others: list[int],
) -> None:
    source = Source()
    source.gate.set()
    leaves = asyncio.create_task(source.coalescer.get("a", 2))
    stay = [asyncio.create_task(source.coalescer.get("a", key)) for key in others]
    await asyncio.sleep(0)
    leaves.cancel()
    assert list(await asyncio.gather(*stay)) == [key * key for key in others]
    assert source.calls == ([others] if others else [])
    assert await source.coalescer.get("a", 2) == 4


async def test_equal_readings_of_one_moment_run_once(database: Database) -> None:
    one, same, other = await asyncio.gather(
        *(UnitOfWork(database).fetch_shared(RANDOM, n=n) for n in (1, 1, 2))
    )
    assert one == same
    assert one[0]["x"] != other[0]["x"]
    assert await UnitOfWork(database).fetch_shared(RANDOM, n=1) != one


async def test_rows_belong_to_whoever_asked(database: Database) -> None:
    mine, theirs = await asyncio.gather(*(UnitOfWork(database).fetch_shared(RANDOM, n=1) for _ in range(2)))
    mine[0]["n"] = 2
    assert theirs[0]["n"] == 1


async def test_rows_of_several_keys(database: Database) -> None:
    alone = await UnitOfWork(database).fetch_by_key(SQUARE, 3)
    together = await asyncio.gather(*(UnitOfWork(database).fetch_by_key(SQUARE, key) for key in (3, 2, 5, 3)))
    assert alone == {"square": 9}
    assert together == [{"square": 9}, {"square": 4}, None, {"square": 9}]


async def test_few_keys_are_looked_up_by_a_plan_that_is_kept(narrow: Database) -> None:
    connection = await narrow.lease()
    await connection.execute(
        "INSERT INTO people SELECT gen_random_uuid(), n || '@example.com', 'Ada', 'user', true "
        "FROM generate_series(1, 2000) n"
    )
    await connection.execute("ANALYZE people")
    keys = [row["id"] for row in await connection.fetch("SELECT id FROM people LIMIT 16")]
    narrow.release(connection)
    for first, second in zip(keys[::2], keys[1::2], strict=True):  # after five plans it decides
        rows = await asyncio.gather(*(UnitOfWork(narrow).fetch_by_key(BY_ID, key) for key in (first, second)))
        assert [row and row["id"] for row in rows] == [first, second]
    connection = await narrow.lease()
    kept = "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1"
    assert await connection.fetchval(kept, BY_ID.many.sql) > 0
    narrow.release(connection)


async def test_a_transaction_reads_what_it_has_written(database: Database) -> None:
    async with database.transaction() as unit:
        await add(unit)
        assert await unit.fetch_shared(COUNT) == [{"count": 1}]
        assert await unit.fetch_by_key(BY_EMAIL, "ada@example.com") == {"full_name": "Ada"}
        assert await UnitOfWork(database).fetch_shared(COUNT) == [{"count": 0}]


async def test_a_swallowed_failure_of_a_shared_reading_is_not_success(database: Database) -> None:
    units = [UnitOfWork(database), UnitOfWork(database)]
    failures = await asyncio.gather(*(unit.fetch_shared(BAD) for unit in units), return_exceptions=True)
    assert [type(each).__name__ for each in failures] == ["DivisionByZeroError"] * 2
    for unit in units:
        with pytest.raises(TransactionLost):
            await unit.finish(200)
