"""The body of a response by media type, and the media types that share a class."""

import codecs
import json
import re
from typing import Any

from contractgen.document.load import Document
from contractgen.plan.contract import Kind, ResponseContent
from contractgen.plan.names import class_name
from contractgen.schema.types import named_types, types_of
from contractgen.schema.vocabulary import ANNOTATIONS
from contractgen_runtime.pointers import child

_COMPOSITIONS = ("allOf", "anyOf", "oneOf")
_JSON = {"application/json", "text/json", "application/x-json", "text/x-json"}
_LINES = {
    *("application/jsonl", "application/x-ndjson", "application/ndjson", "application/jsonlines"),
    *("application/x-jsonlines", "application/json-lines", "application/x-jsonl", "application/stream+json"),
    *("application/x-json-stream", "application/json-stream", "text/jsonl", "text/x-ndjson"),
}
_TEXT = {
    *("application/xml", "application/yaml", "application/x-yaml", "application/javascript"),
    *("application/x-javascript", "application/ecmascript", "application/graphql", "application/toml"),
    *("application/x-www-form-urlencoded", "application/sql", "application/rtf", "application/x-sh"),
}
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([\w.:-]+)"?', re.IGNORECASE)
# The media type of a response under a media range if the handler chooses none.
_USUAL = {
    ("json", "*/*"): "application/json",
    ("json", "application/*"): "application/json",
    ("text", "*/*"): "text/plain; charset=utf-8",
    ("text", "text/*"): "text/plain; charset=utf-8",
    ("binary", "*/*"): "application/octet-stream",
    ("binary", "application/*"): "application/octet-stream",
}


def contents_of(document: Document, place: str, *, negotiated: bool) -> list[tuple[str, ResponseContent]]:
    """Return the contents at a pointer, each with the pointer of its schema, empty if it needs no model.

    Media types with the same JSON schema share one content.
    """
    contents: dict[str, tuple[str, ResponseContent]] = {}
    for media_type in document.at(place):
        kind, schema = _kind(document, child(place, media_type), media_type)
        written = json.dumps(document.at(schema), sort_keys=True) if schema else ""
        shared = f"{kind} {written}" if kind == "json" else media_type
        known = contents[shared][1].media_types if shared in contents else ()
        media_types = (*known, media_type)
        must_choose = negotiated and len(media_types) > 1
        contents[shared] = (
            schema,
            ResponseContent(
                kind,
                media_types,
                charset=_charset(media_type),
                chosen=None if must_choose else _usual(kind, media_types[0]),
                or_text=kind == "events" and "itemSchema" not in document.at(child(place, media_type)),
            ),
        )
    return list(contents.values())


def as_range(media_type: str) -> str:
    """Return `*/*` for `*`, which is no media type, and any other one as it is."""
    return "*/*" if media_type == "*" else media_type


def is_sequence(media_type: str) -> bool:
    """Return whether a body is a sequence of JSON values."""
    name = media_type.partition(";")[0].strip().lower()
    return name in _LINES or name.endswith(("/json-seq", "+json-seq"))


def suffix_of(media_type: str) -> str:
    """Return a suffix for class names: `text/csv` -> `Csv`, `image/*` -> `AnyImage`."""
    kind, _, subtype = media_type.partition("/")
    if subtype == "*":
        return "Any" if kind == "*" else f"Any{class_name(kind)}"
    return class_name(subtype or kind)


def sent_as(media_type: str) -> str:
    """Return the Content-Type of a response, with a charset for text."""
    is_text = media_type.lower().startswith("text/") and media_type.lower() != "text/event-stream"
    return f"{media_type}; charset=utf-8" if is_text and not _CHARSET.search(media_type) else media_type


def _usual(kind: Kind, media_type: str) -> str | None:
    return _USUAL.get((kind, as_range(media_type))) if "*" in media_type else media_type


def _kind(document: Document, place: str, media_type: str) -> tuple[Kind, str]:
    """Return the form of a body, and the pointer of its JSON schema, if any."""
    name = as_range(media_type.partition(";")[0].strip().lower())
    kind, _, subtype = name.partition("/")
    if name == "text/event-stream":
        return "events", event_data(document, place)
    if is_sequence(name):
        items = items_of(document, place)
        form: Kind = "sequence" if subtype.endswith("json-seq") else "lines"
        return (form, items) if items else ("binary", "")
    schema = _schema_at(document, child(place, "schema"))
    if name in _JSON or subtype.endswith("+json") or (subtype == "*" and _is_structured(document, schema)):
        return "json", schema
    if "*" in name and not _is_text(document, schema):
        return "binary", ""
    is_text = kind == "text" or name in _TEXT or subtype.endswith(("+xml", "+yaml")) or name == "*/*"
    return ("text" if is_text and not _is_binary(document, schema) else "binary"), ""


def _charset(media_type: str) -> str:
    """Return Python's name of the declared charset; UTF-8 without one or for an unknown one."""
    declared = _CHARSET.search(media_type)
    try:
        return codecs.lookup(declared[1]).name if declared else "utf-8"
    except LookupError:  # how codecs reports an unknown charset
        return "utf-8"


def _schema_at(document: Document, place: str) -> str:
    """Return the pointer if it leads to a schema with more than annotations, else an empty one."""
    owner = document.at(place.rpartition("/")[0])
    if not isinstance(owner, dict) or place.rpartition("/")[2] not in owner:
        return ""
    schema = document.resolve(place)[0]
    return place if isinstance(schema, dict) and schema.keys() - ANNOTATIONS else ""


def _resolved(document: Document, place: str) -> dict[str, Any]:
    schema = document.resolve(place)[0] if place else {}
    return schema if isinstance(schema, dict) else {}


def _is_structured(document: Document, schema: str) -> bool:
    """Return whether a schema describes JSON rather than text or bytes."""
    return bool(schema) and _resolved(document, schema).get("type") != "string"


def _is_binary(document: Document, schema: str) -> bool:
    return _resolved(document, schema).get("format") == "binary"


def _is_text(document: Document, schema: str) -> bool:
    return _resolved(document, schema).get("type") == "string" and not _is_binary(document, schema)


def items_of(document: Document, place: str) -> str:
    """Return the pointer of the schema of one item of a sequence."""
    if items := _schema_at(document, child(place, "itemSchema")):
        return items
    schema = _schema_at(document, child(place, "schema"))
    if _resolved(document, schema).get("type") == "array":
        return _schema_at(document, child(document.resolve(schema)[1], "items"))
    return schema if _is_structured(document, schema) else ""


def event_data(document: Document, place: str) -> str:
    """Return the pointer of the schema of an event's data if it is more than text.

    An item with a property `data` is the event itself, whose text may be JSON of `contentSchema`, and is JSON
    if the property cannot be a text.
    """
    items = items_of(document, place)
    if not _is_event(document, items):
        return items if _is_structured(document, items) else ""
    members = _resolved(document, items).get("properties", {})
    if not isinstance(members.get("data"), dict):
        return ""
    data = document.resolve(child(document.resolve(items)[1], "properties", "data"))[1]
    if content := _schema_at(document, child(data, "contentSchema")):
        return content
    types = _types(document, data)
    return "" if not types or "string" in types else data


def event_of(document: Document, place: str) -> str:
    """Return the pointer of the schema of whole events; an empty one if it describes their data alone."""
    items = items_of(document, place)
    return items if _is_event(document, items) else ""


def _types(document: Document, place: str) -> set[str]:
    """Return the types that a schema and the subschemas of its compositions name, or list values of."""
    found, waiting, seen = set[str](), [place], set[str]()
    while waiting:
        schema, pointer = document.resolve(waiting.pop())
        if isinstance(schema, dict) and pointer not in seen:
            seen.add(pointer)
            listed = [schema["const"]] if "const" in schema else schema.get("enum", ())
            found.update(named_types(schema), *map(types_of, listed))
            for keyword in _COMPOSITIONS:
                waiting += [child(pointer, keyword, index) for index in range(len(schema.get(keyword, ())))]
    return found


def _is_event(document: Document, place: str) -> bool:
    """Return whether a schema describes events with their `data` rather than the data alone."""
    schema = _resolved(document, place)
    pointer = document.resolve(place)[1] if place else ""
    branches = [
        child(pointer, keyword, index)
        for keyword in _COMPOSITIONS
        for index in range(len(schema.get(keyword, ())))
    ]
    return "data" in schema.get("properties", {}) or any(_is_event(document, each) for each in branches)
