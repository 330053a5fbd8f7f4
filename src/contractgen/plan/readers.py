"""The readers of request bodies, by media type and schema."""

from typing import Any

from contractgen.document.load import Document
from contractgen.plan.contract import BodyKind
from contractgen.plan.media import as_range, is_sequence, items_of
from contractgen.schema.vocabulary import ANNOTATIONS
from contractgen_runtime.media import MediaType, parse_media_type
from contractgen_runtime.pointers import child

_FORMS: dict[tuple[str, str], BodyKind] = {
    ("application", "x-www-form-urlencoded"): "form",
    ("multipart", "form-data"): "multipart",
}
# Fields of OpenAPI 3.2 for parts and items without names.
_OF_ITEMS = {"itemSchema", "itemEncoding", "prefixEncoding"}
_OF_BYTES = {"audio", "font", "image", "video"}
_OCTETS = ("application", "octet-stream")
# Signed or encrypted: the schema is that of what is within.
_SEALED = ("jwt", "jose")
_BYTES = {"type": "string", "format": "binary", "contentEncoding": "binary"}
_TEXT = (("text", "plain"), ("text", "*"))
_ANYTHING = (("*", "*"), ("application", "*"))


def body_kinds(document: Document, pointer: str) -> dict[str, BodyKind | None]:
    """Return the kind of each media type of a body; None for one whose schema no reader supports.

    Where no media type is supported, those of documents, such as XML and YAML, are bytes.
    """
    kinds: dict[str, BodyKind | None] = {}
    documents: dict[str, BodyKind | None] = {}
    for media_type, content in document.at(pointer)["content"].items():
        place = child(pointer, "content", media_type)
        schema = document.resolve(child(place, "schema"))[0] if "schema" in content else {}
        known = parse_media_type(as_range(media_type))
        if is_sequence(media_type):
            kinds[media_type] = "items" if items_of(document, place) else "binary"
        elif known is None or _OF_ITEMS & content.keys():
            kinds[media_type] = None
        else:
            kinds[media_type] = _kind(known, schema if isinstance(schema, dict) else {})
            if known.type != "multipart" and (known.type, known.subtype) not in _FORMS:
                documents[media_type] = kinds[media_type] or "binary"
    return kinds if any(kinds.values()) else kinds | documents


def _kind(media_type: MediaType, schema: dict[str, Any]) -> BodyKind | None:
    says = keywords(schema)
    if _is_binary(schema) or is_bytes(media_type):
        return "binary"
    if media_type.is_json:
        return "json" if says else "any-json"
    if not says or schema.get("type") == "string":
        return "text" if media_type.type == "text" or says > {"type"} else "binary"
    if (media_type.type, media_type.subtype) in _FORMS and "object" in schema.get("type", "object"):
        return _FORMS[media_type.type, media_type.subtype]
    if (media_type.type, media_type.subtype) in _TEXT:
        return "text-value"
    return "json" if (media_type.type, media_type.subtype) in _ANYTHING else None


def is_bytes(media_type: MediaType | None) -> bool:
    """Return whether the media type of a body is binary or sealed, so that no schema applies."""
    if media_type is None:
        return False
    if media_type.type == "application" and media_type.subtype.rpartition("+")[2] in _SEALED:
        return True
    return media_type.type in _OF_BYTES or (media_type.type, media_type.subtype) == _OCTETS


def is_of_bytes(schema: dict[str, Any]) -> bool:
    """Return whether a schema says only that a body is binary."""
    return all(_BYTES.get(keyword) == schema[keyword] for keyword in keywords(schema))


def keywords(schema: dict[str, Any]) -> set[str]:
    """Return the keywords of a schema that are not annotations."""
    return {keyword for keyword in schema if not keyword.startswith("x-")} - ANNOTATIONS


def _is_binary(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary" or schema.get("contentEncoding") == "binary"
