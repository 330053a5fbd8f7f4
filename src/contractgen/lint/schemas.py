"""Semantic rules for schemas: what they demand in one place and rule out, or ignore, in another."""

from collections.abc import Iterator
from itertools import permutations, product
from typing import Any

import jsonschema_rs

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.lint.autofix import nullable
from contractgen.lint.rule import Subject, rule
from contractgen.schema.directions import parts
from contractgen.schema.discriminators import UNIONS
from contractgen.schema.inclusion.prover import Inclusion
from contractgen.schema.inclusion.sources import Sources
from contractgen.schema.types import named_types, types_of
from contractgen.schema.vocabulary import TYPES
from contractgen.schema.walk import Schema
from contractgen_runtime.formats import FORMATS
from contractgen_runtime.pointers import child, find_at, pointer_of, reference_to

_SIMPLE = (
    *(
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ),
    *("multipleOf", "minItems", "maxItems"),
)
_DEEPEST = 5
_COUNTS = ("Length", "Items", "Properties", "Contains")
# Keywords by which an object can have properties beside `properties`, or the schema is only a part of one.
_MORE_PROPERTIES = {"$ref", "allOf", "anyOf", "oneOf", "patternProperties"}


@rule("contradictory-bounds", "error")
def contradictory_bounds(subject: Subject) -> Iterator[Finding]:
    """No value is both as large and as small as this schema demands: correct one of the two bounds."""
    for pointer, schema in objects_of(subject.document.value, "schema"):
        pairs = [(f"min{count}", f"max{count}") for count in _COUNTS]
        pairs += product(("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
        for least, most in pairs:
            if {least, most} <= schema.keys():
                low, high, is_open = schema[least], schema[most], "exclusive" in least + most
                if low > high or (low == high and is_open):
                    message = f"{least} {low} and {most} {high} admit no value"
                    yield subject.document.finding(child(pointer, most), message, "correct one of them")


@rule("enum-type-mismatch", "error")
def enum_type_mismatch(subject: Subject) -> Iterator[Finding]:
    """A value of enum or const is never valid if it is not of the schema's type, or breaks a keyword beside
    it: correct the value or the other keyword."""
    written = dict(objects_of(subject.written.value, "schema"))
    for pointer, schema in objects_of(subject.document.value, "schema"):
        names = named_types(schema) or TYPES
        enum = _as_written(written.get(pointer), schema, "enum")
        values = {child(pointer, "enum", n): value for n, value in enumerate(enum)}
        if "const" in schema:
            values[child(pointer, "const")] = schema["const"]
        for place, value in values.items():
            if not types_of(value) & {*names}:
                message = f"value is never valid: the type is {' or '.join(names)}"
                yield subject.document.finding(place, message, "correct the value or the type")
            elif name := _broken(schema, value):
                message = f"value is never valid: it breaks the {name} beside it"
                yield subject.document.finding(place, message, f"correct the value or the {name}")


def _broken(schema: Schema, value: Any) -> str:
    """Return the first keyword beside an enum that rejects one of its values; an empty text if none does."""
    for name in (each for each in _SIMPLE if each in schema):
        validator = jsonschema_rs.Draft202012Validator(
            {name: schema[name]}, validate_formats=True, formats=FORMATS
        )
        if not validator.is_valid(value):
            return name
    return ""


@rule("required-property-not-allowed", "error")
def required_property_not_allowed(subject: Subject) -> Iterator[Finding]:
    """An object cannot have a property that is required and not allowed: declare it under properties, or
    remove it from required."""
    written = dict(objects_of(subject.written.value, "schema"))
    for pointer, schema in objects_of(subject.document.value, "schema"):
        properties = schema.get("properties", {})
        is_closed = schema.get("additionalProperties") is False and not _MORE_PROPERTIES & schema.keys()
        for index, name in enumerate(_as_written(written.get(pointer), schema, "required")):
            if _is_nothing(subject.document, properties.get(name)) or (is_closed and name not in properties):
                message, hint = (
                    f"property {name!r} is required and not allowed",
                    "declare it under properties",
                )
                yield subject.document.finding(child(pointer, "required", index), message, hint)
        for index, name in _shut_out_by_parts(subject.document, schema):
            message = f"property {name!r} is required by allOf and not allowed"
            hint = "this subschema sees only its own properties: declare it there, too, or leave it open"
            yield subject.document.finding(child(pointer, "allOf", index), message, hint)
        for name in _shut_out(subject.document, schema):
            message = f"property {name!r} is required by allOf and not allowed"
            hint = "additionalProperties sees only the properties beside it: declare it there, too"
            yield subject.document.finding(child(pointer, "additionalProperties"), message, hint)
        for union, place in _shut_out_unions(subject.document, schema):
            message = f"no object is valid: each subschema of {union} has a property that is not allowed"
            hint = "additionalProperties sees only the properties beside it: declare them there, too"
            yield subject.document.finding(child(pointer, place), message, hint)


@rule("schema-never-valid", "error")
def schema_never_valid(subject: Subject) -> Iterator[Finding]:
    """No value is valid by `false` or `not: {}`, so no body or parameter of such a schema can be sent: leave
    it out."""
    for kind in ("parameter", "header", "media type"):
        for pointer, node in objects_of(subject.document.value, kind):
            if _is_nothing(subject.document, node.get("schema")):
                message, hint = f"no value of the {kind} is valid", f"leave the {kind} out"
                yield subject.document.finding(child(pointer, "schema"), message, hint)


@rule("one-of-never-valid", "error")
def one_of_never_valid(subject: Subject) -> Iterator[Finding]:
    """A value that two subschemas of oneOf admit is rejected, so one is never valid if another one covers it:
    tell the two apart by a const, or write anyOf."""
    inclusion = Inclusion(Sources(contract=subject.document.value))
    for pointer, schema in objects_of(subject.document.value, "schema"):
        places = [child(pointer, "oneOf", index) for index in range(len(schema.get("oneOf", ())))]
        references = [{"$ref": f"urn:contract{reference_to(place)}"} for place in places]
        wider: dict[int, int] = {}
        for one, other in permutations(range(len(places)), 2):
            if one not in wider and inclusion.holds(references[one], references[other]):
                wider[one] = other
        for one, other in wider.items():
            message = f"oneOf rejects whatever this subschema admits, because oneOf[{other}] admits it, too"
            hint = "tell the two apart by a const, or write anyOf"
            yield subject.document.finding(places[one], message, hint)


def _is_nothing(document: Document, schema: Any, depth: int = 0) -> bool:
    """Return whether a schema is false or rules out everything, as all subschemas of its union may."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return schema is False
    wholes = [find_at(document.value, pointer_of(schema["$ref"]))] if "$ref" in schema else []
    if schema.get("not") in (True, {}) or any(
        _is_nothing(document, each, depth + 1) for each in (*wholes, *schema.get("allOf", ()))
    ):
        return True
    unions = ([_is_nothing(document, each, depth + 1) for each in schema.get(union, ())] for union in UNIONS)
    return any(each and all(each) for each in unions)


def _shut_out(document: Document, schema: Schema) -> list[str]:
    """Return the properties that `allOf` requires of a closed object, and that this does not have."""
    if schema.get("additionalProperties") is not False or "patternProperties" in schema:
        return []
    below = [part for each in schema.get("allOf", ()) for part in parts(document, each, set())]
    required = dict.fromkeys(name for part in below for name in part.get("required", ()))
    return [name for name in required if name not in schema.get("properties", {})]


def _shut_out_by_parts(document: Document, schema: Schema) -> Iterator[tuple[int, str]]:
    """Yield the subschemas of `allOf` that are closed to a property which another part requires."""
    branches = [[*parts(document, each, set())] for each in schema.get("allOf", ())]
    own = schema.get("required", ())
    for index, branch in enumerate(branches):
        closed = [part for part in branch if part.get("additionalProperties") is False]
        others = [part for other in branches if other is not branch for part in other]
        required = dict.fromkeys([*own, *(name for part in others for name in part.get("required", ()))])
        for part in closed:
            known = part.get("properties", {})
            if "patternProperties" not in part:
                yield from ((index, name) for name in required if name not in known)


def _shut_out_unions(document: Document, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield the unions of an object whose subschemas all require what a closed part of it does not allow,
    each with the keyword at which to report it."""
    if not {"additionalProperties", "allOf", *UNIONS} & schema.keys():
        return
    own = [*parts(document, schema, set())]
    if _is_closed_to_itself(own):
        return
    for union in UNIONS:
        if union in schema or schema.get("additionalProperties") is False:
            for part in own:
                branches = [[*own, *parts(document, each, set())] for each in part.get(union, ())]
                if branches and all(map(_is_closed_to_itself, branches)):
                    yield union, union if union in schema else "additionalProperties"


def _is_closed_to_itself(every: list[Schema]) -> bool:
    """Return whether schemas that hold together require a property that one of them does not allow."""
    required = {name for part in every for name in part.get("required", ())}
    closed = (each for each in every if each.get("additionalProperties") is False)
    return any(
        "patternProperties" not in part and not required <= part.get("properties", {}).keys()
        for part in closed
    )


def _as_written(written: Schema | None, schema: Schema, keyword: str) -> list[Any]:
    """The list of a keyword with its repetitions, which the normal form drops: else positions are shifted."""
    listed: list[Any] = (written or schema).get(keyword, []) if keyword in schema else []
    return listed


@rule("nullable-ignored", "warning")
def nullable_ignored(subject: Subject) -> Iterator[Finding]:
    """OpenAPI 3.1 has no nullable, so null is rejected: add null to the type, which --fix does."""
    if not str(subject.written.value["openapi"]).startswith("3.0"):
        for pointer, schema in objects_of(subject.written.value, "schema"):
            if "nullable" in schema:
                # The same message as planning has for it, which this finding then replaces.
                message, hint = "the keyword 'nullable' has no effect", 'write `type: [..., "null"]`'
                edits = nullable(schema, pointer)
                yield subject.document.finding(child(pointer, "nullable"), message, hint, edits)
