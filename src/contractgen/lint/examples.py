"""Rules for examples: that there are some, and that their schemas admit them."""

import re
from collections.abc import Iterator
from typing import Any

from contractgen.document.findings import Finding
from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.lint.rule import Subject, rule
from contractgen.schema.directions import Affected
from contractgen_runtime.pointers import child
from contractgen_runtime.schemas import Schemas

_VALUES = {"default", "example", "const"}
# The texts that HTTP clients send as the value of a header.
_SENDABLE = re.compile(r"(?!\s)[^\r\n\u0100-\U0010ffff]*")


@rule("missing-example", "info")
def missing_example(subject: Subject) -> Iterator[Finding]:
    """Readers and mocks start from examples: give one to every request body and successful response."""
    document = subject.document
    for place in subject.operations:
        operation = document.at(place.pointer)
        bodies = [child(place.pointer, "requestBody")] if "requestBody" in operation else []
        successes = [status for status in operation.get("responses", {}) if status[0] == "2"]
        bodies += [child(place.pointer, "responses", status) for status in successes]
        for each in bodies:
            node, pointer = document.resolve(each)
            for media_type, content in node.get("content", {}).items():
                if not {"example", "examples"} & content.keys():
                    where = child(pointer, "content", media_type)
                    yield document.finding(where, "body without example", "add `example` or `examples`")


@rule("example-violates-schema", "error")
def example_violates_schema(subject: Subject) -> Iterator[Finding]:
    """Readers, mocks and fuzzers copy examples into requests that are then rejected: correct the example of
    the JSON body, parameter or header, or its schema."""
    document = subject.document
    schemas, is_affected = Schemas(document.value), Affected(document)
    for kind in ("parameter", "header", "media type"):
        for pointer, node in objects_of(document.value, kind):
            if "schema" in node and (kind != "media type" or pointer.lower().endswith(("json", "*"))):
                schema = document.resolve(child(pointer, "schema"))[1]
                if is_affected(schema):
                    continue  # requests and responses differ, and an example may be of either
                for place, example in _examples_of(document, pointer, node):
                    if not _admits(schemas, schema, example):
                        hint = "correct the example or the schema"
                        yield document.finding(place, "example violates its schema", hint)


@rule("reference-in-value", "error")
def reference_in_value(subject: Subject) -> Iterator[Finding]:
    """References stand for schemas, parameters and the like, not for values: write the value, or refer to a
    whole schema or to one of components/examples."""
    for kind in ("schema", "parameter", "header", "media type"):
        for pointer, node in objects_of(subject.written.value, kind):
            for name in _VALUES & node.keys():
                if isinstance(node[name], dict) and set(node[name]) == {"$ref"}:
                    message, hint = f"{name} is an object with the name $ref, no reference", "write the value"
                    yield subject.document.finding(child(pointer, name), message, hint)


@rule("header-example", "error")
def header_example(subject: Subject) -> Iterator[Finding]:
    """HTTP cannot send the example of a header: remove its line breaks, leading spaces and characters beyond
    Latin-1."""
    document = subject.document
    for pointer, node in objects_of(document.value, "parameter"):
        if node.get("in") == "header" and "name" in node:
            for place, example in _of_texts(document, pointer, node):
                if isinstance(example, str) and not _SENDABLE.fullmatch(example):
                    message = f"HTTP cannot send the example of the header {node['name']!r}"
                    hint = "remove line breaks, leading spaces and characters beyond Latin-1"
                    yield document.finding(place, message, hint)


def _of_texts(document: Document, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the position and the value of each example of a parameter, in its schema too."""
    yield from _examples_of(document, pointer, node)
    if "schema" in node:
        schema, place = document.resolve(child(pointer, "schema"))
        if isinstance(schema, dict) and "example" in schema:
            yield child(place, "example"), schema["example"]
        listed = schema.get("examples") if isinstance(schema, dict) else None
        for index, example in enumerate(listed if isinstance(listed, list) else ()):
            yield child(place, "examples", index), example


def _admits(schemas: Schemas, pointer: str, value: Any) -> bool:
    """Return whether a schema admits a value; one that cannot be compiled is found by planning."""
    try:
        return schemas.validator(pointer).is_valid(value)
    except ValueError:
        return True


def _examples_of(document: Document, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the position and the value of each example beside a schema."""
    if "example" in node:
        yield child(pointer, "example"), node["example"]
    named = node.get("examples")
    for name in named if isinstance(named, dict) else ():
        example, place = document.resolve(child(pointer, "examples", name))
        if isinstance(example, dict) and "value" in example:
            yield child(place, "value"), example["value"]
