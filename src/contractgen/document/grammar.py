"""The objects of OpenAPI, and which objects stand below each: where a `$ref` is a reference, and no data."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from contractgen.runtime.pointers import MISSING, child, step, tokens
from contractgen.schema.vocabulary import DATA, LISTS, MAPS, SINGLES

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# Members of a document below which stands data, in which `$ref` is a name like any other.
DATA_MEMBERS = DATA | {"value"}
# Members in which a name is no keyword.
NAMED_MEMBERS = MAPS | {"schemas"}
# What kind of object it is; `{kind}` is a mapping of them by any name, `<kind>` one in which a name
# that begins with `x-` is an extension, `[kind]` a list.
Kind: TypeAlias = str

# The kinds that have a section of their own under `components`.
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
_MEMBERS: dict[Kind, dict[str, Kind]] = {
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


def parts(kind: Kind, node: Any) -> Iterator[tuple[str | int, Kind]]:
    """The members of an object that are objects of OpenAPI themselves, or hold such: name, and kind."""
    if kind[0] == "[":
        yield from ((index, kind[1:-1]) for index in range(len(node) if isinstance(node, list) else 0))
    elif isinstance(node, dict):
        if kind[0] in "{<":
            named = (name for name in node if kind[0] == "{" or not name.startswith("x-"))
            yield from ((name, kind[1:-1]) for name in named)
        elif kind == "callback":
            yield from parts("<path item>", node)
        else:
            members = _MEMBERS.get(kind, {})
            yield from ((name, members[name]) for name in node if name in members)


def kind_at(value: Any, pointer: str) -> Kind | None:
    """The kind of object at a pointer of a document; None where data stands, or nothing.

    Beyond a reference it cannot be told; then it is `reference`.
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
    """The kind of the member of an object."""
    if kind == "callback":
        kind = "<path item>"
    if kind[0] in "[{<":
        return None if kind[0] == "<" and name.startswith("x-") else kind[1:-1]
    return _MEMBERS.get(kind, {}).get(name)


def leave(kind: Kind, path: tuple[str | int, ...]) -> tuple[Kind, tuple[str | int, ...]]:
    """The last object of OpenAPI on a path from one, and the rest of the path, where there is none."""
    for index, name in enumerate(path):
        below = _kind_of(kind, str(name))
        if below is None:
            return kind, path[index:]
        kind = below
    return kind, ()


def objects(node: Any, kind: Kind = "document", pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of OpenAPI below one, itself included, with its pointer."""
    return ((place, each) for _, place, each in _objects(node, kind, pointer))


def objects_of(value: Any, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a kind in a document, with its pointer."""
    return ((place, each) for found, place, each in _objects(value, "document", "") if found == kind)


def _objects(node: Any, kind: Kind, pointer: str) -> Iterator[tuple[Kind, str, dict[str, Any]]]:
    waiting = [(node, kind, pointer)]
    while waiting:
        node, kind, pointer = waiting.pop()
        if isinstance(node, dict):
            yield kind, pointer, node
        waiting += [(node[name], below, child(pointer, name)) for name, below in parts(kind, node)]
