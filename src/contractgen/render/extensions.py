"""The extensions of operations (`x-...`) as typed data: a type inferred from all values of an extension."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contractgen.plan.contract import Operation
from contractgen.plan.names import Names, class_name, constant_name, is_usable, snake_case

# Longer values are documentation, such as samples of code; they stay in the document alone.
_LONGEST = 1000
_SCALARS = {str: "str", int: "int", float: "float", bool: "bool", type(None): "None"}


@dataclass(frozen=True, slots=True)
class TypedFields:
    """A TypedDict: the source of the type of each field."""

    name: str
    fields: dict[str, str]

    @property
    def is_functional(self) -> bool:
        """Return whether a field has no valid Python name, so that a class cannot declare it."""
        return not all(map(is_usable, self.fields))


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension: its values by handler, their type, and the TypedDicts that the type needs."""

    name: str
    constant: str
    kind: str
    classes: tuple[TypedFields, ...]
    values: dict[str, Any]


def extensions_of(operations: Sequence[Operation], class_names: Names) -> Iterator[Extension]:
    """The extensions of a contract's operations, in the order in which they first occur."""
    found: dict[str, dict[str, Any]] = {}
    for operation in operations:
        for name, value in operation.extensions.items():
            found.setdefault(name, {})[operation.handler] = value
    constants = Names("parameter")
    for name, values in found.items():
        if all(len(json.dumps(value)) <= _LONGEST for value in values.values()):
            types = _Types(class_names)
            kind = types.of([*values.values()], class_name(name))
            constant = constant_name(constants.take(snake_case(name)))
            yield Extension(name, constant, kind, tuple(types.classes), values)


class _Types:
    """The types of values, and the TypedDicts among them: those that others need come first."""

    def __init__(self, names: Names) -> None:
        self.classes: list[TypedFields] = []
        self._names = names

    def of(self, values: Sequence[Any], name: str) -> str:
        """The type that admits all of these values."""
        mappings = [value for value in values if isinstance(value, dict)]
        lists = [value for value in values if isinstance(value, list)]
        others = [value for value in values if not isinstance(value, dict | list)]
        kinds = [self._mapping(mappings, name)] if mappings else []
        if lists:
            kinds.append(f"list[{self.of([item for each in lists for item in each], f'{name}Item')}]")
        kinds += dict.fromkeys(_SCALARS[type(value)] for value in others)
        return " | ".join(kinds) or "JsonValue"

    def _mapping(self, values: Sequence[Mapping[str, Any]], name: str) -> str:
        fields = dict.fromkeys(field for value in values for field in value)
        if not fields:
            return "dict[str, JsonValue]"
        own = self._names.take(name)
        found = {}
        for field in fields:
            given = [value[field] for value in values if field in value]
            kind = self.of(given, f"{own}{class_name(field)}")
            found[field] = kind if len(given) == len(values) else f"NotRequired[{kind}]"
        self.classes.append(TypedFields(own, found))
        return own
