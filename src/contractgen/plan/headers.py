"""The headers of a response: what each is called in Python, and what its values are."""

import re
from typing import Any

from contractgen.plan import Header, Writer
from contractgen.plan.names import Names, snake_case
from contractgen.plan.planning import Planning
from contractgen.runtime.pointers import child
from contractgen.schema.types import named_types

_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
# What the framework or the server sets: OpenAPI says to ignore the first, the others are computed.
_OWN = {"content-type", "content-length", "transfer-encoding", "connection"}
_KINDS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_FORMATS = {"uuid": "UUID", "date-time": "dt.datetime", "date": "dt.date"}
_SCALAR = "str | int | float | bool"


def is_token(name: str) -> bool:
    """Whether a name can be that of a header or a method (RFC 9110, section 5.6.2)."""
    return _NAME.fullmatch(name) is not None


def headers_of(planning: Planning, place: str) -> tuple[Header, ...]:
    """The headers of the response at a place, in the contract's order."""
    names = Names("header")
    return tuple(
        _header(planning, child(place, "headers", name), name, names)
        for name in planning.document.at(place).get("headers") or {}
        if name.lower() not in _OWN
    )


def _header(planning: Planning, place: str, name: str, names: Names) -> Header:
    node, pointer = planning.document.resolve(place)
    if not is_token(name):
        planning.refuse(place, f"{name!r} cannot be the name of a header")
    field = planning.named(names, place, name, snake_case(name))
    required = node.get("required", False)
    if "content" in node:
        media_type = next(iter(node["content"]), "").lower()
        is_json = "json" in media_type
        return Header(name, field, "object" if is_json else "str", "json" if is_json else "text", required)
    if "schema" in node:
        planning.check_schema(child(pointer, "schema"))
    schema = _resolved(planning, child(pointer, "schema")) if "schema" in node else {}
    if name.lower() == "set-cookie":
        return Header(name, field, "str | list[str]", "cookies", required)
    kind = _type(planning, schema, child(pointer, "schema"))
    writer = _writer(kind, explode=node.get("explode", False))
    target = planning.document.resolve(child(pointer, "schema"))[1] if "schema" in node else ""
    return Header(name, field, kind, writer, required, target)


def _writer(kind: str, *, explode: bool) -> Writer:
    if kind.startswith("Mapping"):
        return "exploded" if explode else "simple"
    return "text" if kind in ("str", "int") or kind.startswith("Literal['") else "simple"


def _type(planning: Planning, schema: dict[str, Any], pointer: str) -> str:
    """The Python type of the values of a schema; text, where they have no form of their own in a header."""
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        if values and all(isinstance(value, str | int) for value in values):
            return f"Literal[{', '.join(map(repr, values))}]"
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in schema:
            return _united(planning, pointer, schema, keyword)
    kinds = [each for each in named_types(schema) or ["string"] if each != "null"]
    if kinds == ["array"]:
        items = child(planning.document.resolve(pointer)[1], "items")
        item = _type(planning, _resolved(planning, items), items) if "items" in schema else "str"
        return f"list[{item if '[' not in item or item.startswith('Literal') else 'str'}]"
    if kinds == ["object"]:
        return f"Mapping[str, {_SCALAR}]"
    if kinds == ["string"]:
        return _FORMATS.get(str(schema.get("format")), "str")
    return " | ".join(_KINDS.get(kind, "str") for kind in kinds) or "str"


def _united(planning: Planning, pointer: str, schema: dict[str, Any], keyword: str) -> str:
    owner = planning.document.resolve(pointer)[1]
    places = [child(owner, keyword, index) for index in range(len(schema[keyword]))]
    kinds = dict.fromkeys(_type(planning, _resolved(planning, place), place) for place in places)
    if keyword == "allOf":
        return next((kind for kind in kinds if kind != "str"), "str")
    return " | ".join(kinds)


def _resolved(planning: Planning, place: str) -> dict[str, Any]:
    schema = planning.document.resolve(place)[0]
    return schema if isinstance(schema, dict) else {}
