"""Statements of SQLAlchemy's, compiled once for asyncpg, when they are first used."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BindParameter,
    CompoundSelect,
    Executable,
    ScalarSelect,
    Select,
    any_,
    bindparam,
    column,
    func,
    select,
    true,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import ForUpdateArg

Row = TypeVar("Row", bound=Mapping[str, Any])


class _Compiler(asyncpg_dialect.PGCompiler_asyncpg):
    """Writes constants into the text, so that the planner sees them: a partial index needs that."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        if not bindparam.required:
            if bindparam.value is None and bindparam.callable is None:
                raise TypeError(
                    f"{bindparam.key} has no value: give it in values(), defaults are not applied"
                )
            options["literal_binds"] = True
        return cast(str, cast(Any, super()).visit_bindparam(bindparam, *args, **options))


class _Dialect(asyncpg_dialect.dialect):
    statement_compiler = _Compiler
    supports_statement_cache = True


_DIALECT = cast(Any, _Dialect)()


class Statement(Generic[Row]):
    """A statement for asyncpg; `Row` is the TypedDict that its rows have.

    Every `bindparam(name)` in it is an argument, given by name. `guarded` is the same statement for a unit of
    work with a guard: it has the guard's parameters too, and returns no row unless the condition holds.
    `gathered` does that for several units of work at once. Each parameter is an array with a value of each of
    them; a row has the unit's parameter `id`, or where the statement reads, its last column is the unit's
    place in the arrays, from 1, by which the rows are ordered. Nothing in it may wait for one of them.
    """

    sql: str
    names: tuple[str, ...]
    writes: bool

    __slots__ = ("_source", "gathered", "guarded", "names", "sql", "writes")

    def __init__(
        self,
        statement: Executable,
        *,
        guarded: "Statement[Row] | None" = None,
        gathered: "Statement[Row] | None" = None,
    ) -> None:
        self._source = statement
        self.guarded = guarded
        self.gathered = gathered

    def __getattr__(self, name: str) -> Any:
        """Compile the statement when it is first used: a start need not wait for all of them."""
        if name not in ("names", "sql", "writes"):
            raise AttributeError(name)
        compiled = cast(Any, self._source).compile(dialect=_DIALECT)
        self.sql, self.names = compiled.string, tuple(compiled.positiontup or ())
        self.writes = _writes(self._source)
        del self._source
        return getattr(self, name)

    def arguments(self, parameters: dict[str, object]) -> list[object]:
        """The parameters in the order of $1, $2, ...; exactly the declared ones must be there."""
        if len(parameters) != len(self.names):
            raise TypeError(
                f"parameters {sorted(parameters)} given, {sorted(self.names)} expected: {self.sql}"
            )
        return [parameters[name] for name in self.names]

    def inlined(self, **parameters: object) -> str:
        """Return the text with the parameters in it, so that several statements can be sent at once."""
        literals = [_literal(value) for value in self.arguments(parameters)]
        return _PLACEHOLDER.sub(lambda found: literals[int(found[1]) - 1], self.sql)


class KeyedStatement(Generic[Row]):
    """A statement that reads rows by a unique column, which need not be one of theirs: `one`, or `many`."""

    __slots__ = ("many", "one")

    def __init__(self, rows: Select[*tuple[Any, ...]], column: Any) -> None:
        key = bindparam("key", type_=column.type)
        keys = cast_to(several("keys", column.type), ARRAY(column.type))
        # Apart, because PostgreSQL keeps the plan for one key at any size of the table.
        self.one: Statement[Row] = Statement(rows.where(column == key))
        self.many: Statement[Any] = Statement(
            rows.add_columns(column.label("key")).where(column == any_(keys))
        )


def several(name: str, kind: Any) -> ScalarSelect[Any]:
    """Return an array as a parameter, whose length PostgreSQL does not see when it makes a plan.

    The plan that it would keep is for ten values. For fewer of them it would make one each time, which takes
    longer than to run it.
    """
    return select(bindparam(name, type_=ARRAY(kind))).scalar_subquery()


def of_several(rows: Any, order: Callable[[Any], Sequence[Any]]) -> Select[*tuple[Any, ...]]:
    """Return a statement for the rows that a reading one has with each of several values of its parameters.

    It is made to be gathered: a parameter is an array, and the last column, `place`, a place in it. `order`
    returns the order of `rows`, given its columns.
    """
    parameters = {part.key: part.type for part in cast(Any, visitors.iterate(rows)) if _is_parameter(part)}
    given = (
        func.unnest(*(several(name, kind) for name, kind in parameters.items()))
        .table_valued(*(column(name, kind) for name, kind in parameters.items()), with_ordinality="place")
        .render_derived(name="given")
    )
    found = cast(Any, visitors.replacement_traverse)(
        rows, {}, lambda part, **_: given.c[part.key] if _is_parameter(part) else None
    )
    found = found.correlate(given).lateral("found")
    joined = select(*found.c, given.c.place).join_from(given, found, true())
    return joined.order_by(given.c.place, *order(found.c))


def _is_parameter(part: Any) -> bool:
    return isinstance(part, BindParameter) and part.required


_PLACEHOLDER = re.compile(r"\$(\d+)")


def _literal(value: object) -> str:
    """Return a value as a constant; in these only quotation marks have a meaning."""
    return "'" + str(value).replace("'", "''") + "'"


def _writes(statement: Executable) -> bool:
    if not isinstance(statement, Select | CompoundSelect):
        return True
    return any(
        getattr(part, "is_dml", False) or isinstance(part, ForUpdateArg)
        for part in visitors.iterate(statement)
    )
