"""Print tables as TOML, each with the reason for it in a comment."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Table:
    """A table of TOML: `name` is its path, empty at the top; `repeated` makes it part of an array."""

    name: tuple[str, ...]
    values: Mapping[str, Value]
    why: str = ""
    repeated: bool = False


def toml_of(tables: Iterable[Table]) -> str:
    """Return the text of the tables, in their order."""
    return "\n".join(map(_table, tables))


def _table(table: Table) -> str:
    lines = wrap(table.why, _WIDTH, initial_indent="# ", subsequent_indent="# ")
    name = ".".join(map(_key, table.name))
    if name:
        lines.append(f"[[{name}]]" if table.repeated else f"[{name}]")
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.values.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _string(text: str) -> str:
    """Return a basic string: the escapes of JSON are valid in TOML, which forbids DEL too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
