"""What a contract should say and does not: each rule yields findings with a hint."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from contractgen.document.findings import ContractError, Finding
from contractgen.document.grammar import objects, objects_of
from contractgen.document.load import Document
from contractgen.document.operations import item_of, operations_of
from contractgen.lint.autofix import Mending, nullable
from contractgen.lint.contradictions import (
    contradictory_bodies,
    contradictory_discriminators,
    contradictory_links,
    contradictory_schemas,
)
from contractgen.plan.bodies import hint_for
from contractgen.plan.planner import make_plan
from contractgen.plan.readers import is_of_bytes, readers_of
from contractgen.runtime.pointers import child, pointer_of, tokens
from contractgen.runtime.schemas import Schemas
from contractgen.schema.directions import Affected
from contractgen.schema.types import named_types

_OF_BYTES = "a schema of type string, format binary says as much"
_OPERATION_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def lint(document: Document) -> list[Finding]:
    """Every finding of every rule, in the order of the document."""
    findings: dict[Finding, Finding] = {}
    try:
        contract = make_plan(document)
        _gather(findings, [*contract.warnings, *_wrong_examples(document, contract.document)])
        _gather(findings, contradictory_schemas(contract.document))
    except ContractError as error:
        _gather(findings, error.findings)
    for rule, *place in _rules(document):
        try:
            _gather(findings, rule(document, *place))
        except ContractError as error:
            _gather(findings, error.findings)
        except (LookupError, TypeError, AttributeError, ValueError):
            if not findings:  # else it has stumbled over what was found already
                raise
    return sorted(findings.values())


def _gather(known: dict[Finding, Finding], found: Iterable[Finding]) -> None:
    """Each finding once; where two are equal, the one that says how to mend it."""
    for each in found:
        if each.edits or each not in known:
            known[each] = each


def _rules(document: Document) -> Iterator[tuple[Any, ...]]:
    """The rules, each with the place that it is to look at, if it looks at one."""
    yield from ((_names_once,), (_shared_responses,), (_leftovers,))
    yield from ((contradictory_links,), (contradictory_discriminators,))
    mending = Mending(document)
    for place in _operations(document):
        yield from ((_names, place, mending), (_framework_errors, place, mending))
        for rule in (_media_types, _lists_in_forms, _examples, _parameter_bounds, contradictory_bodies):
            yield rule, place
    schemas = (document.value.get("components") or {}).get("schemas")
    for name in schemas if isinstance(schemas, dict) else ():
        yield _bounds, child("/components/schemas", name)


def _operations(document: Document) -> list[str]:
    try:
        return list(dict.fromkeys(place.pointer for place in operations_of(document)))
    except (LookupError, TypeError, AttributeError):
        return []  # where the paths are none, which the plan has told


def _names(document: Document, place: str, mending: Mending) -> Iterator[Finding]:
    """operationIds are handlers' names, in snake_case."""
    name = document.at(place).get("operationId", "")
    if not _OPERATION_ID.fullmatch(name):
        message, where = f"the operationId {name!r} is not in snake_case", child(place, "operationId")
        edits = mending.operation_id(where) if name else []
        yield document.finding(where, message, "it is the handler's name", edits)


def _names_once(document: Document) -> Iterator[Finding]:
    """An operationId is used once."""
    places: dict[str, str] = {}
    for place in _operations(document):
        name = document.at(place).get("operationId", place)
        if places.setdefault(name, place) != place:
            yield document.finding(child(place, "operationId"), f"the operationId {name!r} stands twice")


def _framework_errors(document: Document, place: str, mending: Mending) -> Iterator[Finding]:
    """Statuses that generated code sends without asking a handler."""
    operation = document.at(place)
    security = operation.get("security", document.value.get("security", []))
    needed = {"422": "unknown query parameters are refused", "500": "bugs happen", "503": "databases go away"}
    if any(security):
        needed["401"] = "credentials may be bad"
    if any(roles for requirement in security for roles in requirement.values()):
        needed["403"] = "roles are demanded"
    if "requestBody" in operation:
        needed |= {
            "400": "a body may not be JSON",
            "413": "a body may be too large",
            "415": "or of another type",
        }
    if _can_be_gone(document, place):
        needed["404"] = "it is gone once it was deleted"
    declared = operation.get("responses", {}).keys()
    for status in sorted(needed):
        if {status, f"{status[0]}XX", f"{status[0]}xx", "default"} & declared:
            continue
        message = f"the response {status} is not declared, but {needed[status]}"
        where = child(place, "responses")
        yield document.finding(where, message, f"declare {status}", mending.response(where, status))


def _leftovers(document: Document) -> Iterator[Finding]:
    """What only OpenAPI 3.0 has, and what says nothing since."""
    if not str(document.value["openapi"]).startswith("3.0"):
        for place, node in objects_of(document.value, "schema"):
            if "nullable" in node:
                where, message = child(place, "nullable"), "the keyword 'nullable' has no effect"
                yield document.finding(where, message, edits=nullable(node, place))


def _can_be_gone(document: Document, place: str) -> bool:
    """Whether an operation reads or changes what another one deletes, or what is below that."""
    path, method = tokens(place)[1:3]
    holders = (path[:end] for end in [*(at.start() for at in re.finditer("/", path)), len(path)])
    paths = document.value["paths"]
    deletable = ("delete" in (paths.get(holder) or {}) for holder in holders)
    return method in ("get", "head", "patch", "delete") and any(deletable)


def _media_types(document: Document, place: str) -> Iterator[Finding]:
    """A media type beside others whose schema no reader can follow is not taken, and bytes follow none."""
    if "requestBody" not in document.at(place):
        return
    pointer = document.resolve(child(place, "requestBody"))[1]
    for media_type, reader in readers_of(document, pointer).items():
        where = child(pointer, "content", media_type)
        if reader is None:
            message = f"a body of {media_type} is answered with 415: its schema is not supported"
            yield document.finding(where, message, hint_for(media_type))
        elif reader == "StreamBody" and "schema" in document.at(where):
            schema = document.resolve(child(where, "schema"))[0]
            if isinstance(schema, dict) and not is_of_bytes(schema):
                message = f"a body of {media_type} is bytes as they come: its schema has no effect"
                yield document.finding(child(where, "schema"), message, _OF_BYTES)


def _lists_in_forms(document: Document, place: str) -> Iterator[Finding]:
    """What a form cannot say: its lists are but their items."""
    if "requestBody" not in document.at(place):
        return
    pointer = document.resolve(child(place, "requestBody"))[1]
    for media_type, content in document.at(pointer).get("content", {}).items():
        if media_type.partition(";")[0] != "application/x-www-form-urlencoded" or "schema" not in content:
            continue
        where = child(pointer, "content", media_type)
        for name in _listed_members(document, child(where, "schema")):
            message = f"in a form the list {name!r} of no item is nothing, and of one item that item"
            yield document.finding(where, message, "let it be optional, or at least of one item")


def _listed_members(document: Document, schema: str) -> Iterator[str]:
    """The lists that an object must have, and that may be empty."""
    node, pointer = document.resolve(schema)
    required = node.get("required", ()) if isinstance(node, dict) else ()
    for name in required if "properties" in node else ():
        member = document.resolve(child(pointer, "properties", name))[0] if name in node["properties"] else {}
        if isinstance(member, dict) and member.get("type") == "array" and not member.get("minItems"):
            yield name


def _examples(document: Document, place: str) -> Iterator[Finding]:
    """Every request and every success shows an example."""
    operation = document.at(place)
    places = [child(place, "requestBody")] if "requestBody" in operation else []
    places += [
        child(place, "responses", status) for status in operation.get("responses", {}) if status[0] == "2"
    ]
    for each in places:
        node, pointer = document.resolve(each)
        for media_type, content in node.get("content", {}).items():
            if not {"example", "examples"} & content.keys():
                where = child(pointer, "content", media_type)
                yield document.finding(where, "there is no example", "readers and mocks start from examples")


def _wrong_examples(document: Document, normal: Document) -> Iterator[Finding]:
    """The examples of JSON bodies, parameters and headers keep to their schemas; `normal` is the normal form.

    Where requests and answers of a schema differ, an example may be of either.
    """
    schemas, is_affected = Schemas(normal.value), Affected(normal)
    for pointer, node in objects(document.value):
        if "schema" in node and ("name" in node or pointer.lower().endswith(("json", "*"))):
            schema = normal.resolve(child(pointer, "schema"))[1]
            for place, example in _examples_of(document, pointer, node):
                if not (is_affected(schema) or _admits(schemas, schema, example)):
                    hint = "readers, mocks and fuzzers start from examples"
                    yield document.finding(place, "the example violates its schema", hint)


def _admits(schemas: Schemas, pointer: str, value: Any) -> bool:
    """Whether a schema admits a value; one that cannot be compiled is told of elsewhere."""
    try:
        return schemas.validator(pointer).is_valid(value)
    except ValueError:
        return True


def _examples_of(document: Document, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples beside a schema, and where each stands."""
    if "example" in node:
        yield child(pointer, "example"), node["example"]
    named = node.get("examples")
    for name in named if isinstance(named, dict) else ():
        example, place = document.resolve(child(pointer, "examples", name))
        if isinstance(example, dict) and "value" in example:
            yield child(place, "value"), example["value"]


def _parameter_bounds(document: Document, place: str) -> Iterator[Finding]:
    """Every parameter is bounded too."""
    for owner in (item_of(place), place):
        for index in range(len(document.at(owner).get("parameters", []))):
            parameter, pointer = document.resolve(child(owner, "parameters", index))
            if "schema" in parameter:
                yield from _bounds(document, child(pointer, "schema"))


def _bounds(document: Document, place: str) -> Iterator[Finding]:
    """Every string, number and array is bounded."""
    schema = document.at(place)
    if not isinstance(schema, dict) or "$ref" in schema:
        return
    for kind in named_types(schema):
        for missing in _missing_bounds(kind, schema):
            yield document.finding(place, f"the {kind} has no {missing}", "unbounded input is a way in")
    for name in schema.get("properties", {}):
        yield from _bounds(document, child(place, "properties", name))
    if "items" in schema:
        yield from _bounds(document, child(place, "items"))


def _missing_bounds(kind: str, schema: dict[str, Any]) -> list[str]:
    if {"enum", "const"} & schema.keys() or schema.get("format") in ("uuid", "date-time", "date"):
        return []
    wanted = {
        "string": ["maxLength"],
        "integer": ["minimum", "maximum"],
        "number": ["minimum", "maximum"],
        "array": ["maxItems"],
    }
    return [keyword for keyword in wanted.get(kind, []) if keyword not in schema]


def _shared_responses(document: Document) -> Iterator[Finding]:
    """A response component under several statuses makes a class for each."""
    statuses: dict[str, set[str]] = {}
    for place in _operations(document):
        for status, node in document.at(place).get("responses", {}).items():
            if "$ref" in node:
                statuses.setdefault(node["$ref"], set()).add(status)
    for reference, found in statuses.items():
        if len(found) > 1:
            message = f"the response is used under {', '.join(sorted(found))}"
            yield document.finding(
                pointer_of(reference), message, "one component a status keeps its name in code"
            )
