"""Hooks for schemathesis: items as lines, other bodies that it cannot write as bytes, texts of numbers, and
URIs for paths."""

import re
from collections.abc import Iterable, Sequence

from contractgen.document.operations import declared_parameters
from contractgen.fuzz.operations import Operation
from contractgen.plan.media import is_sequence
from contractgen.schema.types import named_types
from contractgen_runtime.media import parse_media_type
from contractgen_runtime.pointers import child, find_at

# What schemathesis writes itself.
_WRITTEN = re.compile(
    r"text/.*|image/(?:gif|jpeg|png|webp|\*)|multipart/form-data|\*/\*|application/"
    r"(?:(?:.*\+)?(?:json|xml|yaml)|x-www-form-urlencoded|octet-stream|\*)"
)
# In its stateful phase schemathesis takes values from responses as they are, such as an id for a header.
# 1.0 is an integer, of which 1 is the text.
_NUMBERS = """\
# Written by `contractgen fuzz`: bodies that schemathesis cannot write are bytes, numbers in headers texts,
# and whole numbers have no fraction.
import json

import schemathesis


def shortest(value):
    if isinstance(value, list):
        return [shortest(each) for each in value]
    if isinstance(value, dict):
        return {name: shortest(each) for name, each in value.items()}
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if is_whole else value


@schemathesis.hook
def before_call(context, case, kwargs):
    for values in (case.path_parameters, case.query):
        for name, value in list((values or {}).items()):
            values[name] = shortest(value)
    for name, value in list((case.headers or {}).items()):
        if isinstance(value, int | float):
            case.headers[name] = json.dumps(shortest(value))

"""


# An array is written as its items; schemathesis would send it as one line.
_SEQUENCES = """\
@schemathesis.serializer({names})
def write_items(context, value):
    if isinstance(value, bytes):
        return value
    items = value if isinstance(value, list) else [value]
    return b"".join({separator!r} + json.dumps(each).encode() + b"\\n" for each in items)


"""


# schemathesis makes URIs with slashes alone, which it sends in no path.
_URIS = """\
from hypothesis import strategies

_NAMES = strategies.from_regex("[a-z][a-z0-9]{{0,9}}", fullmatch=True)
for name in {formats}:
    made = [_NAMES.map(each.format) for each in ("urn:example:{{}}", "https://{{}}.example.com")]
    schemathesis.openapi.format(name, strategies.one_of(made))


"""
_OF_URIS = {"uri", "uri-reference", "iri", "iri-reference"}


def unwritten(operations: Iterable[Operation]) -> list[str]:
    """Return the media types of bodies that schemathesis cannot write; of a range, one that is in it."""
    bodies = ((each.document, each.body()) for each in operations)
    names = {
        name.partition(";")[0].strip().lower()
        for document, body in bodies
        if body is not None
        for name in document.at(body)["content"]
    }
    others = (name for name in names if parse_media_type(name) and not _WRITTEN.fullmatch(name))
    return sorted(name.replace("*", "x-any") for name in others)


def has_numbers(operations: Sequence[Operation]) -> bool:
    """Return whether a header can be an integer, or anything in the documents a number with a fraction."""
    documents = {id(each.document): each.document for each in operations}
    if any('"number"' in each.json for each in documents.values()):
        return True
    found = (
        (each.document, child(pointer, "schema"))
        for each in operations
        for (location, _), pointer in declared_parameters(each.document, each.pointer).items()
        if location == "header"
    )
    return any(
        "integer" in named_types(document.resolve(schema)[0])
        for document, schema in found
        if find_at(document.value, schema) is not None
    )


def uris_in_paths(operations: Iterable[Operation]) -> list[str]:
    """Return the formats of URIs that a parameter in a path has."""
    found = (
        each.document.resolve(child(pointer, "schema"))[0].get("format")
        for each in operations
        for (location, _), pointer in declared_parameters(each.document, each.pointer).items()
        if location == "path" and isinstance(find_at(each.document.value, child(pointer, "schema")), dict)
    )
    return sorted(_OF_URIS.intersection(found))


def hooks_of(names: list[str], formats: list[str], hooks: str = "") -> str:
    """Return the text of a file of hooks for media types and formats, which loads the user's file, too."""
    lines = [_NUMBERS]
    lines += [_URIS.format(formats=formats)] if formats else []
    sequences = [each for each in names if is_sequence(each)]
    for separator, ending in ((b"\x1e", True), (b"", False)):
        own = [each for each in sequences if each.endswith("json-seq") is ending]
        quoted = ", ".join(map(repr, own))
        lines += [_SEQUENCES.format(names=quoted, separator=separator)] if own else []
    others = [each for each in names if each not in sequences]
    lines += [f"schemathesis.serializer.alias({others!r}, 'application/octet-stream')"] if others else []
    lines += [f"schemathesis.core.hooks.load_from_path({hooks!r})"] if hooks else []
    return "".join(f"{line}\n" for line in lines)
