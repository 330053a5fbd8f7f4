"""Schemas on their way to types: what they admit, and how several become one."""

import math
from collections import Counter
from typing import Any

from contractgen.document.load import Document
from contractgen.runtime.pointers import pointer_of
from contractgen.schema.directions import parts
from contractgen.schema.discriminators import PIN
from contractgen.schema.types import named_types, types_of
from contractgen.schema.vocabulary import TYPES
from contractgen.schema.walk import Schema

# What a type can say; the rest only asserts.
TYPING = {
    *("$ref", "type", "properties", "items", "additionalProperties", "enum", "const"),
    *("allOf", "anyOf", "oneOf", "customTypePath"),
}
NULL: Schema = {"type": "null"}


def flat(found: list[Schema]) -> Schema:
    """One object of parts that hold together; of members that several have, what the last says."""
    members: Schema = {}
    for part in found:
        for name, each in part.get("properties", {}).items():
            known = members.get(name)
            members[name] = narrowed(known, each)
    required = [name for part in found for name in part.get("required", [])]
    return {"type": "object", "properties": members, "required": required}


def narrowed(known: Any, more: Any) -> Any:
    """What is said last of a member, of the kinds that were said before as well."""
    if known is False or more is False:
        return False
    if known is None or only_asserts(more):
        return more if known is None else known
    if not isinstance(known, dict):
        return more
    if _spells_members(known) and _spells_members(more):
        return {"allOf": [known, more]}
    before = named_types(known)
    common = [kind for kind in named_types(more) or before if kind in before]
    kinds = {"type": common} if common else {}
    items = [each["items"] for each in (known, more) if "items" in each]
    return more | kinds | ({"items": {"allOf": items}} if len(items) == 2 else {})


def _spells_members(schema: Any) -> bool:
    """Whether a schema has members, all of them written out in it: what it says then ends somewhere."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    branches = schema.get("allOf", [])
    return all(map(_spells_members, branches)) and ("properties" in schema or bool(branches))


def with_demands(branches: list[Any]) -> list[Any]:
    """The branches that a type can say; members that others demand are demanded by the last."""
    typed = [each for each in branches if not only_asserts(each)]
    silent = [each for each in branches if isinstance(each, dict) and only_asserts(each)]
    demanded = [name for each in silent for name in each.get("required", [])]
    if not demanded or not typed:
        return typed
    if is_component(typed[-1]):
        return [*typed, {"required": demanded}]
    last = typed[-1]
    return [*typed[:-1], last | {"required": [*last.get("required", []), *demanded]}]


def admits_null(schema: Schema) -> bool:
    unions = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    return "null" in named_types(schema) or NULL in unions


def without_null(kind: Schema) -> Schema:
    """The type without null among its kinds."""
    if isinstance(kind.get("type"), list):
        kinds = [each for each in kind["type"] if each != "null"]
        return kind | {"type": kinds[0] if len(kinds) == 1 else kinds}
    if "anyOf" in kind:
        types = [each for each in kind["anyOf"] if each != NULL]
        return types[0] if len(types) == 1 else kind | {"anyOf": types}
    return kind


def admitted(schema: Schema, listed: list[Any]) -> list[Any]:
    """Of the values that a schema lists those that its own type and lengths admit; all, if it admits none."""
    kinds = named_types(schema) or TYPES
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    of_kind = [value for value in listed if types_of(value) & {*kinds}]
    return [value for value in of_kind if not isinstance(value, str) or least <= len(value) <= most] or listed


def is_object_only(document: Document, schema: Any) -> bool:
    """Whether a schema admits objects only."""
    found = list(parts(document, schema, set()))
    if any(named_types(part) == ["object"] for part in found):
        return True
    unions = [part[keyword] for part in found for keyword in ("anyOf", "oneOf") if keyword in part]
    return any(all(is_object_only(document, each) for each in union) for union in unions)


def is_component(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.keys() == {"$ref"}


def only_asserts(schema: Any) -> bool:
    """Whether a schema says nothing that a type could say."""
    if not isinstance(schema, dict):
        return True
    return not TYPING & schema.keys()


def pins_of(document: Document) -> dict[str, Schema]:
    """The pin of each component that stands in unions under one value of their discriminator, by pointer.

    One that stands elsewhere too, where it may have other values, has none.
    """
    found: dict[str, list[Schema]] = {}
    references: Counter[str] = Counter()
    waiting: list[Any] = [document.value]
    while waiting:
        node = waiting.pop()
        waiting += node if isinstance(node, list) else node.values() if isinstance(node, dict) else ()
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            references[pointer_of(node["$ref"])] += 1
        if isinstance(node, dict) and unpinned(node) is not node:
            found.setdefault(pointer_of(node["allOf"][0]["$ref"]), []).append(node["allOf"][1])
    return {
        pointer: pins[0]
        for pointer, pins in found.items()
        if all(pin == pins[0] for pin in pins) and references[pointer] == len(pins)
    }


def unpinned(variant: Any) -> Any:
    """A variant of a union without the pin of its discriminator."""
    if isinstance(variant, dict) and variant.keys() == {"allOf"} and len(variant["allOf"]) == 2:
        first, pin = variant["allOf"]
        if isinstance(pin, dict) and pin.get("$comment") == PIN:
            return first
    return variant
