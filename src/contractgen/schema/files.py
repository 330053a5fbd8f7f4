"""Which members of a multipart body are files: the handler gets those as uploads."""

from collections.abc import Iterator
from typing import Any

from contractgen.document.load import Document
from contractgen.runtime.media import parse_media_type
from contractgen.runtime.pointers import pointer_of
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema

# Through these a schema says what one value may be.
_UNIONS = ("allOf", "anyOf", "oneOf")


def is_file(schema: Any) -> bool:
    """Whether a schema describes bytes as they are: not text, not JSON, and in no encoding of text."""
    if not isinstance(schema, dict) or not {*named_types(schema)} <= {"string", "null"}:
        return False
    encoding = schema.get("contentEncoding", "binary")
    if schema.get("format") == "binary" or schema.get("contentEncoding") == "binary":
        return True
    media_type = parse_media_type(str(schema.get("contentMediaType", "")))
    return bool(encoding == "binary" and media_type and media_type.type != "text" and not media_type.is_json)


def admits_file(document: Document, schema: Any) -> bool:
    """Whether a value may be a file, or a list of them."""
    return any(True for _ in _files(document, schema))


def _files(document: Document, schema: Any) -> Iterator[Schema]:
    """The schemas of files among those of a value, and of the items of a list."""
    for part in _parts(document, schema, set()):
        yield from (each for each in (part, *_parts(document, part.get("items"), set())) if is_file(each))


def file_members(document: Document, schema: Any) -> tuple[str, ...]:
    """The members of a body that may be files, in any of its variants."""
    return tuple(
        dict.fromkeys(
            name
            for part in _parts(document, schema, set())
            for name, member in part.get("properties", {}).items()
            if admits_file(document, member)
        )
    )


def has_other_files(document: Document, schema: Any) -> bool:
    """Whether a member without a name of its own may be a file."""
    others = (part.get("additionalProperties") for part in _parts(document, schema, set()))
    return any(admits_file(document, each) for each in others)


def has_files(document: Document, schema: Any) -> bool:
    """Whether any member of a body may be a file."""
    return bool(file_members(document, schema)) or has_other_files(document, schema)


def file_schemas(document: Document, schema: Any) -> Iterator[Schema]:
    """The schemas of the files of a body."""
    for part in _parts(document, schema, set()):
        for member in [*part.get("properties", {}).values(), part.get("additionalProperties")]:
            yield from _files(document, member)


def _parts(document: Document, schema: Any, seen: set[str]) -> Iterator[Schema]:
    """Every schema that may hold where one does: itself, what it refers to, conjunctions and unions."""
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        yield from _parts(document, document.at(pointer_of(reference)), seen)
    yield schema
    for keyword in _UNIONS:
        for each in schema.get(keyword, []):
            yield from _parts(document, each, seen)
