"""Unions with subschemas that are told apart by the value of one property, the tag.

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
Tags: TypeAlias = dict[str, tuple[str | int, ...]]
# How many schemas lead to what is said of an object, at most.
_DEEPEST = 20


class TaggedUnion:
    """Metadata of a union of models: the alias of the tag, and its values in each class.

    Pydantic's own discriminator looks for the name of the field before its alias: another property of that
    name would decide.
    """

    __slots__ = ("_alias", "_name", "_values")

    def __init__(self, alias: str, values: Sequence[Sequence[str | int]], *, name: str | None = None) -> None:
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


def tags_of(root: Any, schema: Any) -> Tags:
    """Return the required properties of an object that list nothing but texts, integers and booleans."""
    return _Object(root, schema).tags()


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
        rest = node | changed
        if isinstance(node.get(union), list) and (decided := _decided(root, node[union])):
            name, values = decided
            branches = rest.pop(union)
            schemas = list(_by_tag(name, [(each, branches[index]) for index, each in values.items()]))
            others = [each for index, each in enumerate(branches) if index not in values]
            if others:
                return rest | {union: [{"allOf": schemas}, *others]}
            return rest | {"allOf": [*rest.get("allOf", ()), *schemas]}
    return node | changed if changed else node


def _decided(root: Any, branches: list[Any]) -> tuple[str, dict[int, tuple[str | int, ...]]] | None:
    """Return the tag of the most subschemas of a union, and its values in each; None if none decides."""
    found = [tags_of(root, each) for each in branches]
    best: tuple[str, dict[int, tuple[str | int, ...]]] | None = None
    for name in dict.fromkeys(name for each in found for name in each):
        own = {index: each[name] for index, each in enumerate(found) if name in each}
        values = [value for each in own.values() for value in each]
        if len(own) > (len(best[1]) if best else 1) and len(values) == len(set(values)):
            best = name, own
    return best


def _by_tag(name: str, branches: list[tuple[tuple[str | int, ...], Any]]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that stand for a union: one for the tag, one for each subschema."""
    yield _tagged(name, [value for values, _ in branches for value in values])
    for values, branch in branches:
        yield {"if": _tagged(name, values), "then": branch}


def _tagged(name: str, values: Sequence[str | int]) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"enum": list(values)}}}


class _Object:
    """The facts about an object in a schema, in what it refers to and in what it is composed of."""

    def __init__(self, root: Any, schema: Any) -> None:
        self._root = root
        self._is_object = False
        self._required = set[str]()
        self._listed: Tags = {}
        self._add(schema, 0)

    def tags(self) -> Tags:
        listed = self._listed if self._is_object else {}
        return {name: values for name, values in listed.items() if name in self._required}

    def _add(self, schema: Any, depth: int) -> None:
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return
        self._is_object |= schema.get("type") == "object"
        self._add(_target(self._root, schema.get("$ref")), depth + 1)
        for each in _list(schema.get("allOf")):
            self._add(each, depth + 1)
        self._required |= {each for each in _list(schema.get("required")) if isinstance(each, str)}
        properties = schema.get("properties")
        for name, each in properties.items() if isinstance(properties, dict) else ():
            if values := self._values(each, depth):
                self._listed.setdefault(name, values)

    def _values(self, schema: Any, depth: int) -> tuple[str | int, ...]:
        """Return the texts, integers and booleans that a schema lists, none if it lists anything else."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return ()
        values: Any = [schema["const"]] if "const" in schema else schema.get("enum")
        if values is None:
            return self._values(_target(self._root, schema.get("$ref")), depth + 1)
        is_listed = isinstance(values, list) and all(isinstance(each, str | int) for each in values)
        return tuple(values) if is_listed else ()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _target(root: Any, reference: Any) -> Any:
    """Return the schema that a reference within the document leads to, else None."""
    is_within = isinstance(reference, str) and reference.startswith("#/")
    return find_at(root, unquote(reference[1:])) if is_within else None
