"""The properties of a multipart body that are files: the handler gets those as uploads."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from contractgen.document.grammar import objects_of
from contractgen.document.load import Document
from contractgen.schema.types import named_types
from contractgen.schema.walk import Schema
from contractgen_runtime.media import parse_media_type
from contractgen_runtime.pointers import child, find_at, pointer_of, tokens

# Through these a schema says what one value may be.
_LISTS = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("if", "then", "else")
# Keywords for strings that do not apply to bytes.
_OF_TEXT = ("pattern", "enum", "const")
# What only a string that is text, or a schema that says itself what it is, has.
_OF_OTHERS = {"$ref", "format", "contentEncoding", "contentMediaType", *_OF_TEXT}
_MOST_STEPS = 100
# The schemas of properties that have no name in a schema.
_OTHERS = ("additionalProperties", "unevaluatedProperties")


def is_file(schema: Any) -> bool:
    """Return whether a schema describes raw bytes: not text, not JSON, and not encoded as text."""
    if not isinstance(schema, dict) or not {*named_types(schema)} <= {"string", "null"}:
        return False
    encoding = schema.get("contentEncoding", "binary")
    if schema.get("format") == "binary" or schema.get("contentEncoding") == "binary":
        return True
    media_type = parse_media_type(str(schema.get("contentMediaType", "")))
    return bool(encoding == "binary" and media_type and media_type.type != "text" and not media_type.is_json)


def mark_files(root: Any, content: Any) -> None:
    """Say in the schema of a multipart content what its encoding says: a string of bytes is a file."""
    encodings = content.get("encoding")
    for name, encoding in encodings.items() if isinstance(encodings, dict) else ():
        written = encoding.get("contentType") if isinstance(encoding, dict) else None
        names = [each.strip() for each in str(written or "").split(",")]
        media_types = [parse_media_type(each) for each in names]
        if all(each is not None and not each.is_text for each in media_types):
            _mark_file(_property(root, content.get("schema"), name), names[0])


def _property(root: Any, schema: Any, name: str) -> Any:
    for _ in range(_MOST_STEPS):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = find_at(root, pointer_of(reference))
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties.get(name) if isinstance(properties, dict) else None


def _mark_file(schema: Any, media_type: str) -> None:
    if isinstance(schema, dict) and schema.get("type") == "array":
        schema = schema.get("items")
    if isinstance(schema, dict) and not _OF_OTHERS & schema.keys() and "string" in named_types(schema):
        schema["contentMediaType"] = media_type


def admits_file(document: Document, schema: Any) -> bool:
    """Return whether a value may be a file, or a list of files."""
    return any(True for _ in _files(document, schema))


def _files(document: Document, schema: Any) -> Iterator[Schema]:
    """The schemas of files among those of a value, and of the items of a list."""
    for part in _parts(document, schema, set()):
        items = [part.get("items"), *part.get("prefixItems", [])]
        of_items = chain.from_iterable(_parts(document, each, set()) for each in items)
        yield from (each for each in (part, *of_items) if is_file(each))


def file_members(document: Document, schema: Any) -> tuple[str, ...]:
    """The named properties of a body that may be files, in any of its subschemas."""
    return _file_names(document, schema, "properties")


def file_patterns(document: Document, schema: Any) -> tuple[str, ...]:
    """The regular expressions of the names of properties that may be files."""
    return _file_names(document, schema, "patternProperties")


def _file_names(document: Document, schema: Any, keyword: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            name
            for part in _parts(document, schema, set())
            for name, each in part.get(keyword, {}).items()
            if admits_file(document, each)
        )
    )


def has_other_files(document: Document, schema: Any) -> bool:
    """Return whether a property that the schema does not name may be a file."""
    return any(
        admits_file(document, part.get(keyword))
        for part in _parts(document, schema, set())
        for keyword in _OTHERS
    )


def has_files(document: Document, schema: Any) -> bool:
    """Return whether any property of a body may be a file."""
    return any(True for _ in file_schemas(document, schema))


def file_schemas(document: Document, schema: Any) -> Iterator[Schema]:
    """The schemas of the files of a body."""
    for part in _parts(document, schema, set()):
        named = [part.get(keyword, {}).values() for keyword in ("properties", "patternProperties")]
        for each in (*chain(*named), *(part.get(keyword) for keyword in _OTHERS)):
            yield from _files(document, each)


def text_keywords(document: Document) -> list[str]:
    """Return the pointers of the keywords for text in the files of multipart bodies."""
    contents = [
        content
        for pointer, content in objects_of(document.value, "media type")
        if tokens(pointer)[-1].startswith("multipart/")
    ]
    files = {id(each) for content in contents for each in file_schemas(document, content.get("schema"))}
    return [
        child(pointer, keyword)
        for pointer, schema in objects_of(document.value, "schema")
        for keyword in _OF_TEXT
        if id(schema) in files and keyword in schema
    ]


def _parts(document: Document, schema: Any, seen: set[str]) -> Iterator[Schema]:
    """Every schema that may hold where one does: itself, what it refers to, conjunctions and unions."""
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        yield from _parts(document, document.at(pointer_of(reference)), seen)
    yield schema
    subschemas = [each for keyword in _LISTS for each in schema.get(keyword, [])]
    subschemas += [schema.get(keyword) for keyword in _CONDITIONAL]
    for each in [*subschemas, *schema.get("dependentSchemas", {}).values()]:
        yield from _parts(document, each, seen)
