"""Edits of schemas: spellings that keep the meaning, and changes that mostly do not.

Each is a function of a `Random`, the schema, and the components; it returns the edited schema, or None where
it does not apply.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.contractgen.diff.random_schemas import FORMATS, NAMES, PATTERNS, WORDS, Random, Schema, reference

Edit = Callable[[Random, Schema, dict[str, Any]], Any]
_NOTES = ("title", "description", "example", "x-note")


def sites(schema: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of a schema and of all schemas below it."""
    if not isinstance(schema, dict):
        return
    yield path
    for keyword in ("properties", "patternProperties"):
        for name, each in schema.get(keyword, {}).items():
            yield from sites(each, (*path, keyword, name))
    for keyword in ("items", "additionalProperties", "not", "contains"):
        yield from sites(schema.get(keyword), (*path, keyword))
    for keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for index, each in enumerate(schema.get(keyword, [])):
            yield from sites(each, (*path, keyword, index))


# Spellings -------------------------------------------------------------------------------------------


def wrapped(r: Random, schema: Schema, _: Any) -> Schema | None:
    """allOf, anyOf or oneOf of one."""
    return {r.random.choice(("allOf", "anyOf", "oneOf") if not r.is_30 else ("allOf",)): [schema]}


def divided(r: Random, schema: Schema, _: Any) -> Schema | None:
    """Keywords that do not depend on each other, in two schemas of allOf."""
    free = [
        k
        for k in schema
        if k in ("minLength", "maxLength", "pattern", "minItems", "maxItems", "required", "uniqueItems")
    ]
    if not free or "nullable" in schema:
        return None
    moved = r.random.sample(free, r.random.randint(1, len(free)))
    return {"allOf": [{k: v for k, v in schema.items() if k not in moved}, {k: schema[k] for k in moved}]}


def reordered(r: Random, schema: Schema, _: Any) -> Schema | None:
    found = dict(reversed(list(schema.items())))
    for keyword in ("required", "enum", "anyOf", "oneOf", "allOf"):
        if keyword in found:
            found[keyword] = found[keyword][::-1]
    return found


def annotated(r: Random, schema: Schema, _: Any) -> Schema | None:
    return schema | {r.random.choice(_NOTES): "text"} if "$ref" not in schema else None


def repeated(r: Random, schema: Schema, _: Any) -> Schema | None:
    """The same subschema twice in anyOf or allOf."""
    keyword = next((k for k in ("anyOf", "allOf") if k in schema), None)
    return schema | {keyword: [*schema[keyword], schema[keyword][0]]} if keyword else None


def nested(r: Random, schema: Schema, _: Any) -> Schema | None:
    for keyword in ("anyOf", "allOf"):
        if len(schema.get(keyword, [])) > 2:
            first, *rest = schema[keyword]
            return schema | {keyword: [first, {keyword: rest}]}
    return None


def said_by_default(r: Random, schema: Schema, _: Any) -> Schema | None:
    """What holds anyhow, said."""
    defaults: dict[str, dict[str, Any]] = {
        "string": {"minLength": 0},
        "array": {"minItems": 0, "uniqueItems": False},
        "object": {"additionalProperties": True, "minProperties": 0},
    }
    found = defaults.get(str(schema.get("type")), {})
    more = {k: v for k, v in found.items() if k not in schema}
    return {**more, **schema} if more else None


def whole_floats(r: Random, schema: Schema, _: Any) -> Schema | None:
    found = {k: float(v) for k, v in schema.items() if k in ("minimum", "maximum") and type(v) is int}
    return schema | found if found else None


def exclusive_integers(r: Random, schema: Schema, _: Any) -> Schema | None:
    if schema.get("type") != "integer" or "minimum" not in schema or "exclusiveMinimum" in schema:
        return None
    rest = {k: v for k, v in schema.items() if k != "minimum"}
    if r.is_30:
        return rest | {"minimum": schema["minimum"] - 1, "exclusiveMinimum": True}
    return rest | {"exclusiveMinimum": schema["minimum"] - 1}


def as_component(r: Random, schema: Schema, components: dict[str, Any]) -> Schema | None:
    name = f"Named{len(components)}"
    components[name] = schema
    return reference(name)


def inlined(r: Random, schema: Schema, components: dict[str, Any]) -> Schema | None:
    if schema.keys() != {"$ref"}:
        return None
    target = components[schema["$ref"].rpartition("/")[2]]
    found: Schema = copy.deepcopy(target)
    return found


def bounds_of_int32(r: Random, schema: Schema, _: Any) -> Schema | None:
    if schema.get("format") != "int32":
        return None
    rest = {k: v for k, v in schema.items() if k != "format"}
    return {"minimum": -(2**31), "maximum": 2**31 - 1, **rest}


def type_listed(r: Random, schema: Schema, _: Any) -> Schema | None:
    if r.is_30 or not isinstance(schema.get("type"), str):
        return None
    types = [schema["type"]] if schema["type"] != "number" else ["integer", "number"]
    return schema | {"type": types}


def const_or_enum(r: Random, schema: Schema, _: Any) -> Schema | None:
    if r.is_30:
        return None
    if "const" in schema:
        return {k: v for k, v in schema.items() if k != "const"} | {"enum": [schema["const"]]}
    if len(schema.get("enum", [])) == 1:
        return {k: v for k, v in schema.items() if k != "enum"} | {"const": schema["enum"][0]}
    return None


def enum_as_union(r: Random, schema: Schema, _: Any) -> Schema | None:
    if (
        "enum" not in schema
        or "nullable" in schema
        or len(set(map(str, schema["enum"]))) < len(schema["enum"])
    ):
        return None
    values = [
        {"enum": [v], **({"type": schema["type"]} if r.is_30 else {"title": str(v)})} for v in schema["enum"]
    ]
    rest = {k: v for k, v in schema.items() if k != "enum"}
    return (
        rest | {r.random.choice(("oneOf", "anyOf")): values} if not {"oneOf", "anyOf"} & rest.keys() else None
    )


def null_as_union(r: Random, schema: Schema, _: Any) -> Schema | None:
    types = schema.get("type")
    if r.is_30 or not isinstance(types, list) or "null" not in types or len(types) != 2:
        return None
    rest = schema | {"type": next(t for t in types if t != "null")}
    return {r.random.choice(("anyOf", "oneOf")): [rest, {"type": "null"}]}


def everything(r: Random, schema: Schema, _: Any) -> Schema | None:
    """`additionalProperties: {}`, `items: {}`."""
    if schema.get("type") == "object" and "additionalProperties" not in schema:
        return schema | {"additionalProperties": {}}
    return None


def nothing(r: Random, schema: Schema, _: Any) -> Schema | None:
    if schema.get("additionalProperties") is False:
        return schema | {"additionalProperties": {"not": {}}}
    return None


def twice_denied(r: Random, schema: Schema, _: Any) -> Schema | None:
    return None if r.is_30 else {"not": {"not": schema}}


SPELLINGS: tuple[Edit, ...] = (
    *(wrapped, divided, reordered, annotated, repeated, nested, said_by_default, whole_floats),
    *(exclusive_integers, as_component, inlined, bounds_of_int32, type_listed, const_or_enum),
    *(enum_as_union, null_as_union, everything, nothing, twice_denied),
)


# Changes ---------------------------------------------------------------------------------------------

_NUMBERS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems"),
    *("maxItems", "minProperties", "maxProperties"),
)


def moved_bound(r: Random, schema: Schema, _: Any) -> Schema | None:
    keyword = next((k for k in _NUMBERS if type(schema.get(k)) in (int, float)), None)
    if keyword is None:
        return None
    return schema | {
        keyword: max(schema[keyword] + r.random.choice((-1, 1, 2)), -3 if "imum" in keyword else 0)
    }


def dropped(r: Random, schema: Schema, _: Any) -> Schema | None:
    free = [
        k
        for k in schema
        if (
            k in (*_NUMBERS, "pattern", "format", "required", "multipleOf", "uniqueItems", "not", "contains")
            and schema[k] is not True
        )
        or k == "uniqueItems"
    ]
    if not free:
        return None
    keyword = r.random.choice(free)
    gone = {keyword, "exclusive" + keyword.capitalize()} if r.is_30 else {keyword}
    return {k: v for k, v in schema.items() if k not in gone}


def bounded(r: Random, schema: Schema, _: Any) -> Schema | None:
    bounds: dict[str, dict[str, Any]] = {
        "string": {
            "maxLength": 4,
            "minLength": 2,
            "pattern": r.random.choice(PATTERNS),
            "format": r.random.choice(FORMATS),
        },
        "integer": {"minimum": 1, "maximum": 6, "multipleOf": 2},
        "number": {"minimum": 1, "maximum": 6},
        "array": {"minItems": 2, "maxItems": 3, "uniqueItems": True},
        "object": {"minProperties": 2, "maxProperties": 3},
    }
    type_ = schema.get("type")
    found = bounds.get(
        next((t for t in type_ if t != "null"), "") if isinstance(type_, list) else str(type_), {}
    )
    found = {k: v for k, v in found.items() if k not in schema}
    if not found:
        return None
    keyword = r.random.choice(sorted(found))
    return schema | {keyword: found[keyword]}


def other_required(r: Random, schema: Schema, _: Any) -> Schema | None:
    if not schema.get("properties"):
        return None
    name = r.random.choice(sorted(schema["properties"]))
    known = schema.get("required", [])
    names = [n for n in known if n != name] if name in known else [*known, name]
    rest = {k: v for k, v in schema.items() if k != "required"}
    return rest | ({"required": names} if names else {})


def property_more_or_less(r: Random, schema: Schema, _: Any) -> Schema | None:
    if "properties" not in schema:
        return None
    known = dict(schema["properties"])
    if r.chance(0.5) and len(known) > 1:
        del known[r.random.choice(sorted(known))]
    else:
        free = [n for n in NAMES if n not in known]
        if not free:
            return None
        known[free[0]] = r.scalar()
    return schema | {"properties": known}


def other_type(r: Random, schema: Schema, _: Any) -> Schema | None:
    return r.scalar() if "type" in schema else None


def other_enum(r: Random, schema: Schema, _: Any) -> Schema | None:
    if "enum" not in schema:
        return None
    values = list(schema["enum"])
    if r.chance(0.5) and len(values) > 1:
        return schema | {"enum": values[1:]}
    new = [v for v in (WORDS if isinstance(values[0], str) else range(9)) if v not in values]
    return schema | {"enum": [*values, new[0]]} if new else None


def opened_or_closed(r: Random, schema: Schema, _: Any) -> Schema | None:
    if "properties" not in schema:
        return None
    return schema | {"additionalProperties": not schema.get("additionalProperties", True) or False}


def null_or_not(r: Random, schema: Schema, _: Any) -> Schema | None:
    types = schema.get("type")
    if r.is_30:
        return schema | {"nullable": not schema.get("nullable", False)} if types else None
    if isinstance(types, list):
        return schema | {"type": next(t for t in types if t != "null")}
    return schema | {"type": [types, "null"]} if types and types != "null" else None


def part_more_or_less(r: Random, schema: Schema, _: Any) -> Schema | None:
    keyword = next(
        (k for k in ("anyOf", "oneOf", "allOf") if k in schema and "discriminator" not in schema), None
    )
    if keyword is None:
        return None
    parts = schema[keyword]
    if r.chance(0.5) and len(parts) > 1:
        return schema | {keyword: parts[1:]}
    return schema | {keyword: [*parts, r.scalar() if keyword != "allOf" else r.object(1)]}


def other_union(r: Random, schema: Schema, _: Any) -> Schema | None:
    keyword = next((k for k in ("anyOf", "oneOf") if k in schema and "discriminator" not in schema), None)
    if keyword is None:
        return None
    rest = {k: v for k, v in schema.items() if k != keyword}
    return rest | {"oneOf" if keyword == "anyOf" else "anyOf": schema[keyword]}


def other_reference(r: Random, schema: Schema, _: Any) -> Schema | None:
    return reference("Alpha" if schema["$ref"].endswith("Beta") else "Beta") if "$ref" in schema else None


def denied(r: Random, schema: Schema, _: Any) -> Schema | None:
    return schema | {"not": r.enum()} if "not" not in schema and "$ref" not in schema else None


def in_a_union(r: Random, schema: Schema, _: Any) -> Schema | None:
    return {r.random.choice(("anyOf", "oneOf")): [schema, r.scalar()]}


CHANGES: tuple[Edit, ...] = (
    *(moved_bound, moved_bound, dropped, bounded, bounded, other_required, property_more_or_less, other_type),
    *(other_enum, opened_or_closed, null_or_not, part_more_or_less, other_union, other_reference, denied),
    in_a_union,
)
