"""The types of JSON: those that a schema names, and those that a value has."""

from collections.abc import Mapping
from typing import Any


def named_types(schema: Mapping[str, Any]) -> list[str]:
    """Return the types that a schema's `type` names; none if it has no `type`."""
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def types_of(value: object) -> frozenset[str]:
    """Return the types that a JSON value has: a whole number, 5.0 included, is an integer and a number."""
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return frozenset({"integer", "number"})
    return frozenset({_NAMES[type(value)]})


_NAMES = {str: "string", float: "number", dict: "object", list: "array", type(None): "null"}
