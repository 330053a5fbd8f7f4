"""What reads a body of some media type and schema, by the name of its class at run time."""

from typing import Any

from contractgen.document.load import Document
from contractgen.plan.media import is_sequence, items_of
from contractgen.runtime.media import MediaType, parse_media_type
from contractgen.runtime.pointers import child
from contractgen.schema.vocabulary import ANNOTATIONS

# What the handler gets, where that is not the schema's model alone.
TYPES = {"AnyJsonBody": "JsonValue", "ItemsBody": "ItemStream[{}]", "StreamBody": "Stream", "TextBody": "str"}
_FORMS = {("application", "x-www-form-urlencoded"): "FormBody", ("multipart", "form-data"): "MultipartBody"}
# What OpenAPI 3.2 says of parts and items that have no names.
_OF_ITEMS = {"itemSchema", "itemEncoding", "prefixEncoding"}
_OF_BYTES = {"audio", "font", "image", "video"}
_OCTETS = ("application", "octet-stream")
_BYTES = {"type": "string", "format": "binary", "contentEncoding": "binary"}
_TEXT = (("text", "plain"), ("text", "*"))
_ANYTHING = (("*", "*"), ("application", "*"))


def readers_of(document: Document, pointer: str) -> dict[str, str | None]:
    """What reads each media type of the body at a pointer; None for a schema beyond all readers."""
    readers: dict[str, str | None] = {}
    for media_type, content in document.at(pointer)["content"].items():
        place = child(pointer, "content", media_type)
        schema = document.resolve(child(place, "schema"))[0] if "schema" in content else {}
        known = parse_media_type(media_type)
        if is_sequence(media_type):
            readers[media_type] = "ItemsBody" if items_of(document, place) else "StreamBody"
        elif known is None or _OF_ITEMS & content.keys():
            readers[media_type] = None
        else:
            readers[media_type] = _reader(known, schema if isinstance(schema, dict) else {})
    return readers


def _reader(media_type: MediaType, schema: dict[str, Any]) -> str | None:
    says = keywords(schema)
    if _is_binary(schema) or is_bytes(media_type):
        return "StreamBody"
    if media_type.is_json:
        return "JsonBody" if says else "AnyJsonBody"
    if not says or schema.get("type") == "string":
        return "TextBody" if media_type.type == "text" or says > {"type"} else "StreamBody"
    if (media_type.type, media_type.subtype) in _FORMS and "object" in schema.get("type", "object"):
        return _FORMS[media_type.type, media_type.subtype]
    if (media_type.type, media_type.subtype) in _TEXT:
        return "TextValueBody"
    return "JsonBody" if (media_type.type, media_type.subtype) in _ANYTHING else None


def is_bytes(media_type: MediaType | None) -> bool:
    """Whether a body is bytes by its media type, of which a schema can say nothing."""
    if media_type is None:
        return False
    return media_type.type in _OF_BYTES or (media_type.type, media_type.subtype) == _OCTETS


def is_of_bytes(schema: dict[str, Any]) -> bool:
    """Whether a schema says of a body no more than that it is bytes."""
    return all(_BYTES.get(keyword) == schema[keyword] for keyword in keywords(schema))


def keywords(schema: dict[str, Any]) -> set[str]:
    """The keywords with which a schema says something of a value."""
    return {keyword for keyword in schema if not keyword.startswith("x-")} - ANNOTATIONS


def _is_binary(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary" or schema.get("contentEncoding") == "binary"
