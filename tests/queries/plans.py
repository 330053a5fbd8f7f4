"""What PostgreSQL makes of a statement."""

import re
from typing import Any

from contractgen_runtime.postgres.connections import Connection
from contractgen_runtime.postgres.statements import Statement


async def explain(connection: Connection, statement: Statement[Any], **values: object) -> tuple[str, int]:
    """The plan that was executed, and how many pages of the database it touched."""
    literals = ", ".join(map(_literal, (values[name] for name in statement.names)))
    page = f"page ({literals})" if literals else "page"
    await connection.execute(f"PREPARE page AS {statement.sql}")
    explained = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) EXECUTE {page}"
    await connection.fetch(explained)  # the first run reads the catalogue as well, whatever its size
    plan = await connection.fetch(explained)
    await connection.execute("DEALLOCATE page")
    lines = "\n".join(row[0] for row in plan)
    touched = re.search(r"Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?", lines)
    assert touched, f"no page touched: {lines}"
    return lines, sum(int(number or 0) for number in touched.groups())


async def is_planned_once(connection: Connection, statement: Statement[Any], **values: object) -> bool:
    """Return whether PostgreSQL, left to itself, keeps the plan of a statement."""
    arguments = [values[name] for name in statement.names]
    mode = await connection.fetchval("SHOW plan_cache_mode")
    await connection.execute("SET plan_cache_mode = auto")
    for _ in range(8):  # it makes five plans before it decides
        await connection.fetch(statement.sql, *arguments)
    count = "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1"
    generic: int = await connection.fetchval(count, statement.sql)
    await connection.execute(f"SET plan_cache_mode = {mode}")
    return generic > 0


def _literal(value: object) -> str:
    if isinstance(value, list):
        elements = ("NULL" if each is None else f'"{each}"' for each in value)
        return f"'{{{', '.join(elements)}}}'"
    return "NULL" if value is None else f"'{value}'"
