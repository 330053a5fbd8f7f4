"""Rules for operations: how they are named, and which error responses they declare."""

import re
from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.operations import Place, declared_parameters, declares_success
from contractgen.lint.rule import Subject, rule
from contractgen.plan.parameters import MISSING_STATUS
from contractgen_runtime.paths import above, shape_of
from contractgen_runtime.pointers import child, pointer_of

_USUAL = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*|[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")
_CHANGING = {"GET", "HEAD", "PATCH", "DELETE"}


@rule("operation-id-missing", "warning")
def operation_id_missing(subject: Subject) -> Iterator[Finding]:
    """The operationId names the handler and the methods of clients: give every operation one."""
    for place in subject.operations:
        if "operationId" not in subject.document.at(place.pointer):
            hint = "add one, such as list_things"
            yield subject.document.finding(place.pointer, "operation without operationId", hint)


@rule("operation-id-case", "warning")
def operation_id_case(subject: Subject) -> Iterator[Finding]:
    """The operationId names methods of clients and, in snake_case, the handler: write it in camelCase or in
    snake_case, which --fix does."""
    for place in subject.operations:
        name = subject.document.at(place.pointer).get("operationId")
        if name is not None and not _USUAL.fullmatch(name):
            where = child(place.pointer, "operationId")
            message = f"operationId {name!r} is neither in camelCase nor in snake_case"
            hint = "it names the handler and the methods of clients"
            yield subject.document.finding(where, message, hint, subject.autofix.operation_id(where))


@rule("operation-id-unique", "error")
def operation_id_unique(subject: Subject) -> Iterator[Finding]:
    """Clients and links find an operation by its operationId: use each only once."""
    first: dict[str, str] = {}
    for place in subject.operations:
        name = subject.document.at(place.pointer).get("operationId")
        if name is not None and first.setdefault(name, place.pointer) != place.pointer:
            message = f"operationId {name!r} is also that of #{first[name]}"
            yield subject.document.finding(child(place.pointer, "operationId"), message, "rename one of them")


@rule("success-response-missing", "warning")
def success_response_missing(subject: Subject) -> Iterator[Finding]:
    """A handler can return only what its operation declares: declare the response to a request that is
    right, not errors alone."""
    for place in subject.operations:
        operation = subject.document.at(place.pointer)
        if operation.get("responses") and not declares_success(operation):
            where, hint = child(place.pointer, "responses"), "declare 200, 204 or another one"
            yield subject.document.finding(where, "operation without a success response", hint)


@rule("undeclared-error-response", "warning")
def undeclared_error_response(subject: Subject) -> Iterator[Finding]:
    """Generated routes send this error by themselves, so clients meet it: declare the status, a range such
    as 4XX, or default."""
    strict = {each.pointer: each.strict_query for each in subject.contract.operations}
    for place in subject.operations:
        declared = subject.document.at(place.pointer).get("responses", {}).keys()
        where = child(place.pointer, "responses")
        needed = _errors(subject, place, is_strict=strict.get(place.pointer, True))
        for status, reason in sorted(needed.items()):
            if not {status, f"{status[0]}XX", f"{status[0]}xx", "default"} & declared:
                message, hint = f"response {status} is not declared", f"declare it, because {reason}"
                edits = subject.autofix.response(where, status)
                yield subject.document.finding(where, message, hint, edits)


def _errors(subject: Subject, place: Place, *, is_strict: bool) -> dict[str, str]:
    """The statuses that generated code sends without calling the handler, and why it does."""
    operation: dict[str, Any] = subject.document.at(place.pointer)
    needed = {"500": "handlers can fail", "503": "the service can lose its database"}
    security = operation.get("security", subject.document.value.get("security", []))
    if any(security):
        needed["401"] = "credentials can be missing or invalid"
    if any(roles for requirement in security for roles in requirement.values()):
        needed["403"] = "the caller can lack a role"
    if "requestBody" in operation:
        needed |= {
            "400": "a body can be malformed JSON",
            "408": "a body can arrive too slowly",
            "413": "a body can be too large",
            "415": "a body can be of another media type",
        }
    if is_strict:
        needed["422"] = "unknown query parameters are rejected"
    elif "requestBody" in operation or _has_parameters(subject, place):
        needed["422"] = "a request can violate its schemas"
    for node in _parameters(subject, place):
        if MISSING_STATUS in node:
            needed[str(node[MISSING_STATUS])] = f"the {node['in']} {node['name']} can be missing"
    if _can_be_gone(subject, place):
        needed["404"] = "another operation deletes what this one uses"
    return needed


def _parameters(subject: Subject, place: Place) -> Iterator[dict[str, Any]]:
    for pointer in declared_parameters(subject.document, place.pointer).values():
        yield subject.document.at(pointer)


def _has_parameters(subject: Subject, place: Place) -> bool:
    return any(subject.document.at(owner).get("parameters") for owner in (place.pointer, place.item))


def _can_be_gone(subject: Subject, place: Place) -> bool:
    """Return whether an operation reads or changes what another one deletes, or what is below that."""
    return place.method in _CHANGING and not subject.deleted.isdisjoint(above(shape_of(place.path)))


@rule("shared-response-status", "info")
def shared_response_status(subject: Subject) -> Iterator[Finding]:
    """A response component under several statuses becomes a class for each of them: use one component a
    status, and the class has the component's name."""
    statuses: dict[str, set[str]] = {}
    for place in subject.operations:
        for status, node in subject.document.at(place.pointer).get("responses", {}).items():
            if isinstance(node, dict) and "$ref" in node:
                statuses.setdefault(node["$ref"], set()).add(status)
    for reference, found in statuses.items():
        if len(found) > 1:
            message = f"response is used for the statuses {', '.join(sorted(found))}"
            yield subject.document.finding(pointer_of(reference), message, "use one component a status")
