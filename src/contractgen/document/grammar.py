"""The object types of OpenAPI and their fields: they decide whether a `$ref` is a reference or data."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from contractgen.schema.vocabulary import DATA, LISTS, MAPS, SINGLES
from contractgen_runtime.pointers import MISSING, child, step, tokens

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# Fields that hold data, in which `$ref` is an ordinary name.
DATA_MEMBERS = DATA | {"value"}
# The object type; `{type}` is a mapping of such objects by any name, `<type>` a mapping in which a name with
# the prefix `x-` is an extension, `[type]` a list.
Kind: TypeAlias = str

# The object types with a section of their own under `components`.
SECTIONS: dict[Kind, str] = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "request body": "requestBodies",
    "header": "headers",
    "security scheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
    "media type": "mediaTypes",
}
_CONTENT = {"content": "{media type}", "examples": "{example}"}
_FIELDS: dict[Kind, dict[str, Kind]] = {
    "document": {"paths": "<path item>", "webhooks": "{path item}", "components": "components"},
    "components": {section: f"{{{kind}}}" for kind, section in SECTIONS.items()}
    | {"pathItems": "{path item}"},
    "path item": dict.fromkeys(METHODS, "operation")
    | {"parameters": "[parameter]", "additionalOperations": "{operation}"},
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "request body",
        "responses": "<response>",
        "callbacks": "{callback}",
    },
    "parameter": {"schema": "schema", **_CONTENT},
    "header": {"schema": "schema", **_CONTENT},
    "request body": {"content": "{media type}"},
    "response": {"content": "{media type}", "headers": "{header}", "links": "{link}"},
    "media type": {
        "schema": "schema",
        "itemSchema": "schema",
        "examples": "{example}",
        "encoding": "{encoding}",
        "prefixEncoding": "[encoding]",
        "itemEncoding": "encoding",
    },
    "encoding": {
        "headers": "{header}",
        "encoding": "{encoding}",
        "prefixEncoding": "[encoding]",
        "itemEncoding": "encoding",
    },
    "schema": dict.fromkeys(MAPS, "{schema}")
    | dict.fromkeys(LISTS, "[schema]")
    | dict.fromkeys(SINGLES, "schema"),
}

# Fields that hold objects by name, so that a name in them, such as the response `default`, is not a keyword.
NAMED_MEMBERS = {name for fields in _FIELDS.values() for name, kind in fields.items() if kind[0] in "{<"}


def parts(kind: Kind, node: Any) -> Iterator[tuple[str | int, Kind]]:
    """Yield the fields of an object that are objects of OpenAPI or hold such: name and object type."""
    if kind[0] == "[":
        yield from ((index, kind[1:-1]) for index in range(len(node) if isinstance(node, list) else 0))
    elif isinstance(node, dict):
        if kind[0] in "{<":
            named = (name for name in node if kind[0] == "{" or not name.startswith("x-"))
            yield from ((name, kind[1:-1]) for name in named)
        elif kind == "callback":
            yield from parts("<path item>", node)
        else:
            fields = _FIELDS.get(kind, {})
            yield from ((name, fields[name]) for name in node if name in fields)


def kind_at(value: Any, pointer: str) -> Kind | None:
    """Return the object type at a pointer of a document; None for data or no value.

    Below a reference the type is unknown; then it is `reference`.
    """
    kind: Kind = "document"
    for name in tokens(pointer):
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            return "reference"
        below = _kind_of(kind, name)
        value = step(value, name, MISSING)
        if below is None or value is MISSING:
            return None
        kind = below
    return kind


def _kind_of(kind: Kind, name: str) -> Kind | None:
    """Return the object type of a field."""
    if kind == "callback":
        kind = "<path item>"
    if kind[0] in "[{<":
        return None if kind[0] == "<" and name.startswith("x-") else kind[1:-1]
    return _FIELDS.get(kind, {}).get(name)


def leave(kind: Kind, path: tuple[str | int, ...]) -> tuple[Kind, tuple[str | int, ...]]:
    """Return the type of the last object of OpenAPI on a path, and the rest of the path below it."""
    for index, name in enumerate(path):
        below = _kind_of(kind, str(name))
        if below is None:
            return kind, path[index:]
        kind = below
    return kind, ()


def objects(node: Any, kind: Kind = "document", pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every object of OpenAPI below one, itself included, with its pointer."""
    return ((place, each) for _, place, each in _objects(node, kind, pointer))


def objects_of(value: Any, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every object of a type in a document, with its pointer."""
    return ((place, each) for found, place, each in _objects(value, "document", "") if found == kind)


def _objects(node: Any, kind: Kind, pointer: str) -> Iterator[tuple[Kind, str, dict[str, Any]]]:
    waiting = [(node, kind, pointer)]
    while waiting:
        node, kind, pointer = waiting.pop()
        if isinstance(node, dict):
            yield kind, pointer, node
        waiting += [(node[name], below, child(pointer, name)) for name, below in parts(kind, node)]
