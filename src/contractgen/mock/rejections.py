"""Schemas of values that another schema rejects, from which a value can be made."""

from collections.abc import Callable, Collection, Iterator
from itertools import islice, product
from typing import Any

from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema

_DEEPEST = 4
_MOST_WAYS = 8
# The bound that a value is beyond, by the one that it violates, and how far beyond.
_BEYOND = {
    "minimum": ("exclusiveMaximum", 0),
    "maximum": ("exclusiveMinimum", 0),
    "exclusiveMinimum": ("maximum", 0),
    "exclusiveMaximum": ("minimum", 0),
    "minLength": ("maxLength", -1),
    "maxLength": ("minLength", 1),
    "minItems": ("maxItems", -1),
    "maxItems": ("minItems", 1),
    "minProperties": ("maxProperties", -1),
    "maxProperties": ("minProperties", 1),
}
# The types besides numbers, in the order in which they are tried.
_USUAL = ("boolean", "string", "array", "object", "null")
# Keywords without a schema of what they reject: of the values that are tried, some may be such.
_OPAQUE = ("enum", "const", "pattern", "format", "multipleOf", "contains", "uniqueItems")
_TYPE_OF = {"Length": "string", "Items": "array", "Properties": "object", "imum": "number"}


def rejections(
    schema: Any, resolve: Callable[[Any], Any], known: Collection[str] = (), depth: int = 0
) -> Iterator[Schema]:
    """Yield schemas of values that `schema` rejects, the simplest first; properties in `known` come last."""
    schema = resolve(schema)
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    yield from _of_objects(schema, resolve, known, depth)
    yield from _of_types(named_types(schema))
    if "items" in schema:
        for each in rejections(schema["items"], resolve, (), depth + 1):
            yield {"type": "array", "minItems": 1, "items": each}
    yield from _of_bounds(schema)
    yield from ({"not": {name: schema[name]}} for name in _OPAQUE if name in schema)
    for part in schema.get("allOf", ()):
        yield from rejections(part, resolve, known, depth + 1)
    yield from [schema["not"]] if "not" in schema else []
    for union in ("anyOf", "oneOf"):
        branches = (rejections(each, resolve, known, depth + 1) for each in schema.get(union, ()))
        if ways := [list(islice(each, _MOST_WAYS)) for each in branches]:
            yield from ({"allOf": list(each)} for each in islice(product(*ways), _MOST_WAYS))


def _of_bounds(schema: Schema) -> Iterator[Schema]:
    for name, (bound, step) in _BEYOND.items():
        if name in schema and ("imum" in name or schema[name] + step >= 0):
            kind = next(kind for end, kind in _TYPE_OF.items() if name.endswith(end))
            yield {"type": kind, bound: schema[name] + step}


def _of_types(types: list[str]) -> Iterator[Schema]:
    others = [each for each in _USUAL if each not in types]
    if types and others:
        yield {"type": others}
    if types and "number" not in types:
        yield {"type": "number"} if "integer" not in types else {"type": "number", "not": {"type": "integer"}}


def _of_objects(
    schema: Schema, resolve: Callable[[Any], Any], known: Collection[str], depth: int
) -> Iterator[Schema]:
    """Yield schemas of objects without a required property, with a wrong one, or with one more."""
    for name in schema.get("required", ()):
        yield {"type": "object", "properties": {name: False}}
    properties = schema.get("properties", {})
    for name in sorted(properties, key=lambda each: each in known):
        if properties[name] is False:
            yield {"type": "object", "required": [name]}
        yield from _with_wrong(name, rejections(properties[name], resolve, (), depth + 1))
    additional = schema.get("additionalProperties", True)
    if additional is not True:
        more = next(each for n in range(1, len(properties) + 2) if (each := f"member{n}") not in properties)
        if additional is False:
            yield {"type": "object", "required": [more]}
        yield from _with_wrong(more, rejections(additional, resolve, (), depth + 1))


def _with_wrong(name: str, schemas: Iterator[Schema]) -> Iterator[Schema]:
    yield from ({"type": "object", "required": [name], "properties": {name: each}} for each in schemas)
