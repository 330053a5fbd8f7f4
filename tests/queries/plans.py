"""What PostgreSQL makes of a statement."""

import re
from typing import Any

from contractgen_runtime.postgres.connections import Connection
from contractgen_runtime.postgres.statements import Statement


async def explain(connection: Connection, statement: Statement[Any], **values: object) -> tuple[str, int]:
    """The plan that was executed, and how many pages of the database it touched."""
    arguments = ", ".join(map(_literal, (values[name] for name in statement.names)))
    await connection.execute(f"PREPARE page AS {statement.sql}")
    explained = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) EXECUTE page ({arguments})"
    await connection.fetch(explained)  # the first run reads the catalogue as well, whatever its size
    plan = await connection.fetch(explained)
    await connection.execute("DEALLOCATE page")
    lines = "\n".join(row[0] for row in plan)
    touched = re.search(r"Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?", lines)
    assert touched, f"no page touched: {lines}"
    return lines, sum(int(number or 0) for number in touched.groups())


def _literal(value: object) -> str:
    return "NULL" if value is None else f"'{value}'"
