"""Rules for links: that they lead to an operation, and name its parameters."""

from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.operations import declared_parameters
from contractgen.lint.rule import Subject, rule
from contractgen_runtime.pointers import child, pointer_of


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


def _target(subject: Subject, link: dict[str, Any]) -> str | None:
    """Return the pointer of the operation of a link; None if there is none in the document."""
    reference = link.get("operationRef")
    if isinstance(reference, str) and reference.startswith("#/"):
        pointer = pointer_of(reference)
        return pointer if any(place.pointer == pointer for place in subject.operations) else None
    name = link.get("operationId")
    return subject.by_operation_id.get(name) if isinstance(name, str) and name else None
