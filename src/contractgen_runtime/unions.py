"""Unions whose subschemas are told apart by the value of one property, the tag.

A validator tries each subschema of a union. Where unions contain one another, the time multiplies with each
level: a second for 400 bytes of filters within filters. A tag leaves one subschema to each value.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import unquote

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .pointers import find_at

_UNIONS = ("oneOf", "anyOf")
# The keywords with values that are no schemas.
_DATA = {"const", "default", "enum", "example", "examples"}
# The values of each property that can be the tag of an object.
_Tags: TypeAlias = dict[str, tuple[str, ...]]


class TaggedUnion:
    """Metadata of a union of models: the alias of the tag, and its values in each class.

    Pydantic's own discriminator looks for the name of the field before its alias: another property of that
    name would decide.
    """

    __slots__ = ("_alias", "_name", "_values")

    def __init__(self, alias: str, values: Sequence[Sequence[str]], *, name: str | None = None) -> None:
        self._alias = alias
        self._name = name or alias
        self._values = values

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {
            value: handler.generate_schema(each)
            for each, values in zip(source.__args__, self._values, strict=True)
            for value in values
        }
        # In JSON the tag has its alias; an instance has the field.
        places: list[list[str | int]] = [[self._alias], [self._name]]
        return core_schema.tagged_union_schema(choices, places)


def with_tags(document: Any) -> Any:
    """Return a document of JSON Schema with the same valid values, in which tags decide unions.

    A document that refers to a subschema of a union by its place is returned unchanged.
    """
    references: list[str] = []
    tagged = _with_tags(document, document, references)
    is_kept = any(f"/{union}/" in each for union in _UNIONS for each in references)
    return document if is_kept else tagged


def _with_tags(root: Any, node: Any, references: list[str]) -> Any:
    """Return a node with its unions decided, and itself if there are none; note the references in it."""
    if isinstance(node, list):
        items = [_with_tags(root, each, references) for each in node]
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        references.append(node["$ref"])
    changed: dict[str, Any] = {}
    for name, old in node.items():
        if name not in _DATA and (new := _with_tags(root, old, references)) is not old:
            changed[name] = new
    for union in _UNIONS:
        if isinstance(node.get(union), list) and (decided := _decided(root, node[union])):
            rest = node | changed
            schemas = _by_tag(*decided, rest.pop(union))
            return rest | {"allOf": [*rest.get("allOf", ()), *schemas]}
    return node | changed if changed else node


def _decided(root: Any, branches: list[Any]) -> tuple[str, list[tuple[str, ...]]] | None:
    """Return the tag of a union and its values in each subschema; None if no property decides."""
    found = [_tags(root, each) for each in branches]
    for name in found[0] if len(found) > 1 else ():
        own = [each[name] for each in found if name in each]
        values = [value for each in own for value in each]
        if len(own) == len(found) and len(values) == len(set(values)):
            return name, own
    return None


def _by_tag(name: str, values: list[tuple[str, ...]], branches: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that stand for a union: one for the tag, one for each subschema."""
    yield _tagged(name, [value for each in values for value in each])
    for each, branch in zip(values, branches, strict=True):
        yield {"if": _tagged(name, each), "then": branch}


def _tagged(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"enum": list(values)}}}


def _tags(root: Any, schema: Any) -> _Tags:
    """Return the required properties of an object that list nothing but texts."""
    schema = _target(root, schema)
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return {}
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return {}
    listed = {name: _listed(_target(root, properties[name])) for name in required if name in properties}
    return {name: values for name, values in listed.items() if values}


def _listed(schema: Any) -> tuple[str, ...]:
    """Return the texts that a schema lists, none if it lists anything else."""
    if not isinstance(schema, dict):
        return ()
    values: Any = [schema["const"]] if "const" in schema else schema.get("enum")
    is_texts = isinstance(values, list) and all(isinstance(each, str) for each in values)
    return tuple(values) if is_texts else ()


def _target(root: Any, schema: Any) -> Any:
    """Return what a reference within the document leads to; any other schema unchanged."""
    seen = set[str]()
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        reference = schema["$ref"]
        if not reference.startswith("#/") or reference in seen or len(schema) > 1:
            return None
        seen.add(reference)
        schema = find_at(root, unquote(reference[1:]))
    return schema
