"""The types of strings, numbers and truth values, and of enums."""

from collections.abc import Iterator
from typing import Any

from contractgen.document.load import Document
from contractgen.schema.model_parts import admitted
from contractgen.schema.patterns import is_plain_pattern
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import child

# With these a schema says by others what its values are.
COMBINES = {"$ref", "allOf", "oneOf", "anyOf"}
_COMPONENTS = "/components/schemas"
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_BOUNDS = {
    "string": {"minLength", "maxLength", "pattern"},
    "number": _NUMBERS,
    "integer": _NUMBERS,
    "boolean": set[str](),
}
# Formats that have a type of their own; the others are strings.
_TYPED_FORMATS = {"date", "date-time", "uuid"}


def scalar_components(document: Document) -> Iterator[tuple[str, Schema]]:
    """The components that are scalars or enums, by pointer, each with its type, or a reference beside it."""
    for name in document.value.get("components", {}).get("schemas", {}):
        pointer = child(_COMPONENTS, name)
        schema, target = document.resolve(pointer)
        kind = _scalar(schema)
        if kind is not None:
            yield pointer, kind if target == pointer else {"$ref": target, **kind}


def _scalar(schema: Any) -> Schema | None:
    """The type of a schema that is a scalar or an enum by itself; None for any other schema."""
    if not isinstance(schema, dict) or COMBINES & schema.keys():
        return None
    kinds = named_types(schema)
    others = [kind for kind in kinds if kind != "null"]
    found = of_values(schema)
    if found is None and len(others) == 1 and others[0] in _BOUNDS:
        found = of_scalar(others[0], schema)
        found |= {"type": [others[0], "null"]} if "null" in kinds else {}
    if not found or found["type"] == "null":
        return None
    return {"description": schema.get("description", ""), **_names_of_values(schema, found), **found}


def _names_of_values(schema: Schema, found: Schema) -> Schema:
    """The extensions that name and explain the values of an enum, where every value has a name."""
    names, values = schema.get("x-enum-varnames"), schema.get("enum", [])
    if "enum" not in found or not isinstance(names, list) or len(names) != len(values):
        return {}
    explained = schema.get("x-enum-descriptions")
    texts = explained if isinstance(explained, list) and len(explained) == len(names) else [""] * len(names)
    named = zip(names, values, texts, strict=True)
    return {"x-enum-varnames": [each for each in named if each[1] in found["enum"]]}


def of_scalar(kind: str, schema: Schema) -> Schema:
    """The type of the strings, numbers or truth values of a schema, with the bounds that a type can have."""
    said = {each: _whole_number(schema[each]) for each in schema.keys() & _BOUNDS[kind]}
    if kind == "integer":  # pydantic has no fractions as bounds of integers
        said = {each: bound for each, bound in said.items() if isinstance(bound, int)}
    if schema.get("format") in _TYPED_FORMATS and kind == "string":
        return {"type": kind, "format": schema["format"]}
    if not is_plain_pattern(said.get("pattern", "")):
        said.pop("pattern", None)
    return {"type": kind, **said}


def of_values(schema: Schema) -> Schema | None:
    """The values that are listed, where a type can list them; None where the schema lists none."""
    if not {"const", "enum"} & schema.keys():
        return None
    values = admitted(schema, [schema["const"]] if "const" in schema else schema["enum"])
    if all(value is None or isinstance(value, str | bool | int) for value in values) and values:
        several = {type(value) for value in values if value is not None}
        if several <= {str} or several == {int}:
            kind = "string" if several <= {str} else "integer"
            kinds = [kind, "null"] if None in values else kind
            if several:
                return {"type": kinds, "enum": list(dict.fromkeys(values))}
            return {"type": "null"}
        if several == {bool}:
            return {"type": ["boolean", "null"] if None in values else "boolean"}
    return {}


def simple_default(schema: Schema, kinds: list[str]) -> Schema:
    """A default that a field can have as it stands."""
    default = schema.get("default")
    if "format" in schema or len(kinds) != 1 or "default" not in schema:
        return {}
    wanted = {"string": str, "integer": int, "boolean": bool}.get(kinds[0])
    return {"default": default} if wanted is not None and type(default) is wanted else {}


def _whole_number(bound: Any) -> Any:
    """A bound as an integer where it is one: written as a float, 1.8e19 would lose its last digits."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound
