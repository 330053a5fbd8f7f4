"""Values as XML, named by the `xml` of their schemas."""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from contractgen.document.load import Document
from contractgen.runtime.pointers import child


def as_xml(document: Document, place: str, value: Any) -> str:
    """The value of the schema at a place, as one element: of a component by its name, else `root`."""
    pointer = document.resolve(place)[1]
    holder, _, name = pointer.rpartition("/")
    return _elements(document, pointer, name if holder == "/components/schemas" else "root", value)


def _elements(document: Document, place: str, name: str, value: Any) -> str:
    schema, pointer = _resolved(document, place)
    xml = schema.get("xml", {})
    name = xml.get("name", name)
    if isinstance(value, list):
        items = "".join(_elements(document, child(pointer, "items"), name, each) for each in value)
        return f"<{name}>{items}</{name}>" if xml.get("wrapped") or name == "root" else items
    if not isinstance(value, dict):
        return f"<{name}>{escape(_text(value))}</{name}>"
    attributes, below = "", ""
    for member, each in value.items():
        where = child(pointer, "properties", member)
        said = _resolved(document, where)[0].get("xml", {})
        if said.get("attribute"):
            attributes += f" {said.get('name', member)}={quoteattr(_text(each))}"
        else:
            below += _elements(document, where, member, each)
    return f"<{name}{attributes}>{below}</{name}>"


def _resolved(document: Document, place: str) -> tuple[dict[str, Any], str]:
    """The schema at a place; an empty one where the document has none."""
    try:
        schema, pointer = document.resolve(place)
    except (LookupError, TypeError):
        return {}, place
    return (schema if isinstance(schema, dict) else {}), pointer


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
