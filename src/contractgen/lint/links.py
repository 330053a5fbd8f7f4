"""Rules for links: that they lead to an operation, and name its parameters."""

import re
from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.operations import declared_parameters
from contractgen.lint.rule import Subject, rule
from contractgen_runtime.pointers import child, pointer_of

_OF_REQUEST = re.compile(r"\$request\.(path|query|header)\.(.+)")


@rule("link-operation", "error")
def link_operation(subject: Subject) -> Iterator[Finding]:
    """Clients cannot follow a link to an operation that does not exist: correct its operationId or
    operationRef."""
    for pointer, link in objects_of(subject.document.value, "link"):
        reference = link.get("operationRef")
        if "operationId" in link and _target(subject, link) is None:
            message = f"no operation has the operationId {link['operationId']!r}"
            yield subject.document.finding(child(pointer, "operationId"), message, "correct it")
        elif isinstance(reference, str) and reference.startswith("#/") and _target(subject, link) is None:
            message = f"{reference} is not an operation"
            yield subject.document.finding(child(pointer, "operationRef"), message, "correct it")


@rule("link-parameter", "error")
def link_parameter(subject: Subject) -> Iterator[Finding]:
    """A link gives a value to a parameter that its operation does not have: correct the parameter's name."""
    for pointer, link in objects_of(subject.document.value, "link"):
        target = _target(subject, link)
        if target is not None:
            declared = declared_parameters(subject.document, target)
            names = {name for _, name in declared} | {f"{where}.{name}" for where, name in declared}
            for name in link.get("parameters") or {}:
                if name not in names:
                    message = f"the operation of the link has no parameter {name!r}"
                    yield subject.document.finding(child(pointer, "parameters", name), message, "correct it")


@rule("link-expression", "error")
def link_expression(subject: Subject) -> Iterator[Finding]:
    """A link takes a value from a parameter that the operation of its response does not have: correct the
    location or the name."""
    for place in subject.operations:
        declared = declared_parameters(subject.document, place.pointer)
        names = {(where, _folded(where, name)) for where, name in declared}
        for pointer, value in _values(subject, place.pointer):
            found = _OF_REQUEST.fullmatch(value) if isinstance(value, str) else None
            if found and (found[1], _folded(found[1], found[2])) not in names:
                message = f"{value}: {place.method} {place.path} has no such parameter in the {found[1]}"
                yield subject.document.finding(pointer, message, "correct it")


def _folded(location: str, name: str) -> str:
    return name.lower() if location == "header" else name


def _values(subject: Subject, operation: str) -> Iterator[tuple[str, Any]]:
    """Yield the value of each parameter of the links in an operation's responses, with its pointer."""
    document = subject.document
    for key in document.at(operation).get("responses", {}):
        response, at = document.resolve(child(operation, "responses", key))
        for name in response.get("links") or {}:
            link, pointer = document.resolve(child(at, "links", name))
            for parameter, value in (link.get("parameters") or {}).items():
                yield child(pointer, "parameters", parameter), value


def _target(subject: Subject, link: dict[str, Any]) -> str | None:
    """Return the pointer of the operation of a link; None if there is none in the document."""
    reference = link.get("operationRef")
    if isinstance(reference, str) and reference.startswith("#/"):
        pointer = pointer_of(reference)
        return pointer if any(place.pointer == pointer for place in subject.operations) else None
    name = link.get("operationId")
    return subject.by_operation_id.get(name) if isinstance(name, str) and name else None
