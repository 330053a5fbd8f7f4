"""Values as XML, named by the `xml` of their schemas."""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from contractgen.document.load import Document
from contractgen_runtime.pointers import child


def as_xml(document: Document, place: str, value: Any) -> str:
    """Return a value of the schema at a place as one element, named by its component or else `root`."""
    pointer = document.resolve(place)[1]
    holder, _, name = pointer.rpartition("/")
    return _elements(document, pointer, name if holder == "/components/schemas" else "root", value)


def _elements(document: Document, place: str | None, name: str, value: Any) -> str:
    """The elements of a value; `place` is None where no schema describes it."""
    schema, pointer = _resolved(document, place)
    xml = schema.get("xml", {})
    name = xml.get("name", name)
    if isinstance(value, list):
        below = child(pointer, "items") if "items" in schema else None
        items = "".join(_elements(document, below, name, each) for each in value)
        return f"<{name}>{items}</{name}>" if xml.get("wrapped") or name == "root" else items
    if not isinstance(value, dict):
        return f"<{name}>{escape(_text(value))}</{name}>"
    attributes, elements = "", ""
    for key, each in value.items():
        below = child(pointer, "properties", key) if key in schema.get("properties", {}) else None
        xml = _resolved(document, below)[0].get("xml", {})
        if xml.get("attribute"):
            attributes += f" {xml.get('name', key)}={quoteattr(_text(each))}"
        else:
            elements += _elements(document, below, key, each)
    return f"<{name}{attributes}>{elements}</{name}>"


def _resolved(document: Document, place: str | None) -> tuple[dict[str, Any], str]:
    """The schema at a place and its pointer; an empty one for none, true or false."""
    schema, pointer = document.resolve(place) if place is not None else ({}, "")
    return (schema if isinstance(schema, dict) else {}), pointer


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
