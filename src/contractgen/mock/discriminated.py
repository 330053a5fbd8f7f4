"""Values of discriminators that lead nowhere: JSON Schema admits them, and clients cannot read them."""

from collections.abc import Iterator
from typing import Any

from contractgen.document.load import Document
from contractgen.schema.discriminators import UNIONS, mapping_of
from contractgen_runtime.pointers import child


def has_known_values(document: Document, pointer: str, value: Any) -> bool:
    """Return whether every discriminator in a value has one of the values that its schema names."""
    waiting, seen = [(pointer, value)], set[tuple[str, int]]()
    while waiting:
        pointer, value = waiting.pop()
        schema, pointer = document.resolve(pointer)
        if (pointer, id(value)) in seen or not isinstance(schema, dict) or not isinstance(value, dict | list):
            continue
        seen.add((pointer, id(value)))
        if isinstance(value, dict) and not _is_known(schema, value):
            return False
        waiting += _below(schema, pointer, value)
    return True


def _is_known(schema: dict[str, Any], value: dict[str, Any]) -> bool:
    """Return whether a discriminator is in its mapping, or names a subschema; without either, any is."""
    if not isinstance(schema.get("discriminator"), dict):
        return True
    named = value.get(schema["discriminator"].get("propertyName"))
    branches = [each for union in UNIONS for each in schema.get(union, ()) if isinstance(each, dict)]
    known = {each["$ref"].rpartition("/")[2] for each in branches if "$ref" in each} | mapping_of(
        schema
    ).keys()
    return not known or not isinstance(named, str) or named in known


def _below(schema: dict[str, Any], pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the schemas that apply to a value, and those of its properties and items, each with its value."""
    yield from ((child(pointer, "allOf", index), value) for index in range(len(schema.get("allOf", ()))))
    if isinstance(value, list) and "items" in schema:
        yield from ((child(pointer, "items"), each) for each in value)
    elif isinstance(value, dict):
        names = value.keys() & schema.get("properties", {}).keys()
        yield from ((child(pointer, "properties", name), value[name]) for name in names)
