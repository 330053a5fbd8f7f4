"""Conventions of all tables: named constraints, ids that sort by time, times from the database's clock."""

import secrets
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Double,
    MetaData,
    bindparam,
    extract,
    func,
    literal_column,
    or_,
)
from sqlmodel import Field, SQLModel

_NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_name)s_idx",
}


class Table(SQLModel):
    """Base of all tables; `Table.metadata` is the schema that the migrations must produce."""

    metadata = MetaData(naming_convention=_NAMES)


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of Unix milliseconds, then 74 random ones."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random >> 62 << 64 | 0b10 << 62 | random & (1 << 62) - 1)


def timestamp() -> Any:
    """Return the field of a time that the database sets when the row is inserted."""
    return Field(default=None, sa_column_kwargs={"server_default": func.now()})


def given_or_same(column: Any) -> ColumnElement[Any]:
    """Return, for an UPDATE, the argument of the column's name, or the row's value if that is None."""
    return func.coalesce(bindparam(column.key, type_=column.type), column)


def seconds(name: str) -> ColumnElement[Any]:
    """Return the argument of this name, a number of seconds, as an interval."""
    return bindparam(name, type_=Double) * literal_column("interval '1 second'")


def moved_on(updated_at: Any) -> ColumnElement[Any]:
    """Return the time of an UPDATE: later than the row's last one, even if the clock is not."""
    return func.greatest(func.clock_timestamp(), updated_at + literal_column("interval '1 microsecond'"))


def is_one_of_versions(updated_at: Any) -> ColumnElement[bool]:
    """Return the condition that the row's `updated_at` is one of `versions`, which is None for any."""
    versions = bindparam("versions", type_=ARRAY(DateTime(timezone=True)))
    return or_(versions.is_(None), updated_at == func.any(versions))


def version_of(updated_at: Any) -> ColumnElement[str]:
    """Return the `version` of a row: the microseconds of its `updated_at` as 14 hexadecimal digits."""
    microseconds = (extract("epoch", updated_at) * literal_column("1000000")).cast(BigInteger)
    return func.lpad(func.to_hex(microseconds), literal_column("14"), literal_column("'0'")).label("version")


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """Return the constraint of an enum that is stored as text."""
    quoted = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({quoted})", name=column)
