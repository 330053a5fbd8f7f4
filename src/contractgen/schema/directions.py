"""Schemas by direction: requests have no `readOnly` properties, responses no `writeOnly` ones.

A request may be a `form` in which files are uploads, and a `part` is one of its fields.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from contractgen.document.grammar import DATA_MEMBERS, NAMED_MEMBERS
from contractgen.document.load import Document
from contractgen.schema.walk import Schema, below, schema_at
from contractgen_runtime.pointers import find_at, pointer_of

Direction: TypeAlias = Literal["request", "response", "form", "part"]
_PROSE = {"description", "summary", "title"}
HIDDEN: dict[Direction, str] = {
    **dict.fromkeys(("request", "form", "part"), "readOnly"),
    "response": "writeOnly",
}


def hidden_members(document: Document, schema: Any, direction: Direction) -> set[str]:
    """Return the properties of an object, those of its `allOf` included, that a direction does not have."""
    return {
        name
        for part in parts(document, schema, set())
        for name, member in part.get("properties", {}).items()
        if _has_flag(document, member, HIDDEN[direction])
    }


def parts(document: Document, schema: Any, seen: set[str]) -> Iterator[Schema]:
    """Yield the schemas that hold together with one: itself, what it refers to, and its `allOf`."""
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if reference is not None and reference not in seen:
        seen.add(reference)
        yield from parts(document, _target(document, pointer_of(reference)), seen)
    yield schema
    for branch in schema.get("allOf", []):
        yield from parts(document, branch, seen)


def _has_flag(document: Document, member: Any, flag: str) -> bool:
    """Return whether a flag applies to every value of a property but null."""
    waiting, seen = [member], set[str]()
    while waiting:
        for part in parts(document, waiting.pop(), seen):
            if part.get(flag) is True:
                return True
            waiting += _beside_null(part)
    return False


def _beside_null(schema: Schema) -> Iterator[Any]:
    """Yield the only subschema of a union beside null."""
    for union in ("anyOf", "oneOf"):
        others = [each for each in schema.get(union, ()) if each != {"type": "null"}]
        if len(others) == 1:
            yield others[0]


def _target(document: Document, pointer: str) -> Any:
    return find_at(document.value, pointer, True)


def request_schemas(document: Document) -> bytes:
    """Return the document as JSON without prose; no schema in it admits what a request does not send."""
    value = directed(document, "request")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def directed(document: Document, direction: Direction) -> Any:
    """Return the document without prose; no schema in it admits properties that a direction does not have."""
    return _directed(document, document.value, direction, frozenset())


def _directed(
    document: Document, node: Any, direction: Direction, outer: frozenset[str], *, named: bool = False
) -> Any:
    """Return a node as `directed` does. `outer` are the hidden properties of the object that a branch of
    `allOf` is part of; if the mapping is `named`, its keys are names, not keywords."""
    if isinstance(node, list):
        return [_directed(document, each, direction, frozenset()) for each in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {name: _directed(document, each, direction, frozenset()) for name, each in node.items()}
    hidden = outer
    if isinstance(node.get("properties"), dict) or isinstance(node.get("allOf"), list):
        hidden |= hidden_members(document, node, direction)
    copy = {
        name: _directed_member(document, name, value, direction, hidden)
        for name, value in node.items()
        if name not in _PROSE or not isinstance(value, str)
    }
    if hidden and isinstance(copy.get("required"), list):
        copy["required"] = [name for name in copy["required"] if name not in hidden]
    if hidden and isinstance(copy.get("properties"), dict):
        copy["properties"] |= dict.fromkeys(hidden & copy["properties"].keys(), False)
    return copy


def _directed_member(
    document: Document, name: str, value: Any, direction: Direction, hidden: frozenset[str]
) -> Any:
    if name in DATA_MEMBERS:
        return value
    if name == "allOf" and isinstance(value, list):
        return [_directed(document, each, direction, hidden) for each in value]
    return _directed(document, value, direction, frozenset(), named=name in NAMED_MEMBERS)


class Affected:
    """The schemas that differ between requests and responses, by pointer."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.known: dict[str, bool] = {}

    def __call__(self, pointer: str) -> bool:
        """Return whether `readOnly` or `writeOnly` stands anywhere below the schema, references followed."""
        if pointer not in self.known:
            reached = {pointer: self.document.at(pointer)}
            waiting = [pointer]
            found = False
            while waiting and not found:
                here = waiting.pop()
                references: set[str] = set()
                found = self.known.get(here, False) or _flags(reached[here], references)
                for each in references - reached.keys():
                    reached[each] = _target(self.document, each)
                    waiting.append(each)
            self.known |= {pointer: found} if found else dict.fromkeys(reached, False)
        return self.known[pointer]


def _flags(schema: Any, references: set[str]) -> bool:
    if not isinstance(schema, dict):
        return False
    if str(schema.get("$ref", "")).startswith("#/"):
        references.add(pointer_of(schema["$ref"]))
    flagged = schema.get("readOnly") is True or schema.get("writeOnly") is True
    return any([flagged, *(_flags(schema_at(schema, path), references) for path in below(schema))])
