"""What units of work read, or write once, at the same moment is one statement; only its cost tells."""

import asyncio
from uuid import uuid4

import asyncpg
from sqlalchemy import Integer, Text, bindparam, column, func, insert, literal_column, select

from contractgen_runtime.postgres.db import Database, UnitOfWork
from contractgen_runtime.postgres.statements import Statement, of_several, several
from tests.contractgen_runtime.postgres.test_guard import ONCE, Guarded, Refused
from tests.contractgen_runtime.postgres.units import NAMES, PEOPLE, Person, count

_KINDS = {name: PEOPLE.c[name].type for name in NAMES} | {"condition": Text()}
_given = (
    func.unnest(*(several(name, kind) for name, kind in _KINDS.items()))
    .table_valued(*(column(name, kind) for name, kind in _KINDS.items()))
    .render_derived(name="given")
)
ADD: Statement[Person] = Statement(
    insert(PEOPLE),
    guarded=ONCE.guarded,
    gathered=Statement(
        insert(PEOPLE)
        .from_select(
            list(NAMES), select(*(_given.c[name] for name in NAMES)).where(_given.c.condition == "holds")
        )
        .returning(PEOPLE.c.id, PEOPLE.c.email)
    ),
)


_n, _step = (bindparam(name, type_=Integer) for name in ("n", "step"))
_numbers = (
    select(func.generate_series(_step, _n * _step, _step).label("number"))
    .where(_n > 0)
    .order_by(literal_column("number").desc())
)
#: n numbers, the last one first.
ROWS: Statement[dict[str, int]] = Statement(
    _numbers, gathered=Statement(of_several(_numbers, lambda row: [row.number.desc()]))
)
#: The same, but each asks for its own.
OWN_ROWS: Statement[dict[str, int]] = Statement(_numbers)


async def added(unit: UnitOfWork, name: str, role: str = "user") -> Person:
    unit.write_once()
    person = await unit.fetch_row(
        ADD, id=uuid4(), email=f"{name}@example.com", role=role, full_name=name, is_active=True
    )
    await unit.finish(201)
    return person


def written(statements: list[str]) -> list[str]:
    return ["gathered" if "unnest" in each else "alone" for each in statements if each.startswith("INSERT")]


async def test_each_has_its_own_row(database: Database, statements: list[str]) -> None:
    names = ["ada", "bob", "eve"]
    people = await asyncio.gather(*(added(Guarded(database, "true"), name) for name in names))
    assert [person["email"] for person in people] == [f"{name}@example.com" for name in names]
    assert written(statements) == ["gathered"]
    assert await count(database) == 3


async def test_whoever_is_alone_writes_alone(database: Database, statements: list[str]) -> None:
    assert (await added(Guarded(database, "true"), "ada"))["email"] == "ada@example.com"
    assert [each.partition(" ")[0] for each in statements if each != "lease"] == ["WITH"]
    assert await count(database) == 1


async def test_a_statement_has_a_bounded_number_of_rows(database: Database, statements: list[str]) -> None:
    people = await asyncio.gather(*(added(Guarded(database, "true"), str(number)) for number in range(70)))
    assert [person["email"] for person in people] == [f"{number}@example.com" for number in range(70)]
    assert written(statements) == ["gathered"] * 2
    assert await count(database) == 70


async def test_whoever_is_refused_is_refused_alone(database: Database) -> None:
    people = await asyncio.gather(
        *(added(Guarded(database, condition), condition) for condition in ("true", "false")),
        added(Guarded(database, "true"), "eve"),
        return_exceptions=True,
    )
    assert isinstance(people[1], Refused)
    assert [isinstance(each, dict) for each in people] == [True, False, True]
    assert await count(database) == 2


async def test_what_cannot_be_stored_fails_alone(database: Database) -> None:
    people = await asyncio.gather(
        *(added(Guarded(database, "true"), name, role) for name, role in [("ada", "user"), ("bob", "king")]),
        added(Guarded(database, "true"), "eve"),
        return_exceptions=True,
    )
    assert isinstance(people[1], asyncpg.CheckViolationError)
    assert [isinstance(each, dict) for each in people] == [True, False, True]
    assert await count(database) == 2


async def test_whoever_leaves_takes_nothing_from_the_others(database: Database) -> None:
    writing = [asyncio.create_task(added(Guarded(database, "true"), name)) for name in ("ada", "bob", "eve")]
    await asyncio.sleep(0)
    writing[0].cancel()
    people = await asyncio.gather(*writing, return_exceptions=True)
    assert [isinstance(each, dict) for each in people] == [False, True, True]
    assert await count(database) == 2


async def read(
    database: Database, statement: Statement[dict[str, int]], *numbers: int
) -> list[list[dict[str, int]]]:
    """The rows for each of the numbers, asked for at once; they are the right ones, in their order."""
    step = 3
    rows = await asyncio.gather(
        *(UnitOfWork(database).fetch_shared(statement, n=n, step=step) for n in numbers)
    )
    assert rows == [[{"number": number * step} for number in range(n, 0, -1)] for n in numbers]
    return rows


async def test_each_reads_its_own_rows_in_their_order(database: Database, statements: list[str]) -> None:
    rows = await read(database, ROWS, 3, 0, 7, 3)
    assert [each for each in statements if each != "lease"] == [ROWS.gathered and ROWS.gathered.sql]
    rows[0][0]["number"] = 0
    assert rows[3][0]["number"] == 9


async def test_whoever_is_alone_reads_alone(database: Database, statements: list[str]) -> None:
    await read(database, ROWS, 2)
    assert [each for each in statements if each != "lease"] == [ROWS.sql]


async def test_many_readings_are_some_statements(database: Database, statements: list[str]) -> None:
    await read(database, ROWS, *range(40))
    assert [each for each in statements if each != "lease"] == [ROWS.gathered and ROWS.gathered.sql] * 3


async def test_what_cannot_be_gathered_is_read_by_each(database: Database, statements: list[str]) -> None:
    await read(database, OWN_ROWS, 2, 3, 2)
    assert [each for each in statements if each != "lease"] == [OWN_ROWS.sql] * 3
