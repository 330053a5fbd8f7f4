"""Where a contract contradicts itself: what it demands in one place it rules out, or lacks, in another."""

import json
from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import ContractError, Edit, Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.document.operations import declared_parameters, operations_of
from contractgen.lint.autofix import reference_from
from contractgen.runtime.pointers import child, pointer_of
from contractgen.schema.discriminators import UNIONS, Variant, Variants, leads, mapping_of
from contractgen.schema.types import named_types, types_of
from contractgen.schema.vocabulary import TYPES

_COUNTS = ("Length", "Items", "Properties", "Contains")
# Keywords by which an object may get members beside its `properties`, or is but a part of a schema.
_MORE_MEMBERS = {"$ref", "allOf", "anyOf", "oneOf", "patternProperties"}
# What a finding tells of the variants of one union, and how long a hint may be.
_MOST_TOLD = 4
_LONGEST_HINT = 300
_BODILESS_METHODS = {"get", "head", "trace"}
_BODILESS_STATUSES = {"204", "205", "304"}


def contradictory_schemas(document: Document) -> Iterator[Finding]:
    """Schemas of a document in normal form that rule out what they demand or list."""
    for pointer, schema in objects_of(document.value, "schema"):
        yield from _bounds(document, pointer, schema)
        yield from _values(document, pointer, schema)
        yield from _members(document, pointer, schema)


def _bounds(document: Document, pointer: str, schema: dict[str, Any]) -> Iterator[Finding]:
    """No value is both as large and as small as it must be."""
    for count in _COUNTS:
        least, most = f"min{count}", f"max{count}"
        if {least, most} <= schema.keys() and schema[least] > schema[most]:
            message = f"{least} is {schema[least]} and {most} is {schema[most]}: nothing is both"
            yield document.finding(child(pointer, most), message)
    for least in {"minimum", "exclusiveMinimum"} & schema.keys():
        for most in {"maximum", "exclusiveMaximum"} & schema.keys():
            low, high, is_open = schema[least], schema[most], "exclusive" in least + most
            if low > high or (low == high and is_open):
                yield document.finding(
                    child(pointer, most), f"{least} is {low} and {most} is {high}: nothing is both"
                )


def _values(document: Document, pointer: str, schema: dict[str, Any]) -> Iterator[Finding]:
    """What is listed is of the schema's own type."""
    kinds = named_types(schema) or TYPES
    listed = {child(pointer, "enum", n): value for n, value in enumerate(schema.get("enum", []))}
    if "const" in schema:
        listed[child(pointer, "const")] = schema["const"]
    for place, value in listed.items():
        if not types_of(value) & {*kinds}:
            message = f"the value can never stand here: the type is {' or '.join(kinds)}"
            yield document.finding(place, message)


def _members(document: Document, pointer: str, schema: dict[str, Any]) -> Iterator[Finding]:
    """What must be there may be there."""
    properties = schema.get("properties", {})
    is_closed = schema.get("additionalProperties") is False and not _MORE_MEMBERS & schema.keys()
    for index, name in enumerate(schema.get("required", [])):
        if properties.get(name) is False or (is_closed and name not in properties):
            yield document.finding(
                child(pointer, "required", index), f"the member {name!r} is required and not allowed"
            )


def contradictory_bodies(document: Document, place: str) -> Iterator[Finding]:
    """An operation's bodies are where HTTP has bodies."""
    operation, method = document.at(place), place.rpartition("/")[2]
    if "requestBody" in operation and method in _BODILESS_METHODS:
        message, hint = f"{method.upper()} has no body by HTTP", "use parameters, or POST"
        yield document.finding(child(place, "requestBody"), message, hint)
    for status in _BODILESS_STATUSES & operation.get("responses", {}).keys():
        response, pointer = document.resolve(child(place, "responses", status))
        if response.get("content"):
            message = f"a response of {status} has no body by HTTP"
            yield document.finding(
                child(pointer, "content"), message, "remove the content, or answer with 200"
            )


def contradictory_links(document: Document) -> Iterator[Finding]:
    """A link leads to an operation, and its parameters are that operation's."""
    known = {
        document.at(place.pointer).get("operationId"): place.pointer for place in operations_of(document)
    }
    for pointer, link in objects_of(document.value, "link"):
        name, reference = link.get("operationId"), str(link.get("operationRef", ""))
        target = pointer_of(reference) if reference.startswith("#/") else known.get(name)
        if name is not None and target is None:
            yield document.finding(child(pointer, "operationId"), f"no operation is called {name!r}")
        elif target is not None:
            yield from _link_parameters(document, pointer, link, target)


def _link_parameters(
    document: Document, pointer: str, link: dict[str, Any], target: str
) -> Iterator[Finding]:
    try:
        declared = declared_parameters(document, target)
    except (LookupError, TypeError, AttributeError, ContractError):
        yield document.finding(child(pointer, "operationRef"), "the reference leads to no operation")
        return
    names = {name for _, name in declared} | {f"{where}.{name}" for where, name in declared}
    for name in link.get("parameters") or {}:
        if name not in names:
            message = f"the operation that the link leads to has no parameter {name!r}"
            yield document.finding(child(pointer, "parameters", name), message)


def contradictory_discriminators(document: Document) -> Iterator[Finding]:
    """The values of a discriminator lead to the variants of its union, and these list them."""
    known = Variants(document.value)
    for pointer, schema in objects_of(document.value, "schema"):
        if isinstance(schema.get("discriminator"), dict) and any(schema.get(union) for union in UNIONS):
            variants = [variant for union in UNIONS for _, variant in known.of(schema, union)]
            place = child(pointer, "discriminator")
            yield from _mapped(document, place, schema, variants)
            yield from _named(document, place, schema, variants)


def _mapped(
    document: Document, place: str, schema: dict[str, Any], variants: list[Variant]
) -> Iterator[Finding]:
    """A mapping leads to a variant, or to a part of one, from a value that this one lists."""
    reached = _references(document, [each for union in UNIONS for each in schema.get(union) or ()])
    for value, target in mapping_of(schema).items():
        where = child(place, "mapping", value)
        if not any(leads(target, reference) for reference in reached):
            yield document.finding(where, f"the mapping leads to {target}, which is no variant")
        for variant in variants:
            if value in variant.mapped and variant.listed is not None and value not in variant.listed:
                yield document.finding(where, f"the value can never stand here: {_listing(variant)}")


def _references(document: Document, schemas: list[Any]) -> list[str]:
    """Where variants lead: their references, and those of their own parts and variants."""
    found: dict[str, None] = {}
    waiting = schemas
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        waiting += [each for keyword in ("allOf", *UNIONS) for each in schema.get(keyword) or ()]
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in found:
            found[reference] = None
            try:
                waiting.append(document.at(pointer_of(reference)))
            except (LookupError, TypeError):
                continue  # found by the check of the structure
    return list(found)


def _named(
    document: Document, place: str, schema: dict[str, Any], variants: list[Variant]
) -> Iterator[Finding]:
    """Where no mapping leads to a variant, its name is the value by OpenAPI."""
    mapping = mapping_of(schema)
    unnamed = [each for each in variants if not (each.mapped or each.takes_its_name)]
    lacking = [each for each in unnamed if any(value not in mapping for value in each.listed or ())]
    if not lacking:
        return
    name = schema["discriminator"]["propertyName"]
    listed = ", ".join(map(_listing, lacking[:_MOST_TOLD])) + (", ..." if len(lacking) > _MOST_TOLD else "")
    message = f"the value of {name!r} is the variant's name where no mapping leads to it, but {listed}"
    taken = [*mapping, *(value for each in variants if each not in lacking for value in each.values)]
    missing = _missing_mapping(document, place, lacking, taken)
    lines = f"the mapping lacks {json.dumps(missing, ensure_ascii=False)}"
    hint = lines if missing and len(lines) < _LONGEST_HINT else "map each value to its own variant"
    where = child(place, "mapping")
    edits = [Edit("add", child(where, value), target) for value, target in missing.items()]
    yield document.finding(
        place, message, hint, edits if mapping or not missing else [Edit("add", where, missing)]
    )


def _missing_mapping(
    document: Document, place: str, lacking: list[Variant], taken: list[Any]
) -> dict[str, str]:
    """What leads from each value to the one variant that lists it; empty where that cannot be told."""
    found: dict[str, str] = {}
    for variant in lacking:
        target = reference_from(document, place, pointer_of(variant.reference))
        for value in variant.values:
            if target is None or not isinstance(value, str) or value in found or value in taken:
                return {}
            found[value] = target
    return found


def _listing(variant: Variant) -> str:
    listed = ", ".join(map(repr, variant.listed or ()))
    return f"{variant.component} lists {listed}" if listed else f"{variant.component} is no object"
