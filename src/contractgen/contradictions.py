"""Where a contract contradicts itself: what it demands in one place it rules out, or lacks, in another."""

from collections.abc import Iterator
from typing import Any

from contractgen.findings import ContractError, Finding
from contractgen.grammar import objects_of
from contractgen.load import Document, child, pointer_of
from contractgen.operations import declared_parameters, operations_of

_COUNTS = ("Length", "Items", "Properties", "Contains")
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
# Keywords by which an object may get members beside its `properties`, or is but a part of a schema.
_MORE_MEMBERS = {"$ref", "allOf", "anyOf", "oneOf", "patternProperties"}
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
    kinds = schema.get("type", list(_KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    listed = {child(pointer, "enum", n): value for n, value in enumerate(schema.get("enum", []))}
    if "const" in schema:
        listed[child(pointer, "const")] = schema["const"]
    for place, value in listed.items():
        if not any(_is(kind, value) for kind in kinds):
            message = f"the value can never stand here: the type is {' or '.join(kinds)}"
            yield document.finding(place, message)


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _KINDS[kind])


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
