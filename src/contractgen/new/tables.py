"""Tables drafted from the schemas of a contract: for what its responses carry by an id."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contractgen.plan.contract import Contract
from contractgen.plan.names import is_usable, snake_case
from contractgen.schema.types import named_types
from contractgen_runtime.pointers import tokens

_COMPONENTS = "/components/schemas/"
# Attributes that SQLModel has for itself.
_TAKEN = {"metadata", "registry"}
#: JSON type or format -> Python type, SQLAlchemy type.
_TYPES = {
    "uuid": ("UUID", "Uuid()"),
    "date-time": ("datetime", "DateTime(timezone=True)"),
    "date": ("date", "Date()"),
    "string": ("str", "Text()"),
    "integer": ("int", "BigInteger()"),
    "number": ("float", "Double()"),
    "boolean": ("bool", "Boolean()"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name of its attribute and in the database, its types, and whether it may be null."""

    name: str
    python: str
    sql: str
    nullable: bool
    primary: bool

    @property
    def field(self) -> str:
        """Return the attribute of the table's class, as text."""
        optional = self.nullable or (self.primary and self.python == "int")
        kind = f"{self.python} | None" if optional else self.python
        options = ["primary_key=True"] if self.primary else [f"nullable={self.nullable}"]
        column = ", ".join([f'"{self.name}"', self.sql, *options])
        defaults = ["default=None"] if optional else []
        if self.primary and self.python == "UUID":
            defaults = ["default_factory=new_id"]
        return f"{self.name}: {kind} = Field({', '.join([*defaults, f'sa_column=Column({column})'])})"

    @property
    def operation(self) -> str:
        """Return the column as a migration has it."""
        return f'sa.Column("{self.name}", sa.{self.sql}, nullable={self.nullable and not self.primary})'


@dataclass(frozen=True, slots=True)
class Draft:
    """A table of a schema; `left_out` are properties that are no single values."""

    schema: str
    class_name: str
    name: str
    columns: tuple[Column, ...]
    left_out: tuple[str, ...]


def drafts(contract: Contract) -> Iterator[Draft]:
    """Yield a table for each component that responses carry and that has an `id` of one value."""
    carried = {
        response.content.schema
        for response in contract.responses
        if response.content and response.content.schema
    }
    taken: set[str] = set()
    for pointer in _with_items(contract, carried):
        name = tokens(pointer)[-1]
        schema = contract.document.at(pointer)
        if pointer.startswith(_COMPONENTS) and pointer.count("/") == 3 and _is_resource(schema):
            draft = _draft(contract, name, schema)
            if draft is not None and draft.name not in taken:
                taken.add(draft.name)
                yield draft


def _with_items(contract: Contract, pointers: set[str]) -> list[str]:
    """Return the components that schemas are, refer to, or have as items of a list, in order."""
    found: dict[str, None] = {}
    waiting = sorted(pointers)
    while waiting:
        pointer = waiting.pop(0)
        schema = contract.document.at(pointer)
        if pointer in found or not isinstance(schema, dict):
            continue
        found[pointer] = None
        for each in (schema, schema.get("items")):
            reference = each.get("$ref") if isinstance(each, dict) else None
            if isinstance(reference, str) and reference.startswith("#/"):
                waiting.append(reference[1:])
    return sorted(found)


def _is_resource(schema: Any) -> bool:
    return isinstance(schema, dict) and "id" in schema.get("properties", {})


def _draft(contract: Contract, schema_name: str, schema: dict[str, Any]) -> Draft | None:
    columns, left_out = [], []
    for name, value in schema["properties"].items():
        column = _column(contract, name, value, required=name in schema.get("required", ()))
        if column is None:
            left_out.append(name)
        else:
            columns.append(column)
    names = [column.name for column in columns]
    if "id" not in names or len(set(names)) < len(names):
        return None
    class_name = "".join(part[:1].upper() + part[1:] for part in snake_case(schema_name).split("_"))
    return Draft(schema_name, class_name, _plural(snake_case(schema_name)), tuple(columns), tuple(left_out))


def _column(contract: Contract, name: str, value: Any, *, required: bool) -> Column | None:
    resolved = value
    while isinstance(resolved, dict) and isinstance(resolved.get("$ref"), str):
        resolved = contract.document.at(resolved["$ref"][1:])
    if not isinstance(resolved, dict):
        return None
    types = set(named_types(resolved) or [])
    kinds = types - {"null"}
    attribute = snake_case(name)
    if len(kinds) != 1 or not is_usable(attribute) or attribute in _TAKEN or attribute.startswith("model_"):
        return None
    kind = kinds.pop()
    found = _TYPES.get(str(resolved.get("format", "")) if kind == "string" else kind) or _TYPES.get(kind)
    if found is None:
        return None
    return Column(attribute, *found, nullable="null" in types or not required, primary=name == "id")


def _plural(name: str) -> str:
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"
