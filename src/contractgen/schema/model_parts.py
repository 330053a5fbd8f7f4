"""Schemas on their way to types: what they admit, and how several become one."""

import json
import math
from collections.abc import Iterable
from typing import Any

from contractgen.document.load import Document
from contractgen.schema.directions import parts
from contractgen.schema.types import named_types, types_of
from contractgen.schema.vocabulary import TYPES
from contractgen.schema.walk import Schema
from contractgen_runtime.pointers import pointer_of

# What a type can say; the rest only asserts.
TYPING = {
    *("$ref", "type", "properties", "items", "additionalProperties", "enum", "const"),
    *("allOf", "anyOf", "oneOf", "customTypePath"),
}
NULL: Schema = {"type": "null"}
# Unions within unions in which required properties are looked for: they multiply.
_DEEPEST = 3


def flat(document: Document, found: list[Schema]) -> Schema:
    """Return one object of parts that hold together; of a property of several, the last schema counts."""
    members: Schema = {}
    for part in found:
        for name, each in part.get("properties", {}).items():
            known = members.get(name)
            members[name] = narrowed(document, known, each)
    required = [name for part in found for name in part.get("required", [])]
    return {"type": "object", "properties": members, "required": required}


def narrowed(document: Document, known: Any, more: Any) -> Any:
    """Return the last schema of a property, limited to the JSON types that the schemas before it admit.

    Objects whose properties are all written out are joined, so that the property has those of both.
    """
    if known is False or more is False:
        return False
    if known is None or only_asserts(more):
        return more if known is None else known
    if not isinstance(known, dict):
        return more
    spelled = [_spelled(document, each) for each in (known, more)]
    if known != more and all(map(_spells_members, spelled)):
        return {"allOf": spelled}
    before = named_types(known)
    common = [kind for kind in named_types(more) or before if kind in before]
    kinds = {"type": common} if common else {}
    items = [each["items"] for each in (known, more) if "items" in each]
    return more | kinds | ({"items": {"allOf": items}} if len(items) == 2 else {})


def _spelled(document: Document, schema: Any) -> Any:
    """Return the target of a reference if it refers to nothing itself, so is finite; else the schema."""
    if not is_component(schema):
        return schema
    target = document.at(pointer_of(schema["$ref"]))
    return schema if '"$ref"' in json.dumps(target) else target


def _spells_members(schema: Any) -> bool:
    """Return whether a schema has properties that are all written out in it, so that it is finite."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    branches = schema.get("allOf", [])
    return all(map(_spells_members, branches)) and ("properties" in schema or bool(branches))


def with_demands(branches: list[Any]) -> list[Any]:
    """Return the branches that a type can express; the last one requires what the other branches require."""
    typed = [each for each in branches if not only_asserts(each)]
    silent = [each for each in branches if isinstance(each, dict) and only_asserts(each)]
    demanded = [name for each in silent for name in each.get("required", [])]
    if not demanded or not typed:
        return typed
    if is_component(typed[-1]):
        return [*typed, {"required": demanded}]
    last = typed[-1]
    return [*typed[:-1], last | {"required": [*last.get("required", []), *demanded]}]


def declares_more(schema: Schema) -> bool:
    """Return whether an object may have properties that a keyword describes without naming them."""
    keywords = ("additionalProperties", "unevaluatedProperties")
    return "patternProperties" in schema or any(schema.get(each, False) is not False for each in keywords)


def admits_null(schema: Schema) -> bool:
    unions = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    return "null" in named_types(schema) or NULL in unions


def without_null(kind: Schema) -> Schema:
    """Return the type without null."""
    if isinstance(kind.get("type"), list):
        kinds = [each for each in kind["type"] if each != "null"]
        return kind | {"type": kinds[0] if len(kinds) == 1 else kinds}
    if "anyOf" in kind:
        types = [each for each in kind["anyOf"] if each != NULL]
        return types[0] if len(types) == 1 else kind | {"anyOf": types}
    return kind


def with_null_apart(kind: Schema) -> Schema:
    """Return a type in which each object within it stands beside null where it may be null.

    datamodel-code-generator makes one class of equal objects, and forgets the null of all but the first.
    """
    copy = dict(kind)
    for keyword in ("items", "additionalProperties"):
        if isinstance(kind.get(keyword), dict):
            copy[keyword] = _null_apart(kind[keyword])
    for keyword in ("anyOf", "allOf"):
        if keyword in kind:
            copy[keyword] = [_null_apart(each) for each in kind[keyword]]
    if "properties" in kind:
        copy["properties"] = {name: _null_apart(each) for name, each in kind["properties"].items()}
    return copy


def _null_apart(kind: Schema) -> Schema:
    copy = with_null_apart(kind)
    if not is_class(copy) or "null" not in named_types(copy):
        return copy
    notes = {name: copy[name] for name in ("description",) if name in copy}
    return notes | {"anyOf": [without_null(copy), NULL]}


def narrowed_to(kind: Schema, types: list[str]) -> Schema:
    """Return the part of a type whose values are of some JSON types, which stand beside what made it."""
    wide = {*types, *(["integer"] if "number" in types else [])}
    if "anyOf" in kind:
        found = [each for part in kind["anyOf"] if (each := narrowed_to(part, types))]
        return {**kind, "anyOf": found} if len(found) > 1 else found[0] if found else {}
    if "$ref" in kind or "allOf" in kind:
        return kind if "object" in wide else {}
    if "customTypePath" in kind:
        return kind
    own = named_types(kind)
    common = [each for each in own if each in wide] if own else types
    common = ["integer" if each == "number" and "number" not in wide else each for each in common]
    if not common:
        return {}
    listed = [value for value in kind.get("enum", []) if types_of(value) & {*common}]
    return {**kind, "type": common[0] if len(common) == 1 else common} | ({"enum": listed} if listed else {})


def admits_nothing(schema: Any) -> bool:
    """Return whether no value of an enum is of the type that stands beside it."""
    if not isinstance(schema, dict):
        return schema is False
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    types = {*(named_types(schema) or TYPES)}
    return listed is not None and not any(types_of(value) & types for value in listed)


def adds_to(document: Document, schema: Schema, variants: list[Any]) -> bool:
    """Return whether a schema says more of its properties than the subschemas of its union do."""
    required = {*schema.get("required", ())}
    return "properties" in schema or any(not required <= demanded(document, each).keys() for each in variants)


def demanded(document: Document, schema: Any, depth: int = 0) -> dict[str, None]:
    """Return the properties that every object of a schema has, those that all subschemas require included."""
    found: dict[str, None] = {}
    for part in parts(document, schema, set()) if depth < _DEEPEST else ():
        found |= dict.fromkeys(part.get("required", []))
        for keyword in ("anyOf", "oneOf"):
            of_each = [
                demanded(document, each, depth + 1) for each in part.get(keyword, []) if each is not False
            ]
            if of_each:
                common = [name for name in of_each[0] if all(name in each for each in of_each)]
                found |= dict.fromkeys(common)
    return found


def is_class(kind: Schema) -> bool:
    """Return whether a type is a class of its own, and no alias."""
    return "properties" in kind or "allOf" in kind


def admitted(schema: Schema, listed: list[Any]) -> list[Any]:
    """Return the listed values that a schema's own type and lengths admit; all of them if it admits none."""
    kinds = named_types(schema) or TYPES
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    of_kind = [value for value in listed if types_of(value) & {*kinds}]
    return [value for value in of_kind if not isinstance(value, str) or least <= len(value) <= most] or listed


def is_object_only(document: Document, schema: Any) -> bool:
    """Return whether a schema admits objects only."""
    return admitted_types(document, schema) == ["object"]


def admitted_types(document: Document, schema: Any) -> list[str]:
    """Return the JSON types that a schema and its unions admit; number includes integer."""
    found = {*TYPES}
    for part in parts(document, schema, set()):
        found &= _with_integers(named_types(part) or TYPES)
        for keyword in ("anyOf", "oneOf"):
            if part.get(keyword):
                each = (
                    admitted_types(document, variant) for variant in part[keyword] if variant is not False
                )
                found &= _with_integers(name for names in each for name in names)
    return [name for name in TYPES if name in found and not (name == "integer" and "number" in found)]


def _with_integers(types: Iterable[str]) -> set[str]:
    found = {*types}
    return found | {"integer"} if "number" in found else found


def is_component(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.keys() == {"$ref"}


def only_asserts(schema: Any) -> bool:
    """Return whether a schema says nothing that a type could express."""
    if not isinstance(schema, dict):
        return True
    return not TYPING & schema.keys() and not declares_more(schema)
