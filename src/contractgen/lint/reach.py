"""The schemas that describe what clients send, and the keywords that apply to the same values.

Schemas that only responses, webhooks or callbacks use are left out: the service makes their values. Component
schemas that nothing uses are kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.document.operations import Place, declared_parameters
from contractgen.plan.readers import body_kinds
from contractgen.schema.walk import Path, below
from contractgen_runtime.pointers import child

# By pointer, the keywords that stand beside a schema, because it is part of an allOf, anyOf or oneOf.
Schemas: TypeAlias = Mapping[str, frozenset[str]]
_COMPONENTS = "/components/schemas"
_SAME_VALUE = ("allOf", "anyOf", "oneOf")
# What stands below these is not what a value must be.
_CONDITIONS = ("not", "if")


@dataclass(frozen=True, slots=True)
class Requested:
    """The schemas of requests; `unsized` are those of parameters and of bodies without `x-max-body-bytes`."""

    every: Schemas
    unsized: Schemas
    parameters: Schemas


def requested(document: Document, operations: Iterable[Place]) -> Requested:
    """Return the schemas that describe what clients send."""
    parameters: dict[str, None] = {}
    unsized: dict[str, None] = {}
    sized: dict[str, None] = {}
    for place in operations:
        for pointer in declared_parameters(document, place.pointer).values():
            parameters |= dict.fromkeys(_schemas_of(document.at(pointer), pointer))
        if "requestBody" in document.at(place.pointer):
            body, pointer = document.resolve(child(place.pointer, "requestBody"))
            holder = sized if "x-max-body-bytes" in body else unsized
            kinds = body_kinds(document, pointer)  # what is a stream of bytes has no length by its schema
            read = {name: each for name, each in body["content"].items() if kinds[name] != "binary"}
            holder |= dict.fromkeys(_schemas_of({"content": read}, pointer))
    asked = _closure(document, [*parameters, *unsized, *sized])
    used = _closure(
        document,
        [
            schema
            for kind in ("parameter", "header", "media type")
            for pointer, node in objects_of(document.value, kind)
            for schema in _schemas_of(node, pointer)
        ],
    )
    names = document.value.get("components", {}).get("schemas", {})
    unused = [pointer for name in names if (pointer := child(_COMPONENTS, name)) not in used]
    alone = {each: around for each, around in _closure(document, unused).items() if each not in used}
    without = _closure(document, [*parameters, *unsized])
    return Requested(alone | asked, alone | without, _closure(document, parameters))


def _schemas_of(node: dict[str, Any], pointer: str) -> Iterator[str]:
    """Yield the places of the schemas of a parameter, header or body."""
    for name in ("schema", "itemSchema"):
        if name in node:
            yield child(pointer, name)
    for media_type, content in node.get("content", {}).items():
        yield from _schemas_of(content, child(pointer, "content", media_type))


def _closure(document: Document, places: Iterable[str]) -> dict[str, frozenset[str]]:
    """The schemas at some places and all below them, references followed, without those that are not sent."""
    found: dict[str, frozenset[str]] = {}
    waiting = [(place, frozenset[str]()) for place in places]
    while waiting:
        place, around = waiting.pop()
        schema, pointer = document.resolve(place)
        if pointer in found or not isinstance(schema, dict) or schema.get("readOnly") is True:
            continue
        found[pointer] = around
        waiting += [
            (child(pointer, *path), _around(schema, path, around))
            for path in below(schema)
            if path[0] not in _CONDITIONS
        ]
    return found


def _around(schema: dict[str, Any], path: Path, around: frozenset[str]) -> frozenset[str]:
    if path[0] not in _SAME_VALUE:
        return frozenset()
    beside = (each for each in schema.get("allOf", ()) if isinstance(each, dict))
    return around.union(schema, *beside)
