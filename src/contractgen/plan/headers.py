"""The headers of a response: the Python name and type of each."""

import re
from itertools import chain
from typing import Any

from contractgen.plan.contract import Header, Writer
from contractgen.plan.header_types import STRING, EnumType, HeaderType, ListType, ObjectType, ScalarType
from contractgen.plan.names import Names, snake_case
from contractgen.plan.planning import Planning
from contractgen.schema.types import named_types
from contractgen_runtime.pointers import child

_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
# Headers that the framework or server sets: OpenAPI ignores the first, the others are computed.
_OWN = {"content-type", "content-length", "transfer-encoding", "connection"}
_SCALARS: dict[str, ScalarType] = {"integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS: dict[str, ScalarType] = {"uuid": "uuid", "date-time": "date-time", "date": "date"}
_ANY: HeaderType = ("any",)
_COOKIES: HeaderType = ("string", ListType(STRING))


def is_token(name: str) -> bool:
    """Return whether a name is valid for a header or method (RFC 9110, section 5.6.2)."""
    return _NAME.fullmatch(name) is not None


def headers_of(planning: Planning, place: str) -> tuple[Header, ...]:
    """Return the headers of the response at a pointer, in the order of the contract.

    What surrounds the routes sets those that are marked with `x-sent-by: server`; handlers do not.
    """
    names = Names("header")
    return tuple(
        _header(planning, child(place, "headers", name), name, names)
        for name in planning.document.at(place).get("headers") or {}
        if name.lower() not in _OWN
        and planning.document.resolve(child(place, "headers", name))[0].get("x-sent-by") != "server"
    )


def _header(planning: Planning, place: str, name: str, names: Names) -> Header:
    node, pointer = planning.document.resolve(place)
    if not is_token(name):
        planning.refuse(place, f"{name!r} is not a valid name of a header")
    field = planning.named(names, place, name, snake_case(name))
    required = node.get("required", False)
    if "content" in node:
        media_type = next(iter(node["content"]), "").lower()
        is_json = "json" in media_type
        return Header(name, field, _ANY if is_json else STRING, "json" if is_json else "text", required)
    schema = _resolved(planning, child(pointer, "schema")) if "schema" in node else {}
    if name.lower() == "set-cookie":
        return Header(name, field, _COOKIES, "cookies", required)
    header_type = _type(planning, schema, child(pointer, "schema"))
    writer = _writer(header_type, explode=node.get("explode", False))
    target = planning.document.resolve(child(pointer, "schema"))[1] if "schema" in node else ""
    return Header(name, field, header_type, writer, required, target)


def _writer(header_type: HeaderType, *, explode: bool) -> Writer:
    match header_type:
        case (ObjectType(), *_):
            return "exploded" if explode else "simple"
        case ("string",) | ("integer",) | (EnumType((str(), *_)), *_):
            return "text"
    return "simple"


def _type(planning: Planning, schema: dict[str, Any], pointer: str) -> HeaderType:
    """Return the type of the values of a schema; text if they have no other form in a header."""
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        if values and all(isinstance(value, str | int) for value in values):
            return (EnumType(tuple(values)),)
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in schema:
            return _united(planning, pointer, schema, keyword)
    names = [each for each in named_types(schema) or ["string"] if each != "null"]
    if names == ["array"]:
        items = child(planning.document.resolve(pointer)[1], "items")
        item = _type(planning, _resolved(planning, items), items) if "items" in schema else STRING
        return (ListType(item if _is_scalar(item) else STRING),)
    if names == ["object"]:
        return (ObjectType(),)
    if names == ["string"]:
        return (_FORMATS.get(str(schema.get("format")), "string"),)
    return tuple(_SCALARS.get(name, "string") for name in names) or STRING


def _is_scalar(header_type: HeaderType) -> bool:
    return isinstance(header_type[0], EnumType) or all(isinstance(each, str) for each in header_type)


def _united(planning: Planning, pointer: str, schema: dict[str, Any], keyword: str) -> HeaderType:
    owner = planning.document.resolve(pointer)[1]
    places = [child(owner, keyword, index) for index in range(len(schema[keyword]))]
    types = dict.fromkeys(_type(planning, _resolved(planning, place), place) for place in places)
    if keyword == "allOf":
        return next((each for each in types if each != STRING), STRING)
    return tuple(chain.from_iterable(types))


def _resolved(planning: Planning, place: str) -> dict[str, Any]:
    schema = planning.document.resolve(place)[0]
    return schema if isinstance(schema, dict) else {}
