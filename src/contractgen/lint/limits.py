"""Rules for limits: how large a value that clients send can be."""

from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Finding
from contractgen.lint.reach import Schemas
from contractgen.lint.rule import Subject, rule
from contractgen.schema.types import named_types

# Strings whose format limits their length, and files, which have limits of their own.
_LIMITED = {"uuid", "date", "date-time", "time", "ipv4", "ipv6", "binary"}


@rule("string-max-length", "warning")
def string_max_length(subject: Subject) -> Iterator[Finding]:
    """A string of any length costs memory and storage: add maxLength, or set x-max-body-bytes on the request
    body."""
    for pointer, schema, said in _of_type(subject, subject.requested.unsized, "string"):
        if "maxLength" not in said and schema.get("format") not in _LIMITED:
            yield subject.document.finding(pointer, "string without maxLength", _hint(subject, pointer))


@rule("array-max-items", "warning")
def array_max_items(subject: Subject) -> Iterator[Finding]:
    """An array of any length costs memory and time: add maxItems, or set x-max-body-bytes on the request
    body."""
    for pointer, _, said in _of_type(subject, subject.requested.unsized, "array"):
        if "maxItems" not in said:
            yield subject.document.finding(pointer, "array without maxItems", _hint(subject, pointer))


@rule("number-bounds", "warning")
def number_bounds(subject: Subject) -> Iterator[Finding]:
    """A number of any size overflows what stores it: add minimum and maximum, or the format int32 or
    int64."""
    for kind in ("integer", "number"):
        for pointer, _, said in _of_type(subject, subject.requested.every, kind):
            bounds = [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
            missing = [name for name, exclusive in bounds if not {name, exclusive} & said]
            if missing:
                hint = "add them" if len(missing) > 1 else "add one"
                hint += ", or the format int32 or int64" if kind == "integer" else ""
                yield subject.document.finding(pointer, f"{kind} without {' and '.join(missing)}", hint)


def _hint(subject: Subject, pointer: str) -> str:
    is_parameter = pointer in subject.requested.parameters
    return "add one" if is_parameter else "add one, or set `x-max-body-bytes` on the request body"


def _of_type(subject: Subject, schemas: Schemas, kind: str) -> Iterator[tuple[str, dict[str, Any], set[str]]]:
    """Yield the schemas that name a type and no values, each with the keywords of it and around it."""
    for pointer, around in schemas.items():
        schema = subject.document.at(pointer)
        said = {*schema, *around}
        if kind in named_types(schema) and not {"enum", "const"} & said:
            yield pointer, schema, said
